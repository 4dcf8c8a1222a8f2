"""Loans: what is out, what is late, and what became of the rest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, Prefetch, Sum
from django.db.models.functions import Coalesce

from catalog.days import business_day
from catalog.models import Brand
from erp.inventory.models import StockMovement
from erp.trade.models import Loan, LoanEvent


@dataclass(frozen=True, slots=True)
class Overdue:
    """How much is late, for a notice: loans, pieces, and since when the oldest."""

    loans: int
    pieces: int
    since: date | None


def with_out(loans: Any) -> Any:
    """Annotates `out`, the pieces that are still with the borrower, and `lent`."""
    out = F("lines__quantity") - F("lines__returned") - F("lines__kept")
    return loans.annotate(out=Coalesce(Sum(out), 0), lent=Coalesce(Sum("lines__quantity"), 0))


def open_loans(brand: Brand) -> Any:
    """Those with something out, the one due first at the top."""
    return with_out(Loan.objects.of(brand).filter(closed_at=None)).order_by("due_on", "pk")


def late_loans(brand: Brand) -> Any:
    return open_loans(brand).filter(due_on__lt=business_day(brand))


def overdue(brand: Brand) -> Overdue:
    """For the notice on the home page. Three figures in two queries."""
    late = Loan.objects.of(brand).filter(closed_at=None, due_on__lt=business_day(brand))
    pieces = with_out(late).values_list("out", flat=True)
    found = late.aggregate(loans=Count("pk"))
    first = late.order_by("due_on").values_list("due_on", flat=True).first() if found["loans"] else None
    return Overdue(found["loans"], sum(pieces), first)


def events_of(loan: Loan) -> Any:
    """What became of its pieces, in the order it happened, with the movements of each."""
    movements = StockMovement.objects.select_related("variant__colour", "variant__size", "variant__product")
    rows = LoanEvent.objects.filter(loan=loan).select_related("posting__actor", "slip")
    return rows.prefetch_related(Prefetch("posting__movements", movements)).order_by("pk")
