"""What happened on an earlier day: who may say so, how far back, and that there was enough at every moment since."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.days import business_day, day_start
from catalog.models import Membership
from erp.core.errors import DomainError
from erp.inventory.models import PeriodClose, Posting, StockMovement
from erp.inventory.periods import check_open, closed_through
from erp.inventory.services import Line, post_movements, receive, reverse_posting, ship, transfer
from erp.inventory.services.backdating import retelling
from erp.inventory.services.periods import close_period, reopen_period
from erp.inventory.verify import verify_ledger
from tests.factories import UserFactory
from tests.inventory.conftest import Shop
from tests.inventory.racers import at_once


def ago(days: float) -> datetime:
    return timezone.now() - timedelta(days=days)


def sell(shop: Shop, quantity: int, days: float | None = None, **more: Any) -> Posting:
    heading = shop.heading(occurred_at=None if days is None else ago(days)) | more
    return ship(brand=shop.brand, location=shop.main, quantities={shop.shirts[0].pk: quantity}, **heading)


def refusal(action: Any) -> DomainError:
    before = Posting.objects.count(), StockMovement.objects.count()
    with pytest.raises(DomainError) as caught, transaction.atomic():
        action()
    assert (Posting.objects.count(), StockMovement.objects.count()) == before, "nothing half-saved"
    return caught.value


class TestWhoMay:
    @pytest.mark.parametrize("role", ["staff", "viewer"])
    def test_not_every_role(self, shop: Shop, role: str) -> None:
        shop.stock(shop.shirts[0], 5, occurred_at=ago(9))
        Membership.objects.update(role=role)
        error = refusal(lambda: sell(shop, 1, 3))
        assert (error.status, error.code) == (403, "backdating_not_allowed")
        assert [(p.field, p.code) for p in error.problems] == [("occurred_at", "backdating_not_allowed")]
        assert sell(shop, 1).pk, "today is free for all who move stock"

    def test_earlier_today_needs_no_right(self, shop: Shop) -> None:
        Membership.objects.update(role="staff")
        start = day_start(shop.brand, business_day(shop.brand))
        shop.stock(shop.shirts[0], 5, occurred_at=start)
        assert refusal(lambda: shop.stock(shop.shirts[0], 5, occurred_at=start - timedelta(microseconds=1)))

    def test_owners_and_superusers(self, shop: Shop) -> None:
        shop.stock(shop.shirts[0], 5, occurred_at=ago(9))
        sell(shop, 1, 3, actor=UserFactory(is_superuser=True))
        assert refusal(lambda: sell(shop, 1, 3, actor=UserFactory(is_auditor=True))).status == 403

    def test_a_repetition_is_answered_as_before(self, shop: Shop) -> None:
        moment = ago(9)
        first = receive(
            brand=shop.brand, location=shop.main, quantities={shop.shirts[0].pk: 5},
            **shop.heading(occurred_at=moment, idempotency_key="k"),
        )  # fmt: skip
        Membership.objects.update(role="staff")
        again = receive(
            brand=shop.brand, location=shop.main, quantities={shop.shirts[0].pk: 5},
            **shop.heading(occurred_at=moment, idempotency_key="k"),
        )  # fmt: skip
        assert again.pk == first.pk and again.replayed

    def test_a_story_is_retold_without_the_right(self, shop: Shop) -> None:
        Membership.objects.update(role="staff")
        with retelling():
            shop.stock(shop.shirts[0], 5, occurred_at=ago(9))
        assert refusal(lambda: sell(shop, 1, 3)).status == 403


class TestItIsRecordedAsSuch:
    def test_both_times_are_kept(self, shop: Shop) -> None:
        moment = ago(9)
        shop.stock(shop.shirts[0], 5, occurred_at=moment)
        movement = StockMovement.objects.get()
        assert movement.occurred_at == moment
        assert timezone.now() - movement.recorded_at < timedelta(minutes=1)

    def test_a_clock_that_runs_ahead_means_now(self, shop: Shop) -> None:
        shop.stock(shop.shirts[0], 5, occurred_at=timezone.now() + timedelta(minutes=20))
        movement = StockMovement.objects.get()
        assert movement.occurred_at == movement.recorded_at

    def test_running_balances_are_those_of_the_recording_order(self, shop: Shop) -> None:
        shop.stock(shop.shirts[0], 5, occurred_at=ago(9))
        sell(shop, 2)
        sell(shop, 1, 5)
        rows = StockMovement.objects.order_by("pk").values_list("source_balance", "destination_balance")
        assert list(rows) == [(None, 5), (3, None), (2, None)]
        assert verify_ledger() == []


class TestNeverBelowZeroAtAnyMoment:
    def test_there_was_nothing_yet(self, shop: Shop) -> None:
        shop.stock(shop.shirts[0], 5, occurred_at=ago(3))
        error = refusal(lambda: sell(shop, 2, 4))
        [problem] = error.problems
        assert (problem.code, problem.field, problem.line) == ("insufficient_stock_then", "quantity", 1)
        assert "2" in problem.message and shop.shirts[0].sku in problem.message
        assert sell(shop, 2, 2).pk

    def test_it_was_all_gone_in_between(self, shop: Shop) -> None:
        """10 came, 8 went a week later, 10 more came yesterday: on no day between were there 3 to take."""
        shop.stock(shop.shirts[0], 10, occurred_at=ago(20))
        sell(shop, 8, 10)
        shop.stock(shop.shirts[0], 10, occurred_at=ago(1))
        error = refusal(lambda: sell(shop, 3, 15))
        local = timezone.localtime(ago(10))
        assert f"{local.year}" in error.problems[0].message and f"{local.day}" in error.problems[0].message
        assert sell(shop, 2, 15).pk
        assert refusal(lambda: sell(shop, 1, 15))
        assert sell(shop, 10).pk

    def test_what_is_there_now_does_not_help(self, shop: Shop) -> None:
        shop.stock(shop.shirts[0], 100)
        assert refusal(lambda: sell(shop, 1, 2)).code == "insufficient_stock_then"

    def test_what_was_there_then_is_of_no_use_when_it_is_gone(self, shop: Shop) -> None:
        shop.stock(shop.shirts[0], 5, occurred_at=ago(9))
        sell(shop, 5, 1)
        assert refusal(lambda: sell(shop, 1, 5)).code == "insufficient_stock"

    def test_each_line_that_is_short_is_named(self, shop: Shop) -> None:
        first, second, third = shop.shirts
        for shirt in shop.shirts:
            shop.stock(shirt, 5, occurred_at=ago(3))
        shop.stock(second, 5, occurred_at=ago(9))
        lines = [
            Line(first.pk, 1, shop.main.pk, "customer"),
            Line(second.pk, 3, shop.main.pk, "customer"),
            Line(second.pk, 3, shop.main.pk, shop.shop.pk),
            Line(third.pk, 1, shop.main.pk, "customer"),
        ]
        error = refusal(
            lambda: post_movements(brand=shop.brand, kind="adjustment", lines=lines, **shop.heading(occurred_at=ago(5)))
        )
        # The transfer is taken first, as always; then the sale finds too few.
        assert [(p.line, p.code) for p in error.problems] == [
            (1, "insufficient_stock_then"), (2, "insufficient_stock_then"), (4, "insufficient_stock_then"),
        ]  # fmt: skip

    def test_goods_that_come_and_go_at_once(self, shop: Shop) -> None:
        lines = [
            Line(shop.shirts[0].pk, 4, shop.main.pk, "customer"),
            Line(shop.shirts[0].pk, 4, "supplier", shop.main.pk),
        ]
        posting = post_movements(brand=shop.brand, kind="adjustment", lines=lines, **shop.heading(occurred_at=ago(5)))
        assert posting.pk
        assert shop.on_hand(shop.shirts[0]) == 0

    def test_a_transfer_of_the_past_counts_where_it_came_from(self, shop: Shop) -> None:
        shop.stock(shop.shirts[0], 5, occurred_at=ago(9))
        move = {shop.shirts[0].pk: 5}
        heading = {"brand": shop.brand, "source": shop.main, "destination": shop.shop, "quantities": move}
        assert refusal(lambda: transfer(**heading, **shop.heading(occurred_at=ago(10))))
        transfer(**heading, **shop.heading(occurred_at=ago(4)))
        assert refusal(lambda: sell(shop, 1, 6)).code == "insufficient_stock"

    def test_it_costs_one_query_more(self, shop: Shop, django_assert_max_num_queries: Any) -> None:
        shop.stock(shop.shirts[0], 50, occurred_at=ago(9))
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as now:
            sell(shop, 1)
        with CaptureQueriesContext(connection) as then:
            sell(shop, 1, 3)
        # The right, the closed periods, what happened since.
        assert len(then) == len(now) + 3


class TestClosedPeriods:
    def close(self, shop: Shop, days: int, **more: Any) -> PeriodClose:
        through = business_day(shop.brand) - timedelta(days=days)
        return close_period(brand=shop.brand, through=through, actor=shop.actor, **more)

    def test_nothing_is_entered_into_one(self, shop: Shop) -> None:
        shop.stock(shop.shirts[0], 10, occurred_at=ago(30))
        closed = self.close(shop, 5)
        assert closed_through(shop.brand) == closed.through
        error = refusal(lambda: sell(shop, 1, 6.5))
        assert (error.status, error.code, error.problems[0].field) == (409, "period_closed", "occurred_at")
        edge = day_start(shop.brand, closed.through + timedelta(days=1))
        assert refusal(lambda: sell(shop, 1, None, occurred_at=edge - timedelta(microseconds=1)))
        assert sell(shop, 1, None, occurred_at=edge).pk
        with retelling():
            assert refusal(lambda: sell(shop, 1, 6.5)).code == "period_closed"
        with pytest.raises(DomainError):
            check_open(shop.brand, ago(6.5))
        check_open(shop.brand, timezone.now())

    def test_a_mistake_in_one_is_reversed_now(self, shop: Shop) -> None:
        moment = ago(30)
        posting = receive(
            brand=shop.brand, location=shop.main, quantities={shop.shirts[0].pk: 5},
            **shop.heading(occurred_at=moment),
        )  # fmt: skip
        self.close(shop, 5)
        reversal = reverse_posting(posting=posting, **shop.heading())
        assert reversal.occurred_at == reversal.recorded_at
        assert verify_ledger() == []

    def test_days_that_are_not_over_stay_open(self, shop: Shop) -> None:
        for days in (0, -1):
            error = refusal(lambda: self.close(shop, days))  # noqa: B023
            assert error.code == "period_not_over"
        assert refusal(lambda: close_period(brand=shop.brand, through=date(1999, 1, 1), actor=shop.actor))
        assert not PeriodClose.objects.exists()

    def test_it_is_closed_further_and_opened_with_a_reason(self, shop: Shop) -> None:
        shop.stock(shop.shirts[0], 10, occurred_at=ago(30))
        first = self.close(shop, 9)
        assert refusal(lambda: self.close(shop, 9)).code == "already_closed"
        assert refusal(lambda: self.close(shop, 12)).code == "already_closed"
        self.close(shop, 5)
        reopen = {"brand": shop.brand, "actor": shop.actor}
        assert refusal(lambda: reopen_period(through=first.through, reason=" ", **reopen)).code == "reason_missing"
        assert (
            refusal(lambda: reopen_period(through=business_day(shop.brand), reason="x", **reopen)).code == "not_closed"
        )
        reopen_period(through=first.through, reason="A receipt was forgotten", **reopen)
        assert sell(shop, 1, 7).pk
        assert refusal(lambda: sell(shop, 1, 12)).code == "period_closed"
        reopen_period(through=None, reason="All of it", **reopen)
        assert closed_through(shop.brand) is None
        assert sell(shop, 1, 12).pk
        assert refusal(lambda: reopen_period(through=None, reason="x", **reopen)).code == "not_closed"
        assert PeriodClose.objects.count() == 4

    def test_the_database_keeps_every_close(self, shop: Shop) -> None:
        self.close(shop, 5)
        with pytest.raises(IntegrityError), transaction.atomic():
            PeriodClose.objects.update(through=None)
        with pytest.raises(IntegrityError), transaction.atomic():
            PeriodClose.objects.all().delete()

    def test_another_brand_is_not_closed(self, shop: Shop) -> None:
        from tests.inventory.conftest import make_shop

        self.close(shop, 5)
        other = make_shop()
        other.stock(other.shirts[0], 1, occurred_at=ago(30))


def minimum_by_occurrence() -> int:
    """The least that was ever anywhere of ours, by the time things happened."""
    least, there = 0, {}
    legs = []
    for m in StockMovement.objects.select_related("source", "destination"):
        for place, delta in ((m.source, -m.quantity), (m.destination, m.quantity)):
            if place.is_internal:
                legs.append((m.occurred_at, m.variant_id, place.pk, delta))
    moments: dict[Any, int] = {}
    for when, variant, place, delta in legs:
        moments[when, variant, place] = moments.get((when, variant, place), 0) + delta
    for (_when, variant, place), delta in sorted(moments.items()):
        there[variant, place] = there.get((variant, place), 0) + delta
        least = min(least, there[variant, place])
    return least


MOVES = st.lists(
    st.tuples(
        st.sampled_from(["receive", "ship", "transfer", "back", "reverse"]),
        st.integers(1, 6),
        st.one_of(st.none(), st.integers(0, 12)),
    ),
    min_size=3,
    max_size=14,
)


@given(moves=MOVES)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_entered_in_whatever_order(shop: Shop, moves: list[tuple[str, int, int | None]]) -> None:
    """A refused posting would have gone below zero, and none that was taken does."""
    with transaction.atomic():
        postings: list[Posting] = []
        for what, quantity, days in moves:
            heading = shop.heading(occurred_at=None if days is None else ago(days))
            quantities = {shop.shirts[0].pk: quantity}
            places = [shop.main, shop.shop] if what == "transfer" else [shop.shop, shop.main]
            try:
                with transaction.atomic():
                    if what in ("receive", "ship"):
                        act = receive if what == "receive" else ship
                        postings.append(act(brand=shop.brand, location=shop.main, quantities=quantities, **heading))
                    elif what == "reverse":
                        reverse_posting(posting=postings[quantity % len(postings)], **shop.heading())
                    else:
                        postings.append(
                            transfer(
                                brand=shop.brand, source=places[0], destination=places[1], quantities=quantities,
                                **heading,
                            )
                        )  # fmt: skip
            except (DomainError, ZeroDivisionError):
                continue
            assert minimum_by_occurrence() >= 0
        assert verify_ledger() == []
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
class TestRaces:
    pytestmark = pytest.mark.postgres

    def test_closing_and_back_dating_at_once(self, live_shop: Shop) -> None:
        """Either the movement was there before the period closed, or it is refused."""
        shop = live_shop
        shop.stock(shop.shirts[0], 500, occurred_at=ago(60))
        for days in range(40, 20, -1):
            through = business_day(shop.brand) - timedelta(days=days)
            moment = day_start(shop.brand, through) + timedelta(hours=2)
            actions = [
                lambda: close_period(brand=shop.brand, through=through, actor=shop.actor),  # noqa: B023
                *[lambda: sell(shop, 1, None, occurred_at=moment) for _n in range(3)],  # noqa: B023
            ]
            closed, *sales = at_once(actions)
            assert isinstance(closed, PeriodClose)
            for sale in sales:
                if isinstance(sale, DomainError):
                    assert sale.code == "period_closed"
            late = StockMovement.objects.filter(occurred_at=moment, recorded_at__gt=closed.recorded_at)
            # Whoever came first held the places until its end: nothing lands in a period that is closed already.
            assert not late.filter(pk__gt=_newest_before(closed)).exists()

    def test_two_sales_of_the_past_share_what_was_there(self, live_shop: Shop) -> None:
        shop = live_shop
        shop.stock(shop.shirts[0], 3, occurred_at=ago(9))
        sell(shop, 2, 5)
        shop.stock(shop.shirts[0], 50)
        answers = at_once([lambda: sell(shop, 1, 7) for _n in range(4)])
        assert sorted(isinstance(answer, Posting) for answer in answers) == [False, False, False, True]
        assert minimum_by_occurrence() == 0

    def test_two_owners_close_at_once(self, live_shop: Shop) -> None:
        shop = live_shop
        through = business_day(shop.brand) - timedelta(days=5)
        answers = at_once([lambda: close_period(brand=shop.brand, through=through, actor=shop.actor)] * 3)
        assert sorted(getattr(answer, "code", "") for answer in answers) == ["", "already_closed", "already_closed"]
        assert PeriodClose.objects.count() == 1


def _newest_before(closed: PeriodClose) -> int:
    """The last movement that was recorded before a period was closed."""
    rows = StockMovement.objects.filter(recorded_at__lte=closed.recorded_at).order_by("-pk")
    return rows.values_list("pk", flat=True).first() or 0


def test_the_day_a_ledger_begins(shop: Shop) -> None:
    shop.stock(shop.shirts[0], 1, occurred_at=datetime(2001, 1, 1, tzinfo=UTC))
    assert StockMovement.objects.get().occurred_at.year == 2001
