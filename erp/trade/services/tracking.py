"""Courier and tracking number of a shipment: entered when it goes out, or afterwards."""

from __future__ import annotations

import re

from django.db import transaction
from django.utils.translation import gettext as _

from erp.core.errors import DomainError, Problem
from erp.core.models import User, touch
from erp.trade.couriers import couriers
from erp.trade.models import Order, Shipment

_NUMBER = re.compile(r"[0-9A-Z]{5,40}")


@transaction.atomic
def note_tracking(*, shipment: Shipment, actor: User, courier: str, tracking_number: str) -> Shipment:
    """Who carries it under which number; both blank: nobody. A shipment that was taken back keeps what it says."""
    current = Shipment.objects.select_for_update(of=("self",), no_key=True).get(pk=shipment.pk)
    if current.reversal_id or current.posting_id is None:
        message = _("Nothing of this shipment is on its way any more.")
        raise DomainError("not_shipped", message, [Problem("not_shipped", message, "tracking_number")], status=409)
    current.courier, current.tracking_number = checked_tracking(courier, tracking_number)
    current.save(update_fields=["courier", "tracking_number"])
    touch(Order.objects.filter(pk=current.order_id))
    return current


def checked_tracking(courier: str, tracking_number: str) -> tuple[str, str]:
    """Both as they are kept. Raises DomainError with each that is wrong."""
    number = re.sub(r"[\s\-]", "", tracking_number).upper()
    problems = []
    if courier and courier not in couriers():
        problems.append(Problem("unknown_courier", _("Choose a courier of the list."), "courier"))
    if number and not _NUMBER.fullmatch(number):
        message = _("A tracking number has 5 to 40 digits and Latin letters.")
        problems.append(Problem("bad_tracking_number", message, "tracking_number"))
    if bool(courier) != bool(number):
        field = "tracking_number" if courier else "courier"
        problems.append(Problem("incomplete", _("Give the courier and the tracking number, or neither."), field))
    if problems:
        raise DomainError(problems[0].code, problems[0].message, problems)
    return courier, number
