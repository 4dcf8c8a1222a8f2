"""What papers answer to the ledger."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver
from django.utils.translation import gettext as _

from catalog.models import Brand
from erp.core.errors import DomainError, Problem
from erp.inventory.signals import holding_by_hand
from erp.trade.models import Order


@receiver(holding_by_hand)
def refuse_what_an_order_holds(sender: Any, brand: Brand, reference: str, **more: Any) -> None:
    """Pieces held under the number of an order are the order's: it counts them line by line."""
    if reference and Order.objects.of(brand).filter(number=reference).exists():
        message = _("Order %(number)s holds these pieces. Change or cancel the order instead.") % {"number": reference}
        raise DomainError("held_by_order", message, [Problem("held_by_order", message, "reference")], status=409)
