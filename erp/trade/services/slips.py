"""Slips (장끼): their numbers, their lines, and the money they move on the buyer's account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from catalog.models import Variant
from erp.core.errors import DomainError, Problem
from erp.core.models import User
from erp.core.templatetags.jangbu import money
from erp.inventory.models import Posting
from erp.trade.models import AccountEntry, DeliverTo, Order, OrderLine, Partner, Slip, SlipLine
from erp.trade.services.accounts import add_entry, lock_account
from erp.trade.services.numbers import next_number
from erp.trade.services.once import check_key, once
from erp.trade.services.slip_draft import Draft, SlipEntry, slip_problems

SERIES = "SLIP"

__all__ = ["SERIES", "SlipEntry", "issue_slip"]


def issue_slip(
    *,
    buyer: Partner,
    kind: str,
    entries: Sequence[SlipEntry],
    actor: User,
    idempotency_key: str,
    order: Order | None = None,
    posting: Posting | None = None,
    deliver_to: DeliverTo | None = None,
    paid: Decimal = Decimal(0),
    method: str = AccountEntry.Method.CASH,
    note: str = "",
) -> Slip:
    """Writes a slip with the day's next number, and what it says of money to the buyer's account, or nothing at all.

    `paid` is what the buyer pays with it, below zero on a credit note where money is paid back. The same key with the
    same content answers the first slip, `replayed`. Raises DomainError, naming the entries by their places from 1:
    what cannot be read, and `credit_limit` where the buyer would owe more than they may.
    """
    check_key(idempotency_key)
    method = method if paid else ""
    draft = Draft(
        buyer.brand, buyer, kind, entries, actor, idempotency_key, order, posting, deliver_to, paid, method, note
    )
    if problems := list(slip_problems(draft)):
        raise DomainError(problems[0].code, _("The slip was not written, for the reasons below."), problems)
    mine = Slip.objects.of(buyer.brand).filter(idempotency_key=idempotency_key)
    return once(mine.first, draft.content, lambda: _write(draft))


def _write(draft: Draft) -> Slip:
    """The number is locked first and the account last: whoever writes another slip waits at the number."""
    day, number = next_number(brand=draft.brand, series=SERIES)
    earlier = lock_account(draft.buyer).balance
    new_balance = earlier + draft.total - draft.paid
    _check_limit(draft, new_balance)
    slip = Slip.objects.create(
        brand=draft.brand,
        kind=draft.kind,
        day=day,
        number=number,
        buyer=draft.buyer,
        deliver_to=draft.deliver_to,
        order=draft.order,
        posting=draft.posting,
        currency=draft.brand.currency,
        brand_name=draft.brand.name,
        buyer_name=draft.buyer.name,
        shop_name=draft.deliver_to.name if draft.deliver_to else "",
        actor=draft.actor,
        actor_name=draft.actor.get_full_name() or draft.actor.get_username(),
        total=draft.total,
        earlier_balance=earlier,
        paid=draft.paid,
        method=draft.method,
        new_balance=new_balance,
        note=draft.note,
        idempotency_key=draft.key,
        fingerprint=draft.content,
    )
    _write_lines(slip, draft.entries)
    kind = AccountEntry.Kind.SALE if draft.kind == Slip.Kind.SALE else AccountEntry.Kind.CREDIT
    _enter(slip, kind, draft.total)
    _enter(slip, AccountEntry.Kind.PAYMENT, -draft.paid, draft.method)
    return slip


def _check_limit(draft: Draft, new_balance: Decimal) -> None:
    """A buyer over their limit may still pay, and may take what they pay for. The account is locked."""
    limit = Partner.objects.values_list("credit_limit", flat=True).get(pk=draft.buyer.pk)
    if limit is None or new_balance <= limit or draft.total <= draft.paid:
        return
    figures = {"limit": limit, "owed": new_balance, "missing": new_balance - limit}
    words = {name: money(amount, draft.brand.currency) for name, amount in figures.items()}
    message = _(
        "%(buyer)s may owe at most %(limit)s, and would owe %(owed)s with this. Take %(missing)s more now, or raise "
        "the credit limit."
    ) % (words | {"buyer": draft.buyer.name})
    raise DomainError("credit_limit", message, [Problem("credit_limit", message, "paid")])


def _enter(slip: Slip, kind: str, amount: Decimal, method: str = "") -> None:
    if amount:
        add_entry(
            partner=slip.buyer,
            kind=kind,
            amount=amount,
            actor=slip.actor,
            idempotency_key=f"slip:{slip.public_id}:{kind}",
            day=slip.day,
            method=method,
            slip=slip,
        )


def _write_lines(slip: Slip, entries: Sequence[SlipEntry]) -> None:
    wanted = Variant.objects.filter(pk__in={entry.variant.pk for entry in entries})
    variants = wanted.select_related("product", "colour", "size").in_bulk()
    packs = _packs(entries)
    rows = []
    for entry in entries:
        variant = variants[entry.variant.pk]
        rows.append(
            SlipLine(
                slip=slip,
                line=entry.line,
                variant=variant,
                kind=entry.kind,
                name=variant.product.name or variant.product.style_number,
                colour=variant.colour.name,
                size=variant.size.code,
                pack=entry.pack or packs.get(entry.line.pk if entry.line else 0, ""),
                quantity=entry.quantity,
                unit_price=entry.unit_price,
                amount=entry.amount,
            )
        )
    SlipLine.objects.bulk_create(rows, batch_size=500)


def _packs(entries: Sequence[SlipEntry]) -> Mapping[int, str]:
    """The names of the packs that lines of orders were ordered in, by line."""
    lines = [entry.line.pk for entry in entries if entry.line and entry.line.pack_id]
    return dict(OrderLine.objects.filter(pk__in=lines).values_list("pk", "pack__name")) if lines else {}
