"""The account of a partner: every change of what they owe, written once, with the balance it left."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.days import FIRST_DAY, business_day, day_start
from erp.core.errors import DomainError, Problem
from erp.core.models import User, touch
from erp.inventory.periods import check_open
from erp.inventory.services.lines import text_problems
from erp.trade.models import Account, AccountEntry, Partner, Slip
from erp.trade.services.amounts import money_problems
from erp.trade.services.once import check_key, fingerprint_of, once

Kind = AccountEntry.Kind
# What the column of a balance holds.
MAX_BALANCE = Decimal(10) ** 12


def lock_account(partner: Partner) -> Account:
    """The partner's account, made where it is missing; nobody else writes to it until we commit.

    Taken last: after the rows of papers, reservations and balances, and after the number of a slip.
    """
    locked = Account.objects.filter(partner=partner).select_for_update(no_key=True)
    if (account := locked.first()) is None:
        Account.objects.bulk_create([Account(partner=partner)], ignore_conflicts=True)
        account = locked.get()
    return account


@transaction.atomic
def add_entry(
    *,
    partner: Partner,
    kind: str,
    amount: Decimal,
    actor: User,
    idempotency_key: str,
    day: date | None = None,
    method: str = "",
    slip: Slip | None = None,
    note: str = "",
    reverses: AccountEntry | None = None,
) -> AccountEntry:
    """Adds `amount` to what the partner owes; a payment is below zero. In the brand's currency, exact.

    The same key with the same content gives the first entry again, `replayed`; with other content, a DomainError
    `idempotency_conflict` (409). `day` is the business day, today unless given.
    """
    check_key(idempotency_key)
    entry = AccountEntry(
        brand=partner.brand,
        partner=partner,
        kind=kind,
        amount=amount,
        actor=actor,
        idempotency_key=idempotency_key,
        method=method,
        slip=slip,
        note=note,
        reverses=reverses,
    )
    if problems := list(_problems(entry, day)):
        raise DomainError(problems[0].code, problems[0].message, problems)
    entry.occurred_on = day or business_day(partner.brand)
    entry.fingerprint = fingerprint_of(
        partner.pk, str(kind), amount.normalize(), str(method), slip and slip.pk, note, reverses and reverses.pk, day
    )
    mine = AccountEntry.objects.of(partner.brand).filter(idempotency_key=idempotency_key)
    return once(mine.first, entry.fingerprint, lambda: _write(entry))


def _write(entry: AccountEntry) -> AccountEntry:
    check_open(entry.brand, day_start(entry.brand, entry.occurred_on))
    account = lock_account(entry.partner)
    if entry.reverses and AccountEntry.objects.filter(reverses=entry.reverses).exists():
        raise DomainError("already_reversed", _("This entry was taken back before."))
    entry.balance_after = account.balance + entry.amount
    if abs(entry.balance_after) >= MAX_BALANCE:
        message = _("This amount is too large. Check for a typing error.")
        raise DomainError("too_large", message, [Problem("too_large", message, "amount")])
    entry.save(force_insert=True)
    account.balance = entry.balance_after
    account.save(update_fields=["balance"])
    touch(Partner.objects.filter(pk=entry.partner_id))
    return entry


def _problems(entry: AccountEntry, day: date | None) -> Iterator[Problem]:
    yield from money_problems(entry.amount, entry.brand.currency, "amount")
    if entry.amount == 0:
        yield Problem("zero", _("Enter an amount other than 0."), "amount")
    if entry.kind not in Kind.values:
        yield Problem("unknown_kind", _("There is no such kind of entry."), "kind")
    if entry.method and entry.method not in AccountEntry.Method.values:
        yield Problem("unknown_method", _("Choose how it was paid."), "method")
    if day and not FIRST_DAY <= day <= business_day(entry.brand):
        yield Problem("invalid_day", _("Choose a day from 2000 to today."), "day")
    yield from text_problems("", entry.note)
    against = entry.reverses
    if against and (against.partner_id != entry.partner_id or against.amount != -entry.amount):
        yield Problem("other_entry", _("An entry is taken back in full, on the account it was written to."), "reverses")


def record_payment(
    *,
    partner: Partner,
    amount: Decimal,
    method: str,
    actor: User,
    idempotency_key: str,
    note: str = "",
    day: date | None = None,
) -> AccountEntry:
    """The partner paid `amount`, which is more than 0. Paying more than they owe leaves them credit."""
    problems = []
    if amount.is_finite() and amount <= 0:
        problems.append(Problem("not_positive", _("What was paid is more than 0."), "amount"))
    if not method:
        problems.append(Problem("unknown_method", _("Choose how it was paid."), "method"))
    _refuse(problems)
    return add_entry(
        partner=partner, kind=Kind.PAYMENT, amount=-amount, method=method, actor=actor, note=note, day=day,
        idempotency_key=idempotency_key,
    )  # fmt: skip


@transaction.atomic
def record_opening(
    *, partner: Partner, amount: Decimal, actor: User, idempotency_key: str, note: str = "", day: date | None = None
) -> AccountEntry:
    """What the partner owed when the book begins; below zero where they had credit. One at a time: a wrong one is
    taken back first. Raises DomainError `opening_exists`.
    """
    lock_account(partner)
    openings = AccountEntry.objects.filter(partner=partner, kind=Kind.OPENING, reversed_by=None)
    if openings.exclude(idempotency_key=idempotency_key).exists():
        message = _("The opening balance was entered before. Take it back first if it is wrong.")
        raise DomainError("opening_exists", message, [Problem("opening_exists", message, "amount")])
    return add_entry(
        partner=partner, kind=Kind.OPENING, amount=amount, actor=actor, note=note, day=day,
        idempotency_key=idempotency_key,
    )  # fmt: skip


def record_correction(
    *, partner: Partner, amount: Decimal, actor: User, idempotency_key: str, note: str, day: date | None = None
) -> AccountEntry:
    """Adds to what the partner owes, or takes from it (below zero), for a reason that no paper tells."""
    if not note.strip():
        _refuse([Problem("required", _("Say why, for whoever reads this later."), "note")])
    return add_entry(
        partner=partner, kind=Kind.CORRECTION, amount=amount, actor=actor, note=note, day=day,
        idempotency_key=idempotency_key,
    )  # fmt: skip


def reverse_entry(*, entry: AccountEntry, actor: User, idempotency_key: str, note: str = "") -> AccountEntry:
    """Takes one entry back by another the other way, once. What a slip wrote is taken back with the slip."""
    if entry.slip_id:
        raise DomainError("has_slip", _("A slip wrote this. Take the slip back instead."))
    if entry.reverses_id:
        raise DomainError("is_a_reversal", _("This takes another entry back. Enter it again instead."))
    return add_entry(
        partner=entry.partner, kind=Kind.CORRECTION, amount=-entry.amount, method=entry.method, actor=actor, note=note,
        reverses=entry, idempotency_key=idempotency_key,
    )  # fmt: skip


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise DomainError(problems[0].code, problems[0].message, problems)
