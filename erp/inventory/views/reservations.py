"""What is held, for which paper, until when."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from catalog.models import Variant
from catalog.pages import BrandRequest, brand_page
from erp.core.keyset import key_page
from erp.inventory.forms.sheet import numbers
from erp.inventory.models import Reservation


@brand_page()
def reservations(request: BrandRequest) -> HttpResponse:
    """`?variant=ID` narrows it to one variant, `?all=1` shows what was shipped or released too."""
    rows = Reservation.objects.of(request.brand).select_related(
        "variant__product", "variant__colour", "variant__size", "location", "actor"
    )
    everything = request.GET.get("all") == "1"
    variant = _variant(request)
    if not everything:
        rows = rows.open()
    if variant:
        rows = rows.filter(variant=variant)
    context: dict[str, Any] = {
        "page": key_page(rows.prefetch_related("variant__product__images"), **_keys(request)),
        "variant": variant,
        "everything": everything,
    }
    return render(request, "inventory/reservations.html", context)


def _variant(request: BrandRequest) -> Variant | None:
    pk = next(iter(numbers([request.GET.get("variant", "")])), None)
    return Variant.objects.of(request.brand).select_related("product").filter(pk=pk).first() if pk else None


def _keys(request: BrandRequest) -> dict[str, int | None]:
    return {name: next(iter(numbers([request.GET.get(name, "")])), None) for name in ("before", "after")}
