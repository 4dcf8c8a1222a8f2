"""Who moved what, when, and what was there after: on a page, and as files."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.vary import vary_on_headers

from catalog.models import Product, Variant
from catalog.pages import BrandRequest, brand_page
from erp.core.errors import DomainError
from erp.core.keyset import key_page, keys_of
from erp.inventory.downloads import csv_download, xlsx_download
from erp.inventory.filters import MovementFilter
from erp.inventory.history import history_row
from erp.inventory.models import Balance, Location, MovementKind, StockMovement
from erp.inventory.sql.people import people_of

LINKED = ("variant", "product", "reference", "posting")


@vary_on_headers("HX-Request")
@brand_page()
def history(request: BrandRequest) -> HttpResponse:
    found = _filter(request)
    page = key_page(found.qs.complete(), **keys_of(request))
    context: dict[str, Any] = {
        "filter": found,
        "rows": [history_row(movement) for movement in page.rows],
        "page": page,
        "locations": Location.objects.of(request.brand),
        "people": people_of(request.brand),
        "kinds": MovementKind.choices,
        "chips": _chips(request, found),
        "query": _address(request),
        "variant": _variant(request, found),
    }
    template = "inventory/history.html#results" if request.htmx else "inventory/history.html"
    return render(request, template, context)


@brand_page()
def history_csv(request: BrandRequest) -> HttpResponseBase:
    found = _filter(request)
    return csv_download(found.qs, name=request.brand.slug) if found.is_valid() else _back(request)


@brand_page()
def history_xlsx(request: BrandRequest) -> HttpResponseBase:
    found = _filter(request)
    if not found.is_valid():
        return _back(request)
    try:
        return xlsx_download(found.qs, name=request.brand.slug)
    except DomainError as error:
        messages.warning(request, str(error.message))
        return _back(request)


def _filter(request: BrandRequest) -> MovementFilter:
    movements = StockMovement.objects.of(request.brand)
    return MovementFilter(request.GET, queryset=movements, request=request, brand=request.brand)


def _back(request: BrandRequest) -> HttpResponse:
    return redirect(f"{reverse('inventory:history', args=[request.brand.slug])}{_address(request)}")


def _variant(request: BrandRequest, found: MovementFilter) -> dict[str, Any] | None:
    """The one variant a history was narrowed to, with what is where now."""
    pk = _on(found).get("variant")
    if not pk:
        return None
    variants = Variant.objects.of(request.brand).select_related("product", "colour", "size")
    variant = variants.prefetch_related("product__images").filter(pk=int(pk)).first()
    if variant is None:
        return None
    balances = Balance.objects.filter(variant=variant).select_related("location").order_by("location__position", "pk")
    return {"variant": variant, "balances": balances}


def _on(found: MovementFilter) -> dict[str, Any]:
    """The filters that narrow; what is wrong in the address narrows nothing and is told at its field."""
    found.is_valid()
    return {name: value for name, value in found.form.cleaned_data.items() if value}


def _chips(request: BrandRequest, found: MovementFilter) -> list[dict[str, str]]:
    """The filters that came with a link and have no field in the form, each with the address without it."""
    on = {name: value for name, value in _on(found).items() if name in LINKED}
    words = {name: f"{found.form.fields[name].label}: {value}" for name, value in on.items()}
    if "product" in on:
        product = Product.objects.of(request.brand).filter(pk=int(on["product"])).first()
        words["product"] = (product.name or product.style_number) if product else words["product"]
    if "variant" in on:
        words["variant"] = _("One variant only")
    return [{"name": name, "value": on[name], "words": words[name], "off": _address(request, name)} for name in on]


def _address(request: BrandRequest, *without: str) -> str:
    params = request.GET.copy()
    for name in ("before", "after", *without):
        params.pop(name, None)
    return f"?{params.urlencode()}"
