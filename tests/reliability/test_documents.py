"""A storm of every paper there is: the books are proved at each step, and taking everything back leads to the start."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from catalog.days import business_day
from erp.core.errors import DomainError
from erp.counting.models import StockCount
from erp.counting.services.entries import Entry as Counted
from erp.counting.services.entries import add_entries
from erp.counting.services.posting import post_count
from erp.counting.services.starting import create_count, start_review
from erp.inventory.models import Balance, MovementKind, Posting, Reservation, StockMovement
from erp.inventory.services import reverse_posting
from erp.inventory.verify import verify_ledger
from erp.trade.models import Account, Order, OrderLine, Partner, ShipmentLine
from erp.trade.services import consignment, orders, purchases, returns, samples
from erp.trade.services.accounts import record_payment
from erp.trade.verify import verify_accounts
from tests.inventory.conftest import Shop, make_shop
from tests.reliability.way_back import WayBack

VARIANTS = st.integers(0, 2)
QUANTITIES = st.dictionaries(VARIANTS, st.integers(1, 5), min_size=1, max_size=3)
PICK = st.integers(0, 10_000)
PRICE = Decimal(10_000)
COUNTS = ("reserved", "shipped", "cancelled", "billed", "returned")
PAID = st.sampled_from([0, 9_000])
SHORTAGES = st.sampled_from(["", "owed", "wait", "cancel"])
# What a step may answer to somebody who asks for too much or comes too late.
FINE = {
    "insufficient_stock", "not_open", "not_a_draft", "nothing_to_ship", "nothing_to_cancel", "wrong_state", "closed",
    "no_goods", "over_delivery", "not_held", "already_reversed", "belongs_to_paper", "too_many_returned", "taken_back",
    "lines_refused", "is_a_reversal", "below_reserved", "went_on", "not_out", "nothing_returned", "paid_back_too_much",
    "other_order", "has_come",
}  # fmt: skip


class Papers(WayBack, RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.shop: Shop = make_shop()
        self.buyer = Partner.objects.create(brand=self.shop.brand, name="동대문 24", is_buyer=True)
        self.factory = Partner.objects.create(brand=self.shop.brand, name="창신 공장", is_supplier=True)
        self.papers: dict[str, list[Any]] = {
            name: [] for name in ("purchase", "delivery", "order", "note", "loan", "event", "sale", "payment")
        }

    def teardown(self) -> None:
        try:
            self.take_everything_back()
        finally:
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)

    # ---- helpers ----
    def by_pk(self, quantities: dict[int, int]) -> dict[int, int]:
        return {self.shop.shirts[n].pk: quantity for n, quantity in quantities.items()}

    def one(self, kind: str, pick: int) -> Any:
        rows = self.papers[kind]
        return rows[pick % len(rows)] if rows else None

    def attempt(self, action: Callable[[], Any], kind: str = "") -> Any:
        """A step that may be refused, but then changes nothing; what it makes is kept under `kind`."""
        before = self.state()
        try:
            with transaction.atomic():
                made = action()
        except DomainError as error:
            if not FINE & {error.code, *(problem.code for problem in error.problems)}:
                raise
            made = None
        if made is None:
            assert self.state() == before
            return None
        if kind:
            self.papers[kind].append(made)
        return made

    def state(self) -> list[Any]:
        return [
            list(Balance.objects.order_by("pk").values_list("pk", "on_hand", "reserved")),
            StockMovement.objects.count(),
            list(Account.objects.order_by("pk").values_list("balance", flat=True)),
            list(
                OrderLine.objects.order_by("pk").values_list("reserved", "shipped", "cancelled", "billed", "returned")
            ),
        ]

    def priced(self, quantities: dict[int, int]) -> dict[int, Decimal]:
        return dict.fromkeys(self.by_pk(quantities), PRICE)

    # ---- buying ----
    @initialize(quantities=st.dictionaries(VARIANTS, st.integers(5, 12), min_size=2))
    def begin(self, quantities: dict[int, int]) -> None:
        self.order_from_factory(quantities)
        self.receive(quantities, 0)

    @rule(quantities=QUANTITIES)
    def order_from_factory(self, quantities: dict[int, int]) -> None:
        entries = [purchases.PurchaseEntry(pk, n, Decimal(4000 + n)) for pk, n in self.by_pk(quantities).items()]
        heading = purchases.PurchaseHeading(self.factory, self.shop.main, "KRW")
        made = self.attempt(
            lambda: purchases.create_purchase(
                brand=self.shop.brand, heading=heading, entries=entries, **self.heading()
            ),
            "purchase",
        )
        self.attempt(lambda: purchases.order_purchase(order=made))

    @rule(quantities=QUANTITIES, pick=PICK)
    def receive(self, quantities: dict[int, int], pick: int) -> None:
        if order := self.one("purchase", pick):
            arrivals = [purchases.Arrival(pk, n) for pk, n in self.by_pk(quantities).items()]
            self.attempt(
                lambda: purchases.receive_delivery(
                    order=order, arrivals=arrivals, allow_over=bool(pick % 2), **self.heading()
                ),
                "delivery",
            )

    @rule(pick=PICK)
    def take_delivery_back(self, pick: int) -> None:
        if delivery := self.one("delivery", pick):
            self.attempt(lambda: purchases.take_back_delivery(delivery=delivery, actor=self.shop.actor))

    # ---- selling ----
    @rule(quantities=QUANTITIES, retail=st.booleans(), partial=st.booleans(), hours=st.sampled_from([None, 1]))
    def take_order(self, quantities: dict[int, int], retail: bool, partial: bool, hours: int | None) -> None:
        entries = [orders.Entry(n, variant_id=pk, unit_price=PRICE) for pk, n in self.by_pk(quantities).items()]
        more = {"channel": "online"} if retail else {"buyer": self.buyer}
        if retail and hours:
            more["expires_at"] = timezone.now() + timedelta(hours=hours)
        self.attempt(
            lambda: orders.take_order(
                brand=self.shop.brand, entries=entries, partial=partial, location=self.shop.main,
                **more, **self.heading(),
            ),
            "order",
        )  # fmt: skip

    @rule(
        quantities=QUANTITIES,
        shortage=st.sampled_from(["", "owed", "wait", "cancel"]),
        paid=st.sampled_from([0, 9_000]),
    )
    def sell_now(self, quantities: dict[int, int], shortage: str, paid: int) -> None:
        entries = [orders.Entry(n, variant_id=pk, unit_price=PRICE) for pk, n in self.by_pk(quantities).items()]
        self.attempt(
            lambda: orders.sell_now(
                brand=self.shop.brand, entries=entries, shortage=shortage, paid=Decimal(paid), buyer=self.buyer,
                location=self.shop.main, **self.heading(),
            ),
            "order",
        )  # fmt: skip

    @rule(pick=PICK, share=st.sampled_from([0.5, 1]), shortage=st.sampled_from(["", "owed", "cancel"]))
    def ship_order(self, pick: int, share: float, shortage: str) -> None:
        order = self.one("order", pick)
        if order is None:
            return
        lines = list(order.lines.all())
        quantities = {line.pk: int(line.reserved * share) for line in lines}
        owed = {line.pk: shortage for line in lines} if shortage and order.buyer_id else {}
        self.attempt(lambda: orders.ship_order(order=order, quantities=quantities, shortages=owed, **self.heading()))

    @rule(pick=PICK)
    def reserve_what_waits(self, pick: int) -> None:
        if order := self.one("order", pick):
            self.attempt(lambda: orders.reserve_waiting(order=order, **self.heading()))

    @rule(pick=PICK, one_line=st.booleans())
    def cancel_order(self, pick: int, one_line: bool) -> None:
        if order := self.one("order", pick):
            first = order.lines.order_by("pk").first()
            some = {first.pk: 1} if one_line and first.open else None
            self.attempt(lambda: orders.cancel_order(order=order, quantities=some, **self.heading()))

    @rule()
    def time_passes(self) -> None:
        """More than an hour of it: every hold that is not paid for runs out."""
        over = timezone.now() - timedelta(seconds=1)
        Order.objects.filter(expires_at__isnull=False).update(expires_at=over)
        orders.expire_orders()

    @rule(amount=st.integers(1, 50_000))
    def pay(self, amount: int) -> None:
        self.attempt(
            lambda: record_payment(partner=self.buyer, amount=Decimal(amount), method="cash", **self.heading()),
            "payment",
        )

    # ---- what comes back, and what is lent ----
    @rule(quantities=QUANTITIES, kind=st.sampled_from(["sellable", "defective"]), pick=PICK, exchange=st.booleans())
    def come_back(self, quantities: dict[int, int], kind: str, pick: int, exchange: bool) -> None:
        order = self.one("order", pick) if pick % 2 else None
        place = self.shop.main if kind == "sellable" else self.shop.virtual("defective")
        shirts = self.shop.shirts
        entries = [returns.ReturnEntry(shirts[n], kind, quantity, place, PRICE) for n, quantity in quantities.items()]
        if exchange:
            entries.append(returns.ReturnEntry(shirts[pick % 3], "sent", 1, self.shop.main, PRICE))
        buyer = order.buyer if order else self.buyer
        difference = sum((entry.amount for entry in entries), Decimal(0))
        self.attempt(
            lambda: returns.create_return(
                brand=self.shop.brand, entries=entries, order=order, buyer=buyer,
                paid=Decimal(0) if buyer else difference, **self.heading(),
            ),
            "note",
        )  # fmt: skip

    @rule(pick=PICK)
    def take_return_back(self, pick: int) -> None:
        if note := self.one("note", pick):
            self.attempt(lambda: returns.take_back_return(note=note, actor=self.shop.actor))

    @rule(quantities=QUANTITIES)
    def lend(self, quantities: dict[int, int]) -> None:
        due = business_day(self.shop.brand) + timedelta(days=3)
        self.attempt(
            lambda: samples.lend(
                borrower=self.buyer, location=self.shop.main, quantities=self.by_pk(quantities), due_on=due,
                **self.heading(),
            ),
            "loan",
        )  # fmt: skip

    @rule(pick=PICK, quantities=QUANTITIES, how=st.sampled_from(["back", "sold", "lost"]))
    def settle(self, pick: int, quantities: dict[int, int], how: str) -> None:
        if loan := self.one("loan", pick):
            steps: dict[str, Callable[..., Any]] = {
                "back": lambda **asked: samples.take_samples_back(location=self.shop.main, **asked),
                "sold": lambda **asked: samples.sell_samples(unit_prices=self.priced(quantities), **asked),
                "lost": samples.lose_samples,
            }
            self.attempt(lambda: steps[how](loan=loan, quantities=self.by_pk(quantities), **self.heading()), "event")

    @rule(quantities=QUANTITIES, how=st.sampled_from(["place", "sold", "back"]))
    def consign(self, quantities: dict[int, int], how: str) -> None:
        asked = {"partner": self.buyer, "quantities": self.by_pk(quantities)} | self.heading()
        self.buyer.refresh_from_db()
        if how == "place":
            self.attempt(lambda: consignment.place_goods(source=self.shop.main, **asked))
        elif how == "sold":
            self.attempt(lambda: consignment.report_sold(unit_prices=self.priced(quantities), **asked), "sale")
        else:
            self.attempt(lambda: consignment.take_goods_back(destination=self.shop.main, **asked))

    # ---- counting, and mistakes ----
    @rule(counted=st.dictionaries(VARIANTS, st.integers(0, 8), min_size=1))
    def count(self, counted: dict[int, int]) -> None:
        found = create_count(
            brand=self.shop.brand, location=self.shop.main, scope=StockCount.Scope.FULL, actor=self.shop.actor
        )
        entries = [Counted(pk, n, "set") for pk, n in self.by_pk(counted).items()]
        add_entries(count=found, actor=self.shop.actor, entries=entries)
        found = start_review(count=found)
        self.attempt(
            lambda: post_count(
                count=found, revision=found.revision, leave_uncounted=True, carry_all=True, **self.heading()
            )
        )

    @rule(pick=PICK)
    def reverse_at_the_ledger(self, pick: int) -> None:
        """Somebody presses Undo on a posting without knowing what paper it belongs to."""
        rows = list(Posting.objects.of(self.shop.brand).exclude(kind=MovementKind.REVERSAL).order_by("pk"))
        if rows:
            self.attempt(lambda: reverse_posting(posting=rows[pick % len(rows)], **self.heading()))

    # ---- what always holds ----
    @invariant()
    def the_books_are_proved(self) -> None:
        assert verify_ledger() == []
        assert verify_accounts() == []

    @invariant()
    def every_unit_is_somewhere(self) -> None:
        arrived = Counter(dict(StockMovement.objects.order_by().values_list("variant").annotate(n=Sum("quantity"))))
        for pk in arrived:
            ends = StockMovement.objects.filter(variant=pk)
            places: Counter[int] = Counter()
            for source, destination, quantity in ends.values_list("source", "destination", "quantity"):
                places[source] -= quantity
                places[destination] += quantity
            assert sum(places.values()) == 0
            ours = dict(Balance.objects.filter(variant=pk).values_list("location", "on_hand"))
            assert all(places[location] == on_hand for location, on_hand in ours.items())

    @invariant()
    def orders_hold_what_they_say(self) -> None:
        held: Counter[tuple[str, int]] = Counter()
        for row in Reservation.objects.open():
            held[row.reference, row.variant_id] += row.open
        said: Counter[tuple[str, int]] = Counter()
        for line in OrderLine.objects.select_related("order"):
            said[line.order.number, line.variant_id] += line.reserved
        assert +held == +said
        stands = ShipmentLine.objects.filter(movement__reversed_by=None)
        shipped = dict(stands.order_by().values_list("line").annotate(n=Sum("quantity")))
        assert {line.pk: line.shipped for line in OrderLine.objects.filter(shipped__gt=0)} == shipped
        assert not OrderLine.objects.filter(quantity__lt=F("shipped") + F("cancelled") + F("reserved")).exists()


@pytest.mark.django_db(transaction=True)
def test_a_storm_of_papers() -> None:
    run_state_machine_as_test(
        Papers,
        settings=settings(
            max_examples=8,
            stateful_step_count=22,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
