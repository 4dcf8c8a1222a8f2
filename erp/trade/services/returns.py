"""Returns and exchanges: the goods and the money of one note move together, and are taken back together."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import Brand
from erp.core.errors import DomainError
from erp.core.models import User, touch
from erp.inventory.models import Balance, MovementKind, Posting
from erp.inventory.services import Line, post_movements, reverse_posting
from erp.trade.models import AccountEntry, Order, OrderLine, Partner, ReturnLine, ReturnNote, Slip, SlipLine
from erp.trade.selectors.returns import Effects, effects_of
from erp.trade.services.numbers import paper_number
from erp.trade.services.once import check_key, once
from erp.trade.services.orders.locked import lock_orders
from erp.trade.services.return_draft import ReturnDraft, ReturnEntry, resolved
from erp.trade.services.slip_reversal import take_back_slip
from erp.trade.services.slips import SlipEntry, issue_slip

SERIES = "RT"

__all__ = ["ReturnEntry", "create_return", "preview_return", "take_back_return"]


def create_return(
    *,
    brand: Brand,
    entries: Sequence[ReturnEntry],
    actor: User,
    idempotency_key: str,
    order: Order | None = None,
    buyer: Partner | None = None,
    paid: Decimal | None = Decimal(0),
    method: str = AccountEntry.Method.CASH,
    reason: str = "",
    note: str = "",
) -> ReturnNote:
    """Goods come back, others go out for them, and the money follows: all of it, or nothing.

    With a buyer (the order's, if there is an order) the difference goes to their account, less what is `paid`, which is
    below zero where money is paid back. None, and always without a buyer, settles the difference on the spot.
    The same key with the same content answers the first note, `replayed`. Raises DomainError naming entries from 1.
    """
    check_key(idempotency_key)
    buyer = order.buyer if order and buyer is None else buyer
    draft = ReturnDraft(brand, tuple(entries), actor, idempotency_key, order, buyer, paid, method, reason, note)
    mine = ReturnNote.objects.of(brand).filter(idempotency_key=idempotency_key)
    return once(mine.first, draft.content, lambda: _write(draft))


def preview_return(**asked: object) -> Effects:
    """What `create_return` would do, with the same arguments and the same refusals. Nothing of it stays."""
    with transaction.atomic():
        note = create_return(**asked)  # type: ignore[arg-type]
        effects = effects_of(note)
        transaction.set_rollback(True)
    return effects


def _write(draft: ReturnDraft) -> ReturnNote:
    """Locks in the order of the house: the order, the number of the note, balances, the slip's number, the account."""
    lines = _locked_lines(draft.order)
    content = draft.content
    draft, problems = resolved(draft, lines)
    if problems:
        raise DomainError(problems[0].code, _("Nothing was taken back, for the reasons below."), problems)
    paid = draft.total if draft.paid is None or draft.buyer is None else draft.paid
    number = paper_number(brand=draft.brand, series=SERIES)
    note = ReturnNote(
        public_id=uuid.uuid4(),
        brand=draft.brand,
        number=number,
        order=draft.order,
        buyer=draft.buyer,
        currency=draft.currency,
        total=draft.total,
        paid=paid,
        method=draft.method if paid else "",
        reason=draft.reason,
        note=draft.note,
        created_by=draft.actor,
        idempotency_key=draft.key,
        fingerprint=content,
    )
    back = [entry for entry in draft.entries if entry.comes_back]
    sent = [entry for entry in draft.entries if not entry.comes_back]
    if sent:
        _hold_balances({(entry.variant.pk, entry.location.pk) for entry in draft.entries})
    note.posting = _post(note, MovementKind.RETURN, back)
    note.sent = _post(note, MovementKind.SHIPMENT, sent) if sent else None
    note.slip = _bill(note, draft) if draft.buyer else None
    note.save(force_insert=True)
    rows = [
        ReturnLine(
            note=note, line=e.line, variant=e.variant, kind=e.kind, location=e.location, quantity=e.quantity,
            unit_price=e.unit_price,
        )
        for e in draft.entries
    ]  # fmt: skip
    ReturnLine.objects.bulk_create(rows)
    _count_returned(rows, 1)
    return note


def _locked_lines(order: Order | None) -> list[OrderLine]:
    if order is None:
        return []
    lock_orders([order.pk])
    return list(order.lines.select_related("variant__product").order_by("pk"))


def _hold_balances(spots: set[tuple[int, int]]) -> None:
    """Two postings follow one another: all balances are locked at once first, in their order, so that nobody who posts
    the same goods meanwhile waits for us while we wait for them."""
    variants, places = {variant for variant, _place in spots}, {place for _variant, place in spots}
    rows = Balance.objects.filter(variant__in=variants, location__in=places).order_by("pk")
    list(rows.select_for_update(no_key=True).values_list("pk"))


def _post(note: ReturnNote, kind: str, entries: Sequence[ReturnEntry]) -> Posting:
    """A posting is of one kind: what comes back and what is sent are two, under the number of the note."""
    ends = ("customer", None) if kind == MovementKind.RETURN else (None, "customer")
    lines = [
        Line(e.variant.pk, e.quantity, ends[0] or e.location.pk, ends[1] or e.location.pk, line=e.number)
        for e in entries
    ]
    assert note.created_by is not None
    return post_movements(
        brand=note.brand,
        kind=kind,
        lines=lines,
        actor=note.created_by,
        idempotency_key=f"return:{note.public_id}:{kind}",
        reference=note.number,
        note=note.reason,
    )


def _bill(note: ReturnNote, draft: ReturnDraft) -> Slip:
    assert draft.buyer is not None
    entries = [
        SlipEntry(
            e.variant,
            SlipLine.Kind.RETURNED if e.comes_back else SlipLine.Kind.SOLD,
            e.quantity,
            e.unit_price or Decimal(0),
            e.line,
        )
        for e in draft.entries
    ]
    return issue_slip(
        buyer=draft.buyer,
        kind=Slip.Kind.CREDIT if draft.total <= 0 else Slip.Kind.SALE,
        entries=entries,
        actor=draft.actor,
        idempotency_key=f"return:{note.public_id}",
        order=draft.order,
        posting=note.posting,
        paid=note.paid,
        method=draft.method,
        note=draft.reason,
    )


def _count_returned(rows: Sequence[ReturnLine], sign: int) -> None:
    """On the lines of the order, whose lock is held."""
    lines: dict[int, OrderLine] = {}
    for row in rows:
        if row.line is not None:
            line = lines.setdefault(row.line.pk, row.line)
            line.returned += sign * row.quantity
    OrderLine.objects.bulk_update(lines.values(), ["returned"])
    touch(Order.objects.filter(pk__in={line.order_id for line in lines.values()}))


@transaction.atomic
def take_back_return(*, note: ReturnNote, actor: User, reason: str = "") -> ReturnNote:
    """Takes the whole note back: the goods, the money, and what it counted on the order. Again, it does nothing.

    Raises DomainError where goods that came back have gone on since; nothing is changed then.
    """
    if note.order_id:
        lock_orders([note.order_id])
    locked = ReturnNote.objects.select_for_update(of=("self",), no_key=True)
    note = locked.select_related("brand", "posting", "sent", "slip__buyer", "slip__brand").get(pk=note.pk)
    if note.taken_back_at:
        note.replayed = True
        return note
    # Said first: the guard of the ledger lets the postings of a note go that is being taken back.
    note.taken_back_at, note.taken_back_by = timezone.now(), actor
    note.save(update_fields=["taken_back_at", "taken_back_by", "updated_at"])
    rows = list(note.lines.select_related("line"))
    if note.sent:
        _hold_balances({(row.variant_id, row.location_id) for row in rows})
        _reverse(note.sent, note, actor, reason)
    reversal = _reverse(note.posting, note, actor, reason)
    _count_returned(rows, -1)
    if note.slip:
        key = f"return:{note.public_id}:back"
        take_back_slip(slip=note.slip, actor=actor, idempotency_key=key, posting=reversal, note=reason)
    return note


def _reverse(posting: Posting, note: ReturnNote, actor: User, reason: str) -> Posting:
    key = f"return:{note.public_id}:{posting.kind}:back"
    return reverse_posting(posting=posting, actor=actor, idempotency_key=key, reference=note.number, note=reason)
