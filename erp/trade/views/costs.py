"""What pieces of a variant cost, and each step that led there."""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from catalog.models import Variant
from catalog.pages import BrandRequest, brand_page
from erp.core.keyset import key_page, keys_of
from erp.inventory.costs import average_costs
from erp.inventory.models import CostEntry


@brand_page()
def cost(request: BrandRequest, pk: int) -> HttpResponse:
    """The derivation of the moving average, newest first."""
    variants = Variant.objects.of(request.brand).select_related("product", "colour", "size")
    variant = get_object_or_404(variants.prefetch_related("product__images"), pk=pk)
    entries = CostEntry.objects.of(request.brand).filter(variant=variant)
    entries = entries.select_related("movement__posting__delivery__order")
    others = Variant.objects.of(request.brand).filter(product=variant.product_id).select_related("colour", "size")
    steps = key_page(entries, **keys_of(request))
    for entry in steps.rows:
        entry.pieces, entry.on_hand_after = abs(entry.quantity), entry.on_hand_before + entry.quantity
    page: dict[str, Any] = {
        "variant": variant,
        "average": average_costs(request.brand, [variant.pk]).get(variant.pk),
        "page": steps,
        "others": others.order_by("colour__position", "size__position", "pk"),
    }
    return render(request, "trade/cost.html", page)


@require_safe
@brand_page()
def of_product(request: BrandRequest, pk: int) -> HttpResponse:
    """The first variant of a product that has a cost, else its first; the others are a press away."""
    variants = Variant.objects.of(request.brand).filter(product=pk)
    first = variants.order_by(
        F("cost__average").asc(nulls_last=True), "colour__position", "size__position", "pk"
    ).first()
    if first is None:
        raise Http404
    return redirect("trade:cost", request.brand.slug, first.pk)
