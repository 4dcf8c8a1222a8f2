"""Slips: numbers without gaps, balances that add up, and refusals that leave nothing behind."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction  # noqa: F401 - a condition below names the connection
from django.utils import translation

from catalog.models import Product
from erp.core.errors import DomainError
from erp.trade.models import AccountEntry, Counter, Partner, Slip, SlipLine
from erp.trade.services.accounts import record_payment
from erp.trade.services.slip_reversal import take_back_slip
from erp.trade.verify import verify_accounts
from tests.inventory.racers import at_once
from tests.trade.stall import PRICE, Stall, key, make_stall

Kind = SlipLine.Kind


@pytest.fixture
def stall(db) -> Stall:
    return make_stall()


def limit(stall: Stall, amount: int) -> None:
    Partner.objects.filter(pk=stall.buyer.pk).update(credit_limit=amount)


def codes(error: pytest.ExceptionInfo[DomainError]) -> list[tuple[str, str | None, int | None]]:
    return [(problem.code, problem.field, problem.line) for problem in error.value.problems]


def test_a_slip_says_what_a_stall_writes(stall: Stall) -> None:
    record_payment(partner=stall.buyer, amount=Decimal(5000), method="cash", actor=stall.owner, idempotency_key=key())
    slip = stall.slip(
        stall.entry(0, 3),
        stall.entry(1, 2, Kind.OWED),
        stall.entry(2, 4, Kind.DELIVERED),
        stall.entry(3, 1, Kind.RETURNED),
        deliver_to=stall.deliver_to,
        paid=Decimal(20000),
        method="transfer",
        note="내일 아침",
    )
    assert slip.total == 3 * PRICE + 2 * PRICE - PRICE
    assert (slip.earlier_balance, slip.paid, slip.new_balance) == (-5000, 20000, 23000)
    assert (slip.brand_name, slip.buyer_name, slip.shop_name) == ("haneul 상점", "나래상회", "대구 2호점")
    assert [line.amount for line in slip.lines.all()] == [3 * PRICE, 2 * PRICE, 0, -PRICE]
    entries = AccountEntry.objects.filter(slip=slip).order_by("pk")
    assert [(e.kind, e.amount, e.balance_after, e.method) for e in entries] == [
        ("sale", 48000, 43000, ""),
        ("payment", -20000, 23000, "transfer"),
    ]
    assert stall.balance == slip.new_balance


def test_cents_add_up_on_every_database(stall: Stall) -> None:
    """14.18 + 26.44 is 40.620000000000005 in binary fractions."""
    stall.brand.currency = "USD"
    stall.brand.save()
    for cents in range(1, 400, 7):
        price = Decimal(cents * 97) / 100
        paid = Decimal(cents) / 100
        before = stall.balance
        slip = stall.slip(stall.entry(0, 3, price=price), paid=paid, method="cash")
        assert slip.new_balance == before + 3 * price - paid == stall.balance
    assert verify_accounts(stall.brand) == []


def test_a_slip_keeps_the_words_of_its_day(stall: Stall) -> None:
    slip = stall.slip(stall.entry(0))
    Product.objects.filter(pk=stall.shop.product.pk).update(name_ko="다른 이름", price=1)
    Partner.objects.filter(pk=stall.buyer.pk).update(name="다른 가게")
    line = SlipLine.objects.get(slip=slip)
    assert (line.name, line.colour, line.size, line.unit_price) == ("셔츠", "네이비", "S", PRICE)
    assert Slip.objects.get(pk=slip.pk).buyer_name == "나래상회"


def test_numbers_have_no_gaps(stall: Stall) -> None:
    other = make_stall("other")
    first = stall.slip()
    with transaction.atomic():
        stall.slip()
        transaction.set_rollback(True)  # the paper around it failed
    with pytest.raises(DomainError):
        stall.slip(stall.entry(quantity=0))
    second = stall.slip()
    assert (first.number, second.number, other.slip().number) == (1, 2, 1)
    assert str(second) == f"{second.day:%Y%m%d}-002"


def test_the_same_key_is_one_slip(stall: Stall) -> None:
    first = stall.slip(idempotency_key="press")
    again = stall.slip(idempotency_key="press")
    assert again.pk == first.pk and again.replayed and not first.replayed
    assert Slip.objects.count() == 1 and stall.balance == PRICE
    with pytest.raises(DomainError) as refused:
        stall.slip(stall.entry(quantity=2), idempotency_key="press")
    assert refused.value.status == 409
    assert Counter.objects.get(series="SLIP").last == 1


def test_a_buyer_stays_within_their_limit(stall: Stall) -> None:
    limit(stall, 30000)
    stall.slip(stall.entry(quantity=2))
    with pytest.raises(DomainError) as refused:
        stall.slip(stall.entry(quantity=1), paid=Decimal(5000))
    assert codes(refused) == [("credit_limit", "paid", None)]
    words = str(refused.value.message)
    assert "₩30,000" in words and "₩31,000" in words and "₩1,000" in words
    assert Slip.objects.count() == 1 and stall.balance == 24000
    assert stall.slip(stall.entry(quantity=1), paid=Decimal(6000)).number == 2
    limit(stall, 0)
    assert stall.slip(stall.entry(quantity=1), paid=Decimal(12000)).new_balance == 30000  # over it, but owes no more


def test_every_fault_is_named_at_once(stall: Stall) -> None:
    stranger = make_stall("stranger")
    with pytest.raises(DomainError) as refused:
        stall.slip(
            stall.entry(quantity=0),
            stall.entry(price=Decimal("0.5")),
            stall.entry(price=Decimal(-1)),
            stranger.entry(),
            deliver_to=stranger.deliver_to,
            paid=Decimal("NaN"),
            method="cowries",
            note="\0",
        )
    assert set(codes(refused)) == {
        ("invalid_quantity", "quantity", 1),
        ("decimals", "unit_price", 2),
        ("negative", "unit_price", 3),
        ("unknown_variant", "variant", 4),
        ("other_shop", "deliver_to", None),
        ("invalid_text", "note", None),
        ("too_large", "paid", None),
        ("unknown_method", "method", None),
    }
    assert not Slip.objects.exists() and not AccountEntry.objects.exists()


def test_no_more_is_paid_back_than_is_credited(stall: Stall) -> None:
    returned = stall.entry(kind=Kind.RETURNED, quantity=2)
    for paid in (Decimal(-24001), Decimal(1)):
        with pytest.raises(DomainError) as refused:
            stall.slip(returned, kind=Slip.Kind.CREDIT, paid=paid)
        assert codes(refused) == [("paid_back_too_much", "paid", None)]
    slip = stall.slip(returned, kind=Slip.Kind.CREDIT, paid=Decimal(-24000))
    assert (slip.total, slip.new_balance, stall.balance) == (-24000, 0, 0)


def test_a_slip_is_taken_back_once(stall: Stall) -> None:
    slip = stall.slip(stall.entry(0, 2), stall.entry(1, 1, Kind.OWED), paid=Decimal(6000))
    record_payment(partner=stall.buyer, amount=Decimal(1000), method="cash", actor=stall.owner, idempotency_key=key())
    against = take_back_slip(slip=slip, actor=stall.owner, idempotency_key="undo")
    assert (against.total, against.paid, against.earlier_balance, against.new_balance) == (-36000, -6000, 29000, -1000)
    assert [line.amount for line in against.lines.all()] == [-24000, -12000]
    assert stall.balance == -1000 and against.number == 2
    assert {entry.reverses.slip for entry in against.entries.all()} == {slip}
    assert take_back_slip(slip=slip, actor=stall.owner, idempotency_key="undo").pk == against.pk
    for again, code in ((slip, "taken_back"), (against, "is_a_reversal")):
        with pytest.raises(DomainError) as refused:
            take_back_slip(slip=again, actor=stall.owner, idempotency_key=key())
        assert refused.value.code == code
    assert Slip.objects.count() == 2 and Counter.objects.get(series="SLIP").last == 2


def test_the_database_refuses_to_change_a_slip(stall: Stall) -> None:
    slip = stall.slip()
    for rows in (Slip.objects.filter(pk=slip.pk), SlipLine.objects.filter(slip=slip)):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**({"total": 1} if rows.model is Slip else {"amount": 1}))
        with pytest.raises(IntegrityError), transaction.atomic():
            rows._raw_delete(rows.db)


def test_a_slip_speaks_the_language_of_whoever_writes_it(stall: Stall) -> None:
    Product.objects.filter(pk=stall.shop.product.pk).update(name_en="Shirt")
    with translation.override("en"):
        assert stall.slip().lines.get().colour == "Navy"


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_numbers_and_balances(self, transactional_db: None) -> None:
        stall = make_stall()
        other = Partner.objects.create(brand=stall.brand, name="다른 가게", is_buyer=True)
        actions = [lambda buyer=buyer: stall.slip(buyer=buyer) for buyer in (stall.buyer, other) * 4]
        slips = at_once(actions)
        assert sorted(slip.number for slip in slips) == list(range(1, 9))
        for buyer in (stall.buyer, other):
            mine = sorted((slip for slip in slips if slip.buyer_id == buyer.pk), key=lambda slip: slip.number)
            assert [slip.new_balance for slip in mine] == [PRICE * n for n in range(1, 5)]

    def test_the_same_key(self, transactional_db: None) -> None:
        stall = make_stall()
        slips = at_once([lambda: stall.slip(idempotency_key="press")] * 4)
        assert len({slip.pk for slip in slips}) == 1
        assert sorted(slip.replayed for slip in slips) == [False, True, True, True]
        assert Counter.objects.get(series="SLIP").last == 1 and stall.balance == PRICE

    def test_the_limit_holds(self, transactional_db: None) -> None:
        stall = make_stall()
        limit(stall, 24000)
        answers = at_once([lambda: stall.slip()] * 4)
        assert sum(isinstance(answer, DomainError) for answer in answers) == 2
        assert stall.balance == PRICE * 2 and Counter.objects.get(series="SLIP").last == 2

    def test_taken_back_once(self, transactional_db: None) -> None:
        stall = make_stall()
        slip = stall.slip()
        answers = at_once([lambda: take_back_slip(slip=slip, actor=stall.owner, idempotency_key=key())] * 3)
        assert [answer.code for answer in answers if isinstance(answer, DomainError)] == ["taken_back"] * 2
        assert stall.balance == 0
