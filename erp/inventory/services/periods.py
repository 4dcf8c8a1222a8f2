"""Closing periods, and opening them again: by rows that are only added, the latest of which holds."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.days import FIRST_DAY, day_start
from catalog.models import Brand
from catalog.services.saving import refuse, save_clean
from erp.core.audit import by_actor
from erp.core.models import User
from erp.inventory.models import PeriodClose
from erp.inventory.periods import closed_through
from erp.inventory.services.seals import GRACE
from erp.inventory.sql.locks import lock_places


@by_actor
@transaction.atomic
def close_period(*, brand: Brand, through: date, actor: User, reason: str = "") -> PeriodClose:
    """From now on nothing is said to have happened on this business day or before. Postings under way are waited for.

    Raises DomainError: `period_not_over` (also in the hour after its end), `already_closed`.
    """
    lock_places(brand.pk)
    if through < FIRST_DAY or day_start(brand, through + timedelta(days=1)) + GRACE > timezone.now():
        message = _("This day is not over yet. Close up to an earlier one; a day can be closed an hour after it ended.")
        raise refuse("period_not_over", message, "through")
    closed = closed_through(brand)
    if closed and through <= closed:
        raise refuse("already_closed", _("The books are closed through that day already."), "through", status=409)
    return _add(brand, through, actor, reason)


@by_actor
@transaction.atomic
def reopen_period(*, brand: Brand, through: date | None, actor: User, reason: str) -> PeriodClose:
    """Leaves the books closed only through an earlier day, or opens all of them (None). It needs a reason.

    Raises DomainError: `reason_missing`, `not_closed`.
    """
    lock_places(brand.pk)
    closed = closed_through(brand)
    if closed is None or (through and through >= closed):
        raise refuse("not_closed", _("The books are not closed that far."), "through", status=409)
    if not reason.strip():
        raise refuse("reason_missing", _("Say why the period is opened again."), "reason")
    return _add(brand, through, actor, reason)


def _add(brand: Brand, through: date | None, actor: User, reason: str) -> PeriodClose:
    row = PeriodClose(brand=brand, through=through, actor=actor, reason=reason.strip())
    save_clean(row)
    return row
