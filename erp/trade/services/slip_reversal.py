"""A slip that should not have been written gets one against it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from erp.core.errors import DomainError
from erp.core.models import User
from erp.inventory.models import Posting
from erp.trade.models import AccountEntry, Slip, SlipLine
from erp.trade.services.accounts import add_entry, lock_account
from erp.trade.services.numbers import next_number
from erp.trade.services.once import check_key, fingerprint_of, once
from erp.trade.services.slips import SERIES

# What a slip against another says in its words.
COPIED = ("brand", "buyer", "deliver_to", "order", "currency", "brand_name", "buyer_name", "shop_name", "method")


def take_back_slip(
    *, slip: Slip, actor: User, idempotency_key: str, posting: Posting | None = None, note: str = ""
) -> Slip:
    """Writes a slip against a slip: every line and amount the other way, so that the account is as if it never was.

    `posting` is what took the goods back. Once; raises DomainError `taken_back`. No credit limit stands in the way.
    """
    check_key(idempotency_key)
    content = fingerprint_of("take back", slip.pk, note)
    mine = Slip.objects.of(slip.brand).filter(idempotency_key=idempotency_key)

    def write() -> Slip:
        day, number = next_number(brand=slip.brand, series=SERIES)
        account = lock_account(slip.buyer)
        if Slip.objects.filter(reverses=slip).exists():
            raise DomainError("taken_back", _("This slip was taken back before."))
        if slip.reverses_id:
            raise DomainError("is_a_reversal", _("This slip takes another back. Write a new one instead."))
        balance = account.balance
        kind = Slip.Kind.SALE if slip.kind == Slip.Kind.CREDIT else Slip.Kind.CREDIT
        against = Slip.objects.create(
            **{name: getattr(slip, name) for name in COPIED},
            kind=kind,
            day=day,
            number=number,
            posting=posting,
            actor=actor,
            actor_name=actor.get_full_name() or actor.get_username(),
            total=-slip.total,
            earlier_balance=balance,
            paid=-slip.paid,
            new_balance=balance - slip.total + slip.paid,
            reverses=slip,
            note=note,
            idempotency_key=idempotency_key,
            fingerprint=content,
        )
        _copy_lines(slip, against)
        _counter_entries(slip, against)
        return against

    return once(mine.first, content, write)


def _copy_lines(slip: Slip, against: Slip) -> None:
    rows = list(slip.lines.all())
    for row in rows:
        row.pk, row.slip, row.amount = None, against, -row.amount
    SlipLine.objects.bulk_create(rows, batch_size=500)


def _counter_entries(slip: Slip, against: Slip) -> None:
    for entry in slip.entries.order_by("pk"):
        add_entry(
            partner=slip.buyer,
            kind=AccountEntry.Kind.CORRECTION,
            amount=-entry.amount,
            actor=against.actor,
            idempotency_key=f"slip:{against.public_id}:{entry.kind}",
            day=against.day,
            method=entry.method,
            slip=against,
            reverses=entry,
        )
