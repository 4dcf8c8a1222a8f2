"""Sample loans: pieces go out to a borrower by a day, and come back, are sold to them, or are lost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.days import business_day
from erp.core.errors import DomainError, Problem
from erp.core.models import User
from erp.inventory.models import Location, MovementKind, Posting
from erp.inventory.services import Line, post_movements, reverse_posting
from erp.trade.models import Loan, LoanEvent, LoanLine, Partner, Slip, SlipLine
from erp.trade.services.numbers import paper_number
from erp.trade.services.once import check_key, fingerprint_of, once
from erp.trade.services.slip_reversal import take_back_slip
from erp.trade.services.slips import SlipEntry, issue_slip

SERIES = "LN"
LONGEST = timedelta(days=731)
Kind = LoanEvent.Kind
OUT = Location.Kind.SAMPLE.value
# Where what became of lent pieces takes them, and the kind of its posting.
ENDS = {
    Kind.SOLD: (Location.Kind.CUSTOMER.value, MovementKind.SHIPMENT),
    Kind.LOST: (Location.Kind.ADJUSTMENT.value, MovementKind.ADJUSTMENT),
}


def lend(
    *,
    borrower: Partner,
    location: Location,
    quantities: Mapping[int, int],
    due_on: date,
    actor: User,
    idempotency_key: str,
    note: str = "",
) -> Loan:
    """Lends pieces (by variant id) from a place of ours until a day. The same key answers the first loan again."""
    check_key(idempotency_key)
    brand = borrower.brand
    _check_due(borrower, due_on)
    content = fingerprint_of(borrower.pk, location.pk, list(quantities.items()), due_on, note)

    def write() -> Loan:
        number = paper_number(brand=brand, series=SERIES)
        posting = post_movements(
            brand=brand,
            kind=MovementKind.TRANSFER,
            lines=[Line(pk, quantity, location.pk, OUT) for pk, quantity in quantities.items()],
            actor=actor,
            idempotency_key=f"loan:{number}",
            reference=number,
            note=note,
        )
        loan = Loan.objects.create(
            brand=brand, number=number, borrower=borrower, location=location, due_on=due_on, posting=posting, note=note,
            created_by=actor, idempotency_key=idempotency_key, fingerprint=content,
        )  # fmt: skip
        rows = [LoanLine(loan=loan, variant_id=pk, quantity=quantity) for pk, quantity in quantities.items()]
        LoanLine.objects.bulk_create(rows)
        return loan

    return once(Loan.objects.of(brand).filter(idempotency_key=idempotency_key).first, content, write)


def _check_due(borrower: Partner, due_on: date) -> None:
    today = business_day(borrower.brand)
    if due_on < today:
        message = _("This day is over. Choose today or later.")
        raise DomainError("in_the_past", message, [Problem("in_the_past", message, "due_on")])
    if due_on > today + LONGEST:
        message = _("This is more than two years away: nobody would be reminded. Choose an earlier day.")
        raise DomainError("too_far", message, [Problem("too_far", message, "due_on")])


@transaction.atomic
def extend_loan(*, loan: Loan, due_on: date) -> Loan:
    """Another day by which an open loan is due."""
    loan = Loan.objects.select_for_update(of=("self",), no_key=True).select_related("borrower__brand").get(pk=loan.pk)
    _check_due(loan.borrower, due_on)
    _refuse_closed(loan)
    loan.due_on = due_on
    loan.save(update_fields=["due_on", "updated_at"])
    return loan


def _refuse_closed(loan: Loan) -> None:
    if loan.closed_at:
        raise DomainError("closed", _("Nothing of this loan is out any more."), status=409)


def take_samples_back(
    *,
    loan: Loan,
    location: Location,
    quantities: Mapping[int, int],
    actor: User,
    idempotency_key: str,
    note: str = "",
) -> LoanEvent:
    """So many pieces of each variant come back, to a place of ours."""
    return _settle(loan, Kind.RETURNED, quantities, actor, idempotency_key, note, location=location)


def sell_samples(
    *,
    loan: Loan,
    quantities: Mapping[int, int],
    unit_prices: Mapping[int, Decimal],
    actor: User,
    idempotency_key: str,
    paid: Decimal = Decimal(0),
    method: str = "cash",
    note: str = "",
) -> LoanEvent:
    """The borrower keeps pieces and buys them: a slip bills them at the prices by variant id."""
    return _settle(
        loan, Kind.SOLD, quantities, actor, idempotency_key, note, prices=unit_prices, paid=paid, method=method
    )


def lose_samples(
    *, loan: Loan, quantities: Mapping[int, int], actor: User, idempotency_key: str, note: str = ""
) -> LoanEvent:
    """Pieces that do not come back and are not paid for are written off."""
    return _settle(loan, Kind.LOST, quantities, actor, idempotency_key, note)


def _settle(
    loan: Loan,
    kind: str,
    quantities: Mapping[int, int],
    actor: User,
    key: str,
    note: str,
    *,
    location: Location | None = None,
    prices: Mapping[int, Decimal] | None = None,
    paid: Decimal = Decimal(0),
    method: str = "",
) -> LoanEvent:
    check_key(key)
    sums = sorted((pk, price.normalize()) for pk, price in (prices or {}).items())
    place = location and location.pk
    content = fingerprint_of(str(kind), list(quantities.items()), note, place, sums, paid.normalize(), str(method))

    def write() -> LoanEvent:
        locked = _locked(loan)
        lines = _counted(locked, kind, quantities)
        posting = _post(locked, kind, quantities, actor, note, location)
        slip = _bill(locked, quantities, prices or {}, posting, actor, paid, method, note) if prices else None
        LoanLine.objects.bulk_update(lines, ["returned", "kept"])
        _close(locked)
        return LoanEvent.objects.create(
            loan=locked, kind=kind, posting=posting, slip=slip, idempotency_key=key, fingerprint=content
        )

    if kind == Kind.SOLD and (problem := _unpriced(quantities, prices or {})):
        raise problem
    return once(loan.events.filter(idempotency_key=key).first, content, write)


def _unpriced(quantities: Mapping[int, int], prices: Mapping[int, Decimal]) -> DomainError | None:
    message = _("Type what one piece costs.")
    wrong = [
        Problem("no_price", message, "unit_price", line)
        for line, pk in enumerate(quantities, start=1)
        if prices.get(pk) is None
    ]
    return DomainError("no_price", message, wrong) if wrong or not quantities else None


def _locked(loan: Loan) -> Loan:
    rows = Loan.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("brand", "borrower__brand", "location").get(pk=loan.pk)


def _counted(loan: Loan, kind: str, quantities: Mapping[int, int]) -> list[LoanLine]:
    """The lines with what is settled now, never more than is out."""
    _refuse_closed(loan)
    lines = {line.variant_id: line for line in loan.lines.select_related("variant")}
    problems = []
    for number, (pk, quantity) in enumerate(quantities.items(), start=1):
        line = lines.get(pk)
        if line is None or type(quantity) is not int or not 0 < quantity <= line.out:
            most = line.out if line else 0
            message = _("At most %(most)s of this are out. Type 1 to %(most)s.") % {"most": most}
            message = message if most else _("Nothing of this is out any more. Leave it empty.")
            problems.append(Problem("not_out", message, "quantity", number))
        elif kind == Kind.RETURNED:
            line.returned += quantity
        else:
            line.kept += quantity
    if problems:
        raise DomainError("not_out", _("Nothing was saved, for the reasons below."), problems)
    return [lines[pk] for pk in quantities]


def _post(
    loan: Loan, kind: str, quantities: Mapping[int, int], actor: User, note: str, location: Location | None
) -> Posting:
    end, movement = (location.pk, MovementKind.TRANSFER) if location else ENDS[Kind(kind)]
    number = loan.events.count() + 1
    return post_movements(
        brand=loan.brand,
        kind=movement,
        lines=[Line(pk, quantity, OUT, end) for pk, quantity in quantities.items()],
        actor=actor,
        idempotency_key=f"loan:{loan.number}:{number}",
        reference=loan.number,
        note=note,
    )


def _bill(
    loan: Loan,
    quantities: Mapping[int, int],
    prices: Mapping[int, Decimal],
    posting: Posting,
    actor: User,
    paid: Decimal,
    method: str,
    note: str,
) -> Slip:
    variants = {line.variant_id: line.variant for line in loan.lines.select_related("variant")}
    return issue_slip(
        buyer=loan.borrower,
        kind=Slip.Kind.SALE,
        entries=[SlipEntry(variants[pk], SlipLine.Kind.SOLD, n, prices[pk]) for pk, n in quantities.items()],
        actor=actor,
        idempotency_key=f"loan:{posting.public_id}",
        posting=posting,
        paid=paid,
        method=method,
        note=note,
    )


def _close(loan: Loan) -> None:
    """Closed while nothing is out."""
    is_out = any(line.out for line in loan.lines.all())
    loan.closed_at = None if is_out else (loan.closed_at or timezone.now())
    loan.save(update_fields=["closed_at", "updated_at"])


@transaction.atomic
def take_back_event(*, event: LoanEvent, actor: User, reason: str = "") -> LoanEvent:
    """It did not happen: the pieces are out again, and the slip is taken back. Again, it does nothing.

    Raises DomainError where pieces that came back have gone on since.
    """
    loan = _locked(event.loan)
    event = LoanEvent.objects.select_related("posting", "slip__buyer", "slip__brand").get(pk=event.pk)
    if event.taken_back_at:
        event.replayed = True
        return event
    # Said first: the guard of the ledger lets a posting go that is being taken back.
    event.taken_back_at = timezone.now()
    event.save(update_fields=["taken_back_at"])
    lines = {line.variant_id: line for line in loan.lines.all()}
    for variant_id, quantity in event.posting.movements.values_list("variant", "quantity"):
        counter = "returned" if event.kind == Kind.RETURNED else "kept"
        setattr(lines[variant_id], counter, getattr(lines[variant_id], counter) - quantity)
    key = f"loan:{event.posting.public_id}:back"
    reversal = reverse_posting(
        posting=event.posting, actor=actor, idempotency_key=key, reference=loan.number, note=reason
    )
    if event.slip:
        take_back_slip(slip=event.slip, actor=actor, idempotency_key=key, posting=reversal, note=reason)
    LoanLine.objects.bulk_update(lines.values(), ["returned", "kept"])
    _close(loan)
    return event
