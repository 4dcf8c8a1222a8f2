"""All products, variants and stock of a brand as a file."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from catalog.models import Variant
from catalog.pages import BrandRequest, brand_page
from erp.core.errors import DomainError
from erp.exchange.products.downloads import products_csv, products_xlsx


@require_safe
@brand_page()
def export(request: BrandRequest) -> HttpResponse:
    """Which file to take."""
    return render(request, "exchange/export.html", {"variants": Variant.objects.of(request.brand).count()})


@require_safe
@brand_page()
def as_csv(request: BrandRequest) -> HttpResponseBase:
    return products_csv(request.brand, encoding=request.GET.get("encoding", ""))


@require_safe
@brand_page()
def as_xlsx(request: BrandRequest) -> HttpResponseBase:
    try:
        return products_xlsx(request.brand)
    except DomainError as error:
        messages.warning(request, str(error.message))
        return redirect("exchange:export", request.brand.slug)
