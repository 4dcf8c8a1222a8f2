"""Goods of orders that nobody knows yet: by how often they are wanted, with what they may be."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.access import Right
from catalog.models import Product, Variant
from catalog.pages import BrandRequest, brand_page
from erp.channels.models import Channel
from erp.channels.services.intake import match_sku, unknown_skus
from erp.channels.services.suggestions import suggest
from erp.channels.views.found import find_channel, told
from erp.inventory.lookup import look_up

PER_PAGE = 20
MOST_VARIANTS = 60


@brand_page()
def index(request: BrandRequest, channel: int) -> HttpResponse:
    found = find_channel(request, channel)
    page_obj = Paginator(unknown_skus(found), PER_PAGE).get_page(request.GET.get("page"))
    rows = list(page_obj.object_list)
    for row, suggested in zip(rows, suggest(request.brand, rows).values(), strict=True):
        row["suggested"] = suggested
    return render(request, "channels/skus.html", {"channel": found, "page_obj": page_obj, "rows": rows})


@brand_page(Right.WORK)
def match(request: BrandRequest, channel: int) -> HttpResponse:
    """`?key=` is what the marketplace calls it; `?q=` searches our products. Posting `variant` says what it is."""
    found = find_channel(request, channel)
    key = (request.POST.get("key") or request.GET.get("key", ""))[:120].replace("\0", "")
    if not key:
        raise Http404
    if request.method == "POST":
        return _matched(request, found, key)
    row = _unknown(found, key)
    text = request.GET.get("q", "").replace("\0", "").strip()[:120]
    context: dict[str, Any] = {"channel": found, "row": row, "text": text}
    context["suggested"] = [] if text else suggest(request.brand, [row])[key]
    context["variants"] = _searched(request, text) if text else []
    return render(request, "channels/sku.html", context)


def _matched(request: BrandRequest, channel: Channel, key: str) -> HttpResponse:
    text = request.POST.get("variant", "")
    variants = Variant.objects.of(request.brand)
    variant = get_object_or_404(variants, pk=int(text) if text.isdecimal() and len(text) < 19 else 0)
    count = told(request, lambda: match_sku(channel=channel, sku=key, variant=variant, actor=request.user))
    if count is not None:
        words = ngettext("Matched. %(n)s order went on.", "Matched. %(n)s orders went on.", count) % {"n": count}
        told(request, lambda: True, words if count else _("Matched."))
    return redirect("channels:skus", request.brand.slug, channel.pk)


def _searched(request: BrandRequest, text: str) -> list[Variant]:
    hit = look_up(request.brand, text)
    products: list[Product] = [hit.variant.product] if hit.variant else hit.products
    rows = Variant.objects.of(request.brand).filter(product__in=products).select_related("product", "colour", "size")
    rows = rows.filter(pk=hit.variant.pk) if hit.variant else rows
    rows = rows.order_by("product", "colour__position", "colour", "size__position", "pk")
    return list(rows.prefetch_related("product__images")[:MOST_VARIANTS])


def _unknown(channel: Channel, key: str) -> dict[str, Any]:
    """The unknown goods with this key; where somebody matched them meanwhile, 404."""
    row = unknown_skus(channel).filter(known_as=key).first()
    if row is None:
        raise Http404
    return row
