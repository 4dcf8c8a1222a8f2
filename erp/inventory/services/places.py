"""The locations a brand makes itself. The virtual ones are kept by Jangbu."""

from __future__ import annotations

from copy import copy
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from catalog.models import Brand
from catalog.services.saving import assign, refuse, save_clean
from erp.inventory.low import SELLABLE
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
    """Changes a location of ours. One that holds stock stays open, and one that goods have moved at keeps its kind."""
    # A posting holds its places FOR KEY SHARE, which only the full lock waits for: its goods are seen here, or it sees
    # what was decided here. A new name waits for no posting.
    decides = not fields.keys().isdisjoint(("is_active", "kind"))
    location = Location.objects.select_for_update(no_key=not decides).get(pk=location.pk)
    _refuse_virtual(location)
    before = copy(location)
    assign(location, FIELDS, fields)
    _refuse_virtual(location)
    if location.kind != before.kind:
        _refuse_used(before)
    if before.is_active and not location.is_active:
        _refuse_stocked(before)
    if _sells(before) and not _sells(location):
        _keep_a_place(location)
    save_clean(location)
    return location


def _refuse_used(location: Location) -> None:
    """What a place is for does not change: its movements mean what they meant."""
    if location.departures.exists() or location.arrivals.exists():
        message = _("Goods have moved here, so its kind stays. Add another location of the kind you need.")
        raise refuse("location_in_use", message, "kind", status=409)


def _refuse_stocked(location: Location) -> None:
    if location.balances.filter(on_hand__gt=0).exists():
        raise refuse("location_has_stock", _("There is stock here. Move it elsewhere first."), "is_active", status=409)


def _keep_a_place(location: Location) -> None:
    """Refuses to take the last place away that goods are received at and sold from.

    The brand's row is locked: two places cannot be closed at once, each because the other one is open.
    """
    Brand.objects.select_for_update(no_key=True).get(pk=location.brand_id)
    others = Location.objects.of(location.brand_id).open().filter(kind__in=SELLABLE).exclude(pk=location.pk)
    if not others.exists():
        message = _("This is the last open warehouse or shop. Open or add another one first.")
        field = "kind" if location.is_active else "is_active"
        raise refuse("last_location", message, field, status=409)


def _sells(location: Location) -> bool:
    return location.is_active and location.kind in SELLABLE


def _refuse_virtual(location: Location) -> None:
    if location.kind not in Location.INTERNAL_KINDS:
        message = _("Locations outside of the house are kept by Jangbu itself.")
        raise refuse("virtual_location", message, "kind")
