"""Returns and exchanges: stock and money move together, are shown before, and are taken back together, once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection  # noqa: F401 - a condition below names it

from erp.core.errors import DomainError
from erp.inventory.models import Posting, StockMovement
from erp.inventory.services import reverse_movement, reverse_posting, ship
from erp.inventory.verify import verify_ledger
from erp.trade.models import Account, AccountEntry, Counter, Order, ReturnLine, ReturnNote, Slip
from erp.trade.selectors.returns import effects_of
from erp.trade.services.orders import Entry, sell_now
from erp.trade.services.returns import ReturnEntry, create_return, preview_return, take_back_return
from tests.inventory.racers import at_once
from tests.trade.stall import PRICE, Stall, key, make_stall

Kind = ReturnLine.Kind


@pytest.fixture
def stall(db) -> Stall:
    return make_stall()


def sold(stall: Stall, *quantities: int, buyer: bool = True, **more: Any) -> Order:
    """An order of so many of the first variants, shipped."""
    stall.stock(*quantities)
    wanted = [Entry(n, variant_id=v.pk, **more) for v, n in zip(stall.variants, quantities, strict=False) if n]
    heading = {"buyer": stall.buyer} if buyer else {"channel": "retail"}
    sell_now(
        brand=stall.brand, actor=stall.owner, idempotency_key=key(), entries=wanted, location=stall.main, **heading
    )
    return Order.objects.latest("pk")


def back(stall: Stall, number: int = 0, quantity: int = 1, kind: str = Kind.SELLABLE, **more: Any) -> ReturnEntry:
    place = stall.place("defective") if kind == Kind.DEFECTIVE else stall.main
    return ReturnEntry(stall.variants[number], kind, quantity, more.pop("location", place), **more)


def asked(stall: Stall, *entries: ReturnEntry, **more: Any) -> dict[str, Any]:
    return {"brand": stall.brand, "entries": entries, "actor": stall.owner, "idempotency_key": key()} | more


def returned(stall: Stall, *entries: ReturnEntry, **more: Any) -> ReturnNote:
    return create_return(**asked(stall, *entries, **more))


def codes(error: pytest.ExceptionInfo[DomainError]) -> list[tuple[str, str | None, int | None]]:
    return [(problem.code, problem.field, problem.line) for problem in error.value.problems]


def papers() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (ReturnNote, Slip, AccountEntry, Posting, StockMovement))


def test_goods_come_back_against_an_order(stall: Stall) -> None:
    order = sold(stall, 3, 2)
    note = returned(
        stall, back(stall, 0, 2), back(stall, 1, 1, Kind.DEFECTIVE), order=order, reason="사이즈가 안 맞아요"
    )
    assert (stall.on_hand(0), stall.on_hand(1), stall.on_hand(1, stall.place("defective"))) == (2, 0, 1)
    assert list(order.lines.order_by("pk").values_list("returned", flat=True)) == [2, 1]
    assert (note.total, note.paid, note.buyer) == (-3 * PRICE, 0, stall.buyer)
    assert note.slip.kind == "credit" and note.slip.order == order and note.slip.note == "사이즈가 안 맞아요"
    assert (note.slip.earlier_balance, note.slip.new_balance, stall.balance) == (60000, 24000, 24000)
    assert note.posting.kind == "return" and note.posting.reference == note.number and note.sent is None
    assert verify_ledger() == []


def test_no_more_comes_back_than_was_shipped(stall: Stall) -> None:
    order = sold(stall, 3)
    returned(stall, back(stall, 0, 2), order=order)
    before = papers()
    with pytest.raises(DomainError) as refused:
        returned(stall, back(stall, 0, 2), back(stall, 1, 1), order=order)
    assert codes(refused) == [("too_many_returned", "quantity", 1), ("too_many_returned", "quantity", 2)]
    assert "1" in refused.value.problems[0].message
    with pytest.raises(DomainError):  # in two entries, each of which would do
        returned(stall, back(stall, 0, 1), back(stall, 0, 1, Kind.DEFECTIVE), order=order)
    assert papers() == before
    assert returned(stall, back(stall, 0, 1), order=order).number == "RT-" + note_day(order) + "-002"


def note_day(order: Order) -> str:
    return f"{Slip.objects.filter(order=order).latest('pk').day:%y%m%d}"


def test_an_exchange_sends_another_size(stall: Stall) -> None:
    order = sold(stall, 2, unit_price=Decimal(9000))
    stall.stock(0, 5)
    note = returned(stall, back(stall, 0, 2), back(stall, 1, 2, Kind.SENT), order=order)
    assert (stall.on_hand(0), stall.on_hand(1)) == (2, 3)
    assert (note.total, stall.balance) == (0, 18000)  # the other size costs what the order said
    assert (note.posting.kind, note.sent.kind, note.sent.reference) == ("return", "shipment", note.number)
    assert [(line.kind, line.amount) for line in note.slip.lines.all()] == [("returned", -18000), ("sold", 18000)]
    dearer = returned(
        stall, back(stall, 0, 1), back(stall, 1, 2, Kind.SENT), buyer=stall.buyer, paid=Decimal(5000), method="card"
    )
    assert (dearer.total, dearer.slip.kind, dearer.slip.new_balance) == (12000, "sale", 25000)


def test_an_exchange_of_what_is_not_there_changes_nothing(stall: Stall) -> None:
    order = sold(stall, 2)
    before = papers()
    with pytest.raises(DomainError) as refused:
        returned(stall, back(stall, 0, 2), back(stall, 1, 1, Kind.SENT), order=order)
    assert codes(refused) == [("insufficient_stock", "quantity", 2)]
    assert papers() == before and stall.on_hand(0) == 0
    assert not Counter.objects.filter(series="RT").exists()
    assert order.lines.get().returned == 0


def test_money_is_paid_back(stall: Stall) -> None:
    note = returned(stall, back(stall, 0, 2), buyer=stall.buyer, paid=Decimal(-20000), method="transfer")
    assert (note.total, note.paid, note.slip.new_balance, stall.balance) == (-24000, -20000, -4000, -4000)
    assert [(e.kind, e.amount) for e in AccountEntry.objects.order_by("pk")] == [("credit", -24000), ("payment", 20000)]


def test_a_customer_without_an_account_is_settled_on_the_spot(stall: Stall) -> None:
    order = sold(stall, 2, buyer=False)
    note = returned(stall, back(stall, 0, 1), order=order, method="card")
    assert (note.buyer, note.slip, note.total, note.paid, note.method) == (None, None, -PRICE, -PRICE, "card")
    assert not Slip.objects.exists() and not AccountEntry.objects.exists() and stall.on_hand(0) == 1
    free = returned(stall, back(stall, 0, 1, unit_price=Decimal(7000)))
    assert (free.order, free.paid) == (None, -7000)


def test_the_effects_are_seen_before_and_nothing_stays(stall: Stall) -> None:
    order = sold(stall, 2)
    stall.stock(0, 3)
    before = papers()
    wanted = asked(stall, back(stall, 0, 2), back(stall, 1, 1, Kind.SENT), order=order, paid=Decimal(-2000))
    seen = preview_return(**wanted)
    assert [(e.variant.pk, e.change, e.then) for e in seen.stock] == [
        (stall.variants[0].pk, 2, 2),
        (stall.variants[1].pk, -1, 2),
    ]
    assert (seen.total, seen.paid, seen.earlier, seen.later) == (-12000, -2000, 24000, 14000)
    assert papers() == before and stall.on_hand(0) == 0 and order.lines.get().returned == 0
    assert not Counter.objects.filter(series="RT").exists()
    assert effects_of(create_return(**wanted)) == seen


def test_the_same_key_is_one_note(stall: Stall) -> None:
    wanted = asked(stall, back(stall, 0, 2), buyer=stall.buyer)
    first, again = create_return(**wanted), create_return(**wanted)
    assert again.pk == first.pk and again.replayed and stall.on_hand(0) == 2 and stall.balance == -24000
    with pytest.raises(DomainError) as refused:
        create_return(**wanted | {"paid": Decimal(-1000)})
    assert refused.value.status == 409


def test_every_fault_is_named_at_once(stall: Stall) -> None:
    stranger = make_stall("stranger")
    stall.shop.product.price = None
    stall.shop.product.save()
    stall.shop.variants[0].refresh_from_db()
    before = papers()
    with pytest.raises(DomainError) as refused:
        returned(
            stall,
            back(stall, 0, 0, unit_price=PRICE),
            back(stall, 1, 1, location=stall.place("defective"), unit_price=PRICE),
            back(stall, 2, 1, Kind.DEFECTIVE, location=stall.main, unit_price=Decimal(-1)),
            ReturnEntry(stranger.variants[0], Kind.SELLABLE, 1, stranger.main),
            back(stall, 0, 1, "burnt", unit_price=PRICE),
            back(stall, 0, 1),
            method="cowries",
            reason="\0",
        )
    assert codes(refused) == [
        ("unknown_method", "method", None),
        ("invalid_text", "note", None),
        ("invalid_quantity", "quantity", 1),
        ("wrong_location", "location", 2),
        ("wrong_location", "location", 3),
        ("negative", "unit_price", 3),
        ("unknown_variant", "variant", 4),
        ("wrong_location", "location", 4),
        ("unknown_kind", "kind", 5),
        ("no_price", "unit_price", 6),
    ]
    with pytest.raises(DomainError) as refused:
        returned(stall, back(stall, 0, 1, Kind.SENT, unit_price=PRICE))
    assert ("nothing_returned", "lines", None) in codes(refused)
    other = sold(stall, 1, unit_price=PRICE)
    with pytest.raises(DomainError) as refused:
        returned(stall, back(stall), order=other, buyer=stranger.buyer)
    assert ("other_order", "order", None) in codes(refused)
    assert papers()[0] == before[0]


def test_a_note_is_taken_back_whole_and_once(stall: Stall) -> None:
    order = sold(stall, 2)
    stall.stock(0, 3)
    note = returned(stall, back(stall, 0, 2), back(stall, 1, 1, Kind.SENT), order=order, paid=Decimal(-12000))
    for replayed in (False, True):
        undone = take_back_return(note=note, actor=stall.shop.staff, reason="잘못 받았어요")
        assert undone.replayed is replayed and undone.taken_back_by == stall.shop.staff
        assert (stall.on_hand(0), stall.on_hand(1), stall.balance) == (0, 3, 24000)
        assert order.lines.get().returned == 0
        assert Slip.objects.count() == 3 and Slip.objects.latest("pk").reverses == note.slip
    assert verify_ledger() == []
    again = returned(stall, back(stall, 0, 2), order=order)
    assert again.slip.new_balance == 0


def test_goods_that_went_on_hold_the_note(stall: Stall) -> None:
    note = returned(stall, back(stall, 0, 2), buyer=stall.buyer)
    ship(
        brand=stall.brand, location=stall.main, quantities={stall.variants[0].pk: 1}, actor=stall.owner,
        idempotency_key=key(),
    )  # fmt: skip
    before = papers()
    with pytest.raises(DomainError) as refused:
        take_back_return(note=note, actor=stall.owner)
    assert refused.value.code == "insufficient_stock"
    note.refresh_from_db()
    assert note.taken_back_at is None and papers() == before and stall.balance == -24000


def test_the_ledgers_own_page_leaves_no_ghost_money(stall: Stall) -> None:
    """Its reversal is refused, with the number of the note, until the note itself takes it back."""
    stall.stock(0, 3)
    note = returned(stall, back(stall, 0, 2), back(stall, 1, 1, Kind.SENT), buyer=stall.buyer)
    before = papers()
    for posting in (note.posting, note.sent):
        with pytest.raises(DomainError) as refused:
            reverse_posting(posting=posting, actor=stall.owner, idempotency_key=key())
        assert refused.value.code == "belongs_to_paper" and note.number in str(refused.value.message)
        with pytest.raises(DomainError):
            reverse_movement(movement=posting.movements.get(), actor=stall.owner, idempotency_key=key())
    assert papers() == before
    take_back_return(note=note, actor=stall.owner)
    assert stall.balance == 0


def test_an_order_is_not_taken_back_under_its_return(stall: Stall) -> None:
    order = sold(stall, 2)
    returned(stall, back(stall, 0, 1), order=order)
    with pytest.raises(DomainError):
        reverse_posting(posting=order.shipments.get().posting, actor=stall.owner, idempotency_key=key())


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_no_piece_comes_back_twice(self, transactional_db: None) -> None:
        stall = make_stall()
        order = sold(stall, 3)
        answers = at_once([lambda: returned(stall, back(stall, 0, 1), order=order) for _n in range(5)])
        assert sum(isinstance(answer, DomainError) for answer in answers) == 2
        assert order.lines.get().returned == 3 and stall.on_hand(0) == 3 and stall.balance == 0
        assert verify_ledger() == []

    def test_the_same_key(self, transactional_db: None) -> None:
        stall = make_stall()
        wanted = asked(stall, back(stall, 0, 2), buyer=stall.buyer)
        notes = at_once([lambda: create_return(**wanted)] * 4)
        assert len({note.pk for note in notes}) == 1 and stall.on_hand(0) == 2
        assert Counter.objects.get(series="RT").last == 1 == Counter.objects.get(series="SLIP").last

    def test_taken_back_once(self, transactional_db: None) -> None:
        stall = make_stall()
        note = returned(stall, back(stall, 0, 2), buyer=stall.buyer)
        notes = at_once([lambda: take_back_return(note=note, actor=stall.owner)] * 4)
        assert sorted(answer.replayed for answer in notes) == [False, True, True, True]
        assert stall.on_hand(0) == 0 and Account.objects.get(partner=stall.buyer).balance == 0

    def test_exchanges_in_opposite_directions_do_not_deadlock(self, transactional_db: None) -> None:
        stall = make_stall()
        stall.stock(50, 50)
        there = [lambda: returned(stall, back(stall, 0), back(stall, 1, 1, Kind.SENT)) for _n in range(4)]
        home = [lambda: returned(stall, back(stall, 1), back(stall, 0, 1, Kind.SENT)) for _n in range(4)]
        answers = at_once([action for pair in zip(there, home, strict=True) for action in pair])
        assert all(isinstance(answer, ReturnNote) for answer in answers)
        assert (stall.on_hand(0), stall.on_hand(1)) == (50, 50)
