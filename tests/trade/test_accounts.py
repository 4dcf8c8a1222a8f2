"""What partners owe: exact, append-only, once."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from catalog.days import business_day
from catalog.models import Brand
from erp.core.errors import DomainError
from erp.core.models import User
from erp.inventory.services.periods import close_period
from erp.trade.models import Account, AccountEntry, Partner, Slip, SlipLine
from erp.trade.services.accounts import (
    MAX_BALANCE,
    add_entry,
    record_correction,
    record_opening,
    record_payment,
    reverse_entry,
)
from erp.trade.tasks import AccountsDisagree, verify_every_account
from erp.trade.triggers import REFUSAL, TABLES, lifted
from erp.trade.verify import verify_accounts
from tests.factories import BrandFactory, UserFactory, VariantFactory
from tests.inventory.racers import at_once

Kind = AccountEntry.Kind


@pytest.fixture
def buyer(db: None) -> Partner:
    return partner_of(BrandFactory(), "동대문 언니네")


@pytest.fixture
def actor(db: None) -> User:
    return UserFactory()


def partner_of(brand: Brand, name: str) -> Partner:
    brand.refresh_from_db()  # the day's end as a time
    return Partner.objects.create(brand=brand, name=name, is_buyer=True)


def entry(partner: Partner, amount: str, **values: Any) -> AccountEntry:
    heading = {"kind": Kind.SALE, "actor": UserFactory(), "idempotency_key": uuid4().hex}
    return add_entry(partner=partner, amount=Decimal(amount), **(heading | values))


def refused(code: str, action: Any, *args: Any, **values: Any) -> DomainError:
    entries = AccountEntry.objects.count()
    with pytest.raises(DomainError) as caught:
        action(*args, **values)
    assert caught.value.code == code
    assert AccountEntry.objects.count() == entries
    return caught.value


def balance(partner: Partner) -> Decimal:
    return Account.objects.get(partner=partner).balance


class TestEntries:
    def test_running_balances_are_exact(self, buyer: Partner) -> None:
        buyer.brand.currency = "USD"
        amounts = ["0.10", "0.20", "-0.30", "1234567.89", "-0.01"]
        assert [str(entry(buyer, amount).balance_after) for amount in amounts] == [
            "0.10", "0.30", "0.00", "1234567.89", "1234567.88",
        ]  # fmt: skip
        assert balance(buyer) == Decimal("1234567.88")
        assert verify_accounts() == []

    def test_each_partner_has_an_account(self, buyer: Partner) -> None:
        other = partner_of(buyer.brand, "다른 가게")
        entry(buyer, "1000")
        entry(other, "500")
        assert (balance(buyer), balance(other)) == (1000, 500)

    @pytest.mark.parametrize(
        ("amount", "code"),
        [("0", "zero"), ("0.5", "decimals"), ("NaN", "too_large"), ("Infinity", "too_large"), ("1e12", "too_large")],
    )
    def test_what_is_no_amount(self, buyer: Partner, amount: str, code: str) -> None:
        error = refused(code, entry, buyer, amount)
        assert error.problems[0].field == "amount"

    def test_cents_where_the_currency_has_them(self, buyer: Partner) -> None:
        buyer.brand.currency = "EUR"
        assert entry(buyer, "0.50").amount == Decimal("0.50")
        refused("decimals", entry, buyer, "0.505")

    def test_no_balance_outgrows_its_column(self, buyer: Partner) -> None:
        for _time in range(9):
            entry(buyer, "1e11")
        assert balance(buyer) == 9 * 10**11 < MAX_BALANCE
        refused("too_large", entry, buyer, "1e11")

    def test_words_that_are_none(self, buyer: Partner) -> None:
        refused("unknown_kind", entry, buyer, "1", kind="gift")
        refused("unknown_method", entry, buyer, "1", method="barter")
        refused("too_long", entry, buyer, "1", note="가" * 201)
        refused("invalid_key", entry, buyer, "1", idempotency_key="")
        tomorrow = business_day(buyer.brand) + timedelta(days=1)
        refused("invalid_day", entry, buyer, "1", day=tomorrow)
        refused("invalid_day", entry, buyer, "1", day=date(1999, 12, 31))


class TestOnce:
    def test_the_same_again_is_the_first(self, buyer: Partner, actor: User) -> None:
        first = entry(buyer, "1000", idempotency_key="k", actor=actor)
        again = entry(buyer, "1000.00", idempotency_key="k", actor=actor)
        assert (again.pk, again.replayed, first.replayed) == (first.pk, True, False)
        assert balance(buyer) == 1000

    def test_other_content_is_a_conflict(self, buyer: Partner) -> None:
        entry(buyer, "1000", idempotency_key="k")
        error = refused("idempotency_conflict", entry, buyer, "1001", idempotency_key="k")
        assert error.status == 409

    def test_another_brand_may_use_the_key(self, buyer: Partner) -> None:
        stranger = partner_of(BrandFactory(), "남")
        assert entry(buyer, "1", idempotency_key="k").pk != entry(stranger, "1", idempotency_key="k").pk


class TestPayments:
    def test_a_payment_lowers_what_is_owed(self, buyer: Partner, actor: User) -> None:
        entry(buyer, "100000")
        paid = record_payment(
            partner=buyer, amount=Decimal(130000), method="transfer", actor=actor, idempotency_key="p", note="11월"
        )
        assert (paid.amount, paid.balance_after, paid.method) == (-130000, -30000, "transfer")
        assert paid.occurred_on == business_day(buyer.brand)

    @pytest.mark.parametrize(("amount", "code"), [("0", "not_positive"), ("-1", "not_positive"), ("NaN", "too_large")])
    def test_only_what_was_paid(self, buyer: Partner, actor: User, amount: str, code: str) -> None:
        given = {"partner": buyer, "method": "cash", "actor": actor, "idempotency_key": "p"}
        refused(code, record_payment, amount=Decimal(amount), **given)

    def test_how_it_was_paid_is_said(self, buyer: Partner, actor: User) -> None:
        given = {"partner": buyer, "method": "", "actor": actor, "idempotency_key": "p", "amount": Decimal(1)}
        assert refused("unknown_method", record_payment, **given).problems[0].field == "method"


class TestOpeningsAndCorrections:
    def test_one_opening_at_a_time(self, buyer: Partner, actor: User) -> None:
        first = record_opening(partner=buyer, amount=Decimal(5000), actor=actor, idempotency_key="o")
        assert record_opening(partner=buyer, amount=Decimal(5000), actor=actor, idempotency_key="o").replayed
        given = {"partner": buyer, "amount": Decimal(6000), "actor": actor, "idempotency_key": "o2"}
        refused("opening_exists", record_opening, **given)
        reverse_entry(entry=first, actor=actor, idempotency_key="r")
        assert record_opening(**given).balance_after == 6000
        assert verify_accounts() == []

    def test_a_correction_says_why(self, buyer: Partner, actor: User) -> None:
        given = {"partner": buyer, "amount": Decimal(-500), "actor": actor, "idempotency_key": "c"}
        refused("required", record_correction, note="  ", **given)
        assert record_correction(note="반올림", **given).balance_after == -500

    def test_an_entry_is_taken_back_once(self, buyer: Partner, actor: User) -> None:
        sale = entry(buyer, "7000")
        back = reverse_entry(entry=sale, actor=actor, idempotency_key="r")
        assert (back.amount, back.balance_after, back.reverses) == (-7000, 0, sale)
        assert reverse_entry(entry=sale, actor=actor, idempotency_key="r").replayed
        refused("already_reversed", reverse_entry, entry=sale, actor=actor, idempotency_key="r2")
        refused("is_a_reversal", reverse_entry, entry=back, actor=actor, idempotency_key="r3")

    def test_an_entry_is_taken_back_in_full_where_it_was(self, buyer: Partner) -> None:
        sale = entry(buyer, "7000")
        other = partner_of(buyer.brand, "다른 가게")
        refused("other_entry", entry, buyer, "-6999", reverses=sale)
        refused("other_entry", entry, other, "-7000", reverses=sale)


class TestGuard:
    @pytest.mark.parametrize("table", TABLES)
    @pytest.mark.parametrize("change", ["UPDATE {} SET id = id + 1", "DELETE FROM {}"])
    def test_the_database_refuses_changes(self, buyer: Partner, actor: User, table: str, change: str) -> None:
        entry(buyer, "1000")
        _slip(buyer, actor)
        refused_by_database = pytest.raises(IntegrityError, match=REFUSAL)
        with refused_by_database, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change.format(table))

    def test_forged_books_are_found(self, buyer: Partner) -> None:
        entries = [entry(buyer, amount) for amount in ("100", "200", "300")]
        with lifted(connection):
            AccountEntry.objects.filter(pk=entries[1].pk).update(amount=250)
        assert [(d.check, d.recorded, d.computed, d.entry_id) for d in verify_accounts()] == [
            ("running", 300, 350, entries[1].pk)
        ]
        Account.objects.filter(partner=buyer).update(balance=601)
        found = verify_accounts(buyer.brand)
        assert [(d.check, d.recorded, d.computed) for d in found] == [("balance", 601, 600), ("running", 300, 350)]
        assert buyer.name in str(found[0])
        assert verify_accounts(BrandFactory()) == []

    def test_a_balance_without_entries_is_found(self, buyer: Partner) -> None:
        Account.objects.create(partner=buyer, balance=5)
        assert [(d.check, d.recorded, d.computed) for d in verify_accounts()] == [("balance", 5, 0)]


class TestProof:
    def test_the_command(self, buyer: Partner, capsys: Any) -> None:
        entry(buyer, "100")
        call_command("verify_accounts", "--brand", buyer.brand.slug)
        assert "clean: 1 entries verified" in capsys.readouterr().out
        assert verify_every_account() == "clean"
        Account.objects.update(balance=7)
        with pytest.raises(CommandError, match="1 differences"):
            call_command("verify_accounts")
        assert buyer.name in capsys.readouterr().out
        with pytest.raises(AccountsDisagree):
            verify_every_account()
        with pytest.raises(CommandError, match="no brand"):
            call_command("verify_accounts", "--brand", "nobody")


def _slip(buyer: Partner, actor: User) -> None:
    slip = Slip.objects.create(
        brand=buyer.brand, buyer=buyer, actor=actor, day=business_day(buyer.brand), number=1, total=0,
        earlier_balance=0, new_balance=0, idempotency_key="s", fingerprint="",
    )  # fmt: skip
    variant = VariantFactory(product__brand=buyer.brand)
    SlipLine.objects.create(slip=slip, variant=variant, quantity=1, unit_price=0, amount=0)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
class TestRaces:
    def test_payments_at_once_all_count(self, buyer: Partner, actor: User) -> None:
        def pay() -> list[AccountEntry]:
            return [entry(buyer, "-10", kind=Kind.PAYMENT, actor=actor) for _time in range(5)]

        answers = at_once([pay] * 8)
        assert sorted(e.balance_after for each in answers for e in each) == [-10 * n for n in range(40, 0, -1)]
        assert balance(buyer) == -400
        assert verify_accounts() == []

    def test_the_same_payment_at_once_is_one(self, buyer: Partner, actor: User) -> None:
        answers = at_once([lambda: entry(buyer, "-10", kind=Kind.PAYMENT, actor=actor, idempotency_key="k")] * 8)
        assert len({answer.pk for answer in answers}) == 1
        assert sorted(answer.replayed for answer in answers) == [False] + [True] * 7
        assert balance(buyer) == -10

    def test_an_entry_is_taken_back_once(self, buyer: Partner, actor: User) -> None:
        sale = entry(buyer, "10")
        answers = at_once([lambda: reverse_entry(entry=sale, actor=actor, idempotency_key=uuid4().hex)] * 6)
        assert sorted(getattr(answer, "code", "written") for answer in answers) == ["already_reversed"] * 5 + [
            "written"
        ]
        assert balance(buyer) == 0


def test_a_closed_day_takes_no_money(buyer: Partner, actor: User) -> None:
    """What happened then is settled; later money is written down as ever."""
    today = business_day(buyer.brand)
    closed = today - timedelta(days=2)
    close_period(brand=buyer.brand, through=closed, actor=actor)
    assert refused("period_closed", entry, buyer, "1000", day=closed).status == 409
    entry(buyer, "1000", day=closed + timedelta(days=1))
    assert balance(buyer) == 1000
