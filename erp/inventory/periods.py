"""Up to which day a brand's books are closed."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from catalog.days import day_start
from catalog.models import Brand
from erp.core.errors import DomainError, Problem
from erp.core.templatetags.jangbu import day as day_words
from erp.inventory.models import PeriodClose


def closed_through(brand: Brand) -> date | None:
    """The last closed business day; None: nothing is closed."""
    return PeriodClose.objects.of(brand).order_by("-pk").values_list("through", flat=True).first()


def check_open(brand: Brand, moment: datetime) -> None:
    """Refuses a moment in a closed period (409). For everything that says when it happened, papers and money too."""
    through = closed_through(brand)
    if through is not None and moment < day_start(brand, through + timedelta(days=1)):
        message = _("The books are closed through %(day)s. Enter it with a later day, or reopen the period first.")
        message %= {"day": day_words(through)}
        raise DomainError("period_closed", message, [Problem("period_closed", message, "occurred_at")], status=409)
