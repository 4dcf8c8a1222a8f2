"""What a person reads when there is not enough stock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from erp.core.errors import Problem
from erp.inventory.models import Location
from erp.inventory.services.walk import Short
from erp.inventory.sql.locks import MAX_ON_HAND
from erp.inventory.sql.postings import KnownVariant


def shortage_problems(shorts: Sequence[Short], variants: Mapping[int, KnownVariant]) -> list[Problem]:
    """One problem for each line that is short, with how many there are."""
    if not shorts:
        return []
    locations = Location.objects.in_bulk({short.location_id for short in shorts})
    return [_problem(short, variants[short.line.variant_id].sku, locations[short.location_id]) for short in shorts]


def _problem(short: Short, sku: str, location: Location) -> Problem:
    words = {
        "sku": sku,
        "location": location.name,
        "wanted": short.line.quantity,
        "available": short.available,
        "missing": short.line.quantity - short.available,
        "reserved": short.reserved,
        "most": f"{MAX_ON_HAND:,}",
    }
    if short.too_much:
        message = _("%(sku)s, %(location)s: no more than %(most)s pieces can be kept in one place.") % words
        return Problem("balance_too_large", message, "quantity", short.number)
    if short.reserved:
        message = _(
            "%(sku)s, %(location)s: %(wanted)s asked, %(available)s available (%(reserved)s more are reserved), "
            "%(missing)s missing."
        )
    else:
        message = _("%(sku)s, %(location)s: %(wanted)s asked, %(available)s available, %(missing)s missing.")
    return Problem("insufficient_stock", message % words, "quantity", short.number)
