"""The life of one variant, from its first arrival to now."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from catalog.models import Variant
from catalog.pages import BrandRequest, brand_page
from erp.core.keyset import key_page, keys_of
from erp.inventory.life import events_of, lots_of
from erp.inventory.models import Balance, StockMovement


@brand_page()
def life(request: BrandRequest, pk: int) -> HttpResponse:
    variants = Variant.objects.of(request.brand).select_related("product", "colour", "size")
    variant = get_object_or_404(variants.prefetch_related("product__images"), pk=pk)
    balances = Balance.objects.filter(variant=variant).select_related("location").order_by("location__position", "pk")
    movements = (
        StockMovement.objects.filter(variant=variant)
        .complete()
        .prefetch_related("reversed_by__posting", "reversed_by__actor", "reverses__posting")
    )
    page = key_page(movements, **keys_of(request))
    context: dict[str, Any] = {
        # As a history shows the one variant it is about.
        "variant": {"variant": variant, "balances": balances},
        "one": variant,
        "page": page,
        "events": events_of(variant, page, request.user),
        "lots": lots_of(variant) if not page.newer else None,
    }
    return render(request, "inventory/life.html", context)
