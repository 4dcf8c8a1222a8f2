"""One door: all or none, every refused line named, the same key twice is one posting."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from erp.core.errors import DomainError
from erp.inventory.models import Balance, Posting, StockMovement
from erp.inventory.services import MAX_LINES, MAX_QUANTITY, Line, post_movements, receive, ship
from erp.inventory.sql.locks import MAX_ON_HAND
from erp.inventory.verify import verify_ledger
from tests.factories import LocationFactory, UserFactory, VariantFactory
from tests.inventory.conftest import Shop, make_shop


def post(shop: Shop, *lines: Line, kind: str = "adjustment", **heading: Any) -> Posting:
    return post_movements(brand=shop.brand, kind=kind, lines=lines, **shop.heading(**heading))


def refusal(shop: Shop, *lines: Line, **heading: Any) -> DomainError:
    """Posts what must be refused, and sees that nothing changed."""
    before = StockMovement.objects.count(), list(Balance.objects.order_by("pk").values_list("on_hand", "reserved"))
    with pytest.raises(DomainError) as caught:
        post(shop, *lines, **heading)
    after = StockMovement.objects.count(), list(Balance.objects.order_by("pk").values_list("on_hand", "reserved"))
    assert after == before
    assert not Posting.objects.filter(kind="adjustment").exists()
    return caught.value


@pytest.fixture
def ins(shop: Shop) -> int:
    return shop.virtual("supplier").pk


@pytest.fixture
def outs(shop: Shop) -> int:
    return shop.virtual("customer").pk


def test_a_posting_writes_movements_with_running_balances(shop: Shop, ins: int, outs: int) -> None:
    shirt = shop.shirts[0].pk
    moment = timezone.now() - timedelta(hours=3)
    posting = post(
        shop,
        Line(shirt, 5, ins, shop.main.pk, reference="box 1"),
        Line(shirt, 2, shop.main.pk, shop.shop.pk, note="for the window"),
        Line(shirt, 1, shop.shop.pk, outs),
        note="all at once",
        reference="PO-7",
        occurred_at=moment,
    )
    rows = posting.movements.order_by("pk")
    assert [(m.quantity, m.source_balance, m.destination_balance) for m in rows] == [
        (5, None, 5),
        (2, 3, 2),
        (1, 1, None),
    ]
    assert {(m.brand_id, m.actor_id, m.kind, m.occurred_at) for m in rows} == {
        (shop.brand.pk, shop.actor.pk, "adjustment", moment)
    }
    assert [(m.reference, m.note) for m in rows] == [("box 1", ""), ("", "for the window"), ("", "")]
    stored = Posting.objects.get(pk=posting.pk)
    assert (stored.public_id, stored.note, stored.reference) == (posting.public_id, "all at once", "PO-7")
    assert shop.on_hand(shop.shirts[0]) == 3
    assert verify_ledger() == []


def test_arrivals_of_a_posting_count_before_its_departures(shop: Shop, ins: int, outs: int) -> None:
    shirt = shop.shirts[0].pk
    posting = post(shop, Line(shirt, 4, shop.main.pk, outs), Line(shirt, 6, ins, shop.main.pk))
    assert [m.source_balance or m.destination_balance for m in posting.movements.order_by("pk")] == [6, 2]
    assert verify_ledger() == []


def test_goods_cannot_go_round_in_a_circle_from_nothing(shop: Shop) -> None:
    shirt = shop.shirts[0].pk
    error = refusal(shop, Line(shirt, 5, shop.main.pk, shop.shop.pk), Line(shirt, 5, shop.shop.pk, shop.main.pk))
    assert error.code == "insufficient_stock"


def test_every_refused_line_is_named_at_once(shop: Shop, ins: int, outs: int) -> None:
    shop.stock(shop.shirts[0], 3)
    shirt, main = shop.shirts[0].pk, shop.main.pk
    stranger = VariantFactory()
    closed = LocationFactory(brand=shop.brand, is_active=False)
    foreign = LocationFactory()
    error = refusal(
        shop,
        Line(10**9, 1, ins, main),
        Line(stranger.pk, 1, ins, main),
        Line(shirt, 0, ins, main),
        Line(shirt, -4, ins, main),
        Line(shirt, "3", ins, main),  # type: ignore[arg-type]
        Line(shirt, 1.5, ins, main),  # type: ignore[arg-type]
        Line(shirt, True, ins, main),
        Line(shirt, 10**12, ins, main),
        Line(shirt, 1, main, main),
        Line(shirt, 1, ins, closed.pk),
        Line(shirt, 1, foreign.pk, main),
        Line(shirt, 1, ins, 10**30),
        Line(shirt, 6, main, outs),
        Line(shirt, 1, ins, main, note="x" * 201),
        Line(shirt, 1, ins, main, reference="a\0b"),
        Line(shirt, 1, ins, main),
        Line(shirt, 5, main, outs, line=70),
    )
    assert [(p.line, p.code) for p in error.problems] == [
        (1, "unknown_variant"),
        (2, "unknown_variant"),
        *((n, "invalid_quantity") for n in range(3, 9)),
        (9, "same_location"),
        (10, "closed_location"),
        (11, "unknown_location"),
        (12, "unknown_location"),
        (13, "insufficient_stock"),
        (14, "too_long"),
        (15, "invalid_text"),
        (70, "insufficient_stock"),
    ]
    assert error.code == "lines_refused"


def test_another_brands_variant_reads_like_one_that_never_was(shop: Shop, ins: int) -> None:
    line = {"quantity": 1, "source_id": ins, "destination_id": shop.main.pk}
    unknown = refusal(shop, Line(variant_id=10**9, **line)).problems[0]
    foreign = refusal(shop, Line(variant_id=VariantFactory().pk, **line)).problems[0]
    assert unknown == foreign


def test_a_shortage_says_how_many_there_are(shop: Shop, outs: int) -> None:
    shop.stock(shop.shirts[0], 3)
    error = refusal(
        shop, Line(shop.shirts[0].pk, 5, shop.main.pk, outs), Line(shop.shirts[1].pk, 1, shop.main.pk, outs)
    )
    assert error.code == "insufficient_stock"
    first, second = (str(problem.message) for problem in error.problems)
    assert shop.shirts[0].sku in first
    assert shop.main.name in first
    assert "5" in first
    assert "3" in first
    assert "2" in first
    assert "0" in second


def test_lines_of_one_variant_draw_on_the_same_stock(shop: Shop, outs: int) -> None:
    shop.stock(shop.shirts[0], 3)
    lines = [Line(shop.shirts[0].pk, 2, shop.main.pk, outs), Line(shop.shirts[0].pk, 2, shop.main.pk, outs)]
    assert [p.line for p in refusal(shop, *lines).problems] == [2]


def test_reserved_pieces_are_not_there_to_go(shop: Shop, outs: int) -> None:
    shop.stock(shop.shirts[0], 5)
    shop.reserve(shop.shirts[0], 4)
    error = refusal(shop, Line(shop.shirts[0].pk, 2, shop.main.pk, outs))
    assert "4" in str(error.problems[0].message)
    post(shop, Line(shop.shirts[0].pk, 1, shop.main.pk, outs))
    assert shop.on_hand(shop.shirts[0]) == 4


def test_a_balance_cannot_overflow(shop: Shop, ins: int) -> None:
    shop.stock(shop.shirts[0], 1)
    Balance.objects.update(on_hand=MAX_ON_HAND)
    with pytest.raises(DomainError) as caught:
        post(shop, Line(shop.shirts[0].pk, 1, ins, shop.main.pk))
    assert [p.code for p in caught.value.problems] == ["balance_too_large"]


@pytest.mark.parametrize("wrong", [{"on_hand": -1}, {"reserved": -1}, {"reserved": 2}])
def test_the_check_of_the_database_is_the_last_guard(shop: Shop, wrong: dict[str, int]) -> None:
    shop.stock(shop.shirts[0], 1)
    with pytest.raises(IntegrityError, match="reserved_within_on_hand"), transaction.atomic():
        Balance.objects.update(**wrong)


@pytest.mark.parametrize(
    ("heading", "code"),
    [
        ({"idempotency_key": ""}, "invalid_key"),
        ({"idempotency_key": "k" * 81}, "invalid_key"),
        ({"idempotency_key": "a\0b"}, "invalid_key"),
        ({"kind": "magic"}, "unknown_kind"),
        ({"note": "x" * 201}, "too_long"),
        ({"reference": "\ud800"}, "invalid_text"),
        ({"occurred_at": timezone.now() + timedelta(days=40)}, "in_the_future"),
        ({"occurred_at": datetime(1, 1, 1, tzinfo=UTC)}, "too_long_ago"),
        ({"occurred_at": datetime(1999, 12, 31, 14, 59, tzinfo=UTC)}, "too_long_ago"),  # in Seoul one minute to 2000
    ],
)
def test_a_heading_is_checked_too(shop: Shop, ins: int, heading: dict[str, Any], code: str) -> None:
    error = refusal(shop, Line(shop.shirts[0].pk, 1, ins, shop.main.pk), **heading)
    assert [(error.code, p.code, p.line) for p in error.problems] == [(code, code, None)]


def test_a_bad_heading_hides_no_bad_line(shop: Shop, ins: int) -> None:
    lines = [Line(shop.shirts[0].pk, 0, ins, shop.main.pk), Line(shop.shirts[0].pk, 1, ins, shop.main.pk)]
    error = refusal(shop, *lines, Line(10**9, 1, "supplier", shop.main.pk), kind="magic", note="x" * 201)
    assert [(p.line, p.code) for p in error.problems] == [
        (None, "too_long"),
        (None, "unknown_kind"),
        (1, "invalid_quantity"),
        (3, "unknown_variant"),
    ]


def test_the_first_moment_that_can_be_entered(shop: Shop, ins: int) -> None:
    moment = datetime(1999, 12, 31, 15, tzinfo=UTC)  # midnight in Seoul
    posting = post(shop, Line(shop.shirts[0].pk, 1, ins, shop.main.pk), occurred_at=moment)
    assert posting.movements.get().occurred_at == moment


def test_nothing_and_too_much_are_refused(shop: Shop, ins: int) -> None:
    assert refusal(shop).code == "no_lines"
    line = Line(shop.shirts[0].pk, 1, ins, shop.main.pk)
    assert refusal(shop, *[line] * (MAX_LINES + 1)).code == "too_many_lines"


def test_the_largest_quantity_is_accepted(shop: Shop, ins: int) -> None:
    post(shop, Line(shop.shirts[0].pk, MAX_QUANTITY, ins, shop.main.pk))
    assert shop.on_hand(shop.shirts[0]) == MAX_QUANTITY


class TestIdempotency:
    def test_the_same_key_and_content_is_one_posting(self, shop: Shop) -> None:
        heading = shop.heading(note="morning")
        quantities = {shop.shirts[0].pk: 4}
        first = receive(brand=shop.brand, location=shop.main, quantities=quantities, **heading)
        again = receive(brand=shop.brand, location=shop.main, quantities=quantities, **heading)
        assert again.pk == first.pk
        assert again.public_id == first.public_id
        assert (first.replayed, again.replayed) == (False, True)
        assert shop.on_hand(shop.shirts[0]) == 4

    def test_a_repetition_is_answered_even_when_it_could_not_be_posted_now(self, shop: Shop) -> None:
        shop.stock(shop.shirts[0], 2)
        heading = shop.heading()
        first = ship(brand=shop.brand, location=shop.main, quantities={shop.shirts[0].pk: 2}, **heading)
        shop.main.is_active = False
        shop.main.save()
        assert ship(brand=shop.brand, location=shop.main, quantities={shop.shirts[0].pk: 2}, **heading).pk == first.pk

    @pytest.mark.parametrize("change", ["quantity", "note", "kind", "actor"])
    def test_the_same_key_with_other_content_is_a_conflict(self, shop: Shop, change: str) -> None:
        shop.stock(shop.shirts[0], 9)
        heading = shop.heading(note="a")
        receive(brand=shop.brand, location=shop.main, quantities={shop.shirts[0].pk: 4}, **heading)
        operation = ship if change == "kind" else receive
        if change in ("note", "actor"):
            heading[change] = {"note": "b", "actor": UserFactory()}[change]
        quantities = {shop.shirts[0].pk: 5 if change == "quantity" else 4}
        with pytest.raises(DomainError) as caught:
            operation(brand=shop.brand, location=shop.main, quantities=quantities, **heading)
        assert (caught.value.code, caught.value.status) == ("idempotency_conflict", 409)
        assert shop.on_hand(shop.shirts[0]) == 13

    def test_a_refused_posting_leaves_its_key_free(self, shop: Shop) -> None:
        heading = shop.heading()
        with pytest.raises(DomainError):
            ship(brand=shop.brand, location=shop.main, quantities={shop.shirts[0].pk: 1}, **heading)
        shop.stock(shop.shirts[0], 1)
        ship(brand=shop.brand, location=shop.main, quantities={shop.shirts[0].pk: 1}, **heading)
        assert shop.on_hand(shop.shirts[0]) == 0

    def test_brands_do_not_share_keys(self, shop: Shop) -> None:
        other = make_shop()
        for each in (shop, other):
            receive(
                brand=each.brand, location=each.main, quantities={each.shirts[0].pk: 1},
                actor=each.actor, idempotency_key="one",
            )  # fmt: skip
            assert each.on_hand(each.shirts[0]) == 1
