"""The locations a brand makes itself. The virtual ones are kept by Jangbu."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from catalog.models import Brand
from catalog.services.saving import assign, refuse, save_clean
from erp.inventory.models import Location

FIELDS = frozenset({"code", "kind", "name_ko", "name_en", "is_active", "position"})


@transaction.atomic
def create_location(*, brand: Brand, **fields: Any) -> Location:
    """A warehouse, a shop or a place for defective goods."""
    location = Location(brand=brand)
    assign(location, FIELDS, fields)
    _refuse_virtual(location)
    location.is_internal = True
    save_clean(location)
    return location


@transaction.atomic
def update_location(*, location: Location, **fields: Any) -> Location:
    """Changes a location of ours; one that still holds stock stays open."""
    location = Location.objects.select_for_update(of=("self",)).get(pk=location.pk)
    _refuse_virtual(location)
    assign(location, FIELDS, fields)
    _refuse_virtual(location)
    if not location.is_active and location.balances.filter(on_hand__gt=0).exists():
        raise refuse("location_has_stock", _("There is stock here. Move it elsewhere first."), "is_active", status=409)
    save_clean(location)
    return location


def _refuse_virtual(location: Location) -> None:
    if location.kind not in Location.INTERNAL_KINDS:
        message = _("Locations outside of the house are kept by Jangbu itself.")
        raise refuse("virtual_location", message, "kind")
