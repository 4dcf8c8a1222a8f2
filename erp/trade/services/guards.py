"""Postings of papers that also moved money, or that count what is still out, are taken back with their paper.

Reversed at the ledger's own page, the goods would be back and the money would not. So the ledger refuses, and says
where to do it. A paper that is being taken back says so (`taken_back_at`) before it reverses its own postings.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.dispatch import receiver
from django.utils.translation import gettext as _

from erp.core.errors import DomainError, Problem
from erp.inventory.models import Posting
from erp.inventory.signals import reversing
from erp.trade.models import ConsignmentSale, Loan, LoanEvent, ReturnNote


@receiver(reversing)
def refuse_alone(sender: Any, *, posting: Posting, **kwargs: Any) -> None:
    """Raises DomainError `belongs_to_paper` (409), naming the paper."""
    number = _standing_paper(posting)
    if number:
        message = _("This belongs to %(paper)s. Take it back there, so that stock and money stay together.")
        text = message % {"paper": number}
        raise DomainError("belongs_to_paper", text, [Problem("belongs_to_paper", text)], status=409)


def _standing_paper(posting: Posting) -> str:
    """The number of the paper that holds on to a posting, or nothing."""
    notes = ReturnNote.objects.filter(Q(posting=posting) | Q(sent=posting), taken_back_at=None)
    sales = ConsignmentSale.objects.filter(posting=posting, taken_back_at=None)
    events = LoanEvent.objects.filter(posting=posting, taken_back_at=None)
    loans = Loan.objects.filter(posting=posting)
    found = (
        notes.values_list("number", flat=True).order_by()
        .union(sales.values_list("number", flat=True).order_by(), all=True)
        .union(events.values_list("loan__number", flat=True).order_by(), all=True)
        .union(loans.values_list("number", flat=True).order_by(), all=True)
    )  # fmt: skip
    return next(iter(found), "")
