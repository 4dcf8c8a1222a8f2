"""Packs (고미): the list of them, and one."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from catalog.access import Right
from catalog.models import Product
from catalog.pages import BrandRequest, brand_page
from erp.core.flash import done
from erp.inventory.forms.sheet import numbers
from erp.trade.forms.packs import PackForm
from erp.trade.models import Pack

PER_PAGE = 50
OFFERED = 24


@brand_page()
def index(request: BrandRequest) -> HttpResponse:
    packs = (
        Pack.objects.of(request.brand)
        .select_related("product")
        .prefetch_related("product__images", "lines__variant__colour", "lines__variant__size")
    )
    packs = packs.annotate(pieces=Sum("lines__quantity")).order_by("-is_active", "product__style_number", "name", "pk")
    page_obj = Paginator(packs, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "trade/packs/index.html", {"page_obj": page_obj})


@brand_page(Right.WORK)
def new(request: BrandRequest) -> HttpResponse:
    """Of which product comes first; then what is in it."""
    named = numbers([request.GET.get("product", "")])
    if named:
        product = get_object_or_404(Product.objects.of(request.brand), pk=named[0])
        return _edited(request, product)
    text = request.GET.get("q", "").replace("\0", "")[:120]
    products = Product.objects.of(request.brand).active().search(text).prefetch_related("images").order_by("-id")
    context = {"products": products[:OFFERED], "text": text}
    return render(request, "trade/packs/choose.html", context)


@brand_page(Right.WORK)
def edit(request: BrandRequest, pk: int) -> HttpResponse:
    pack = get_object_or_404(Pack.objects.of(request.brand).select_related("product"), pk=pk)
    return _edited(request, pack.product, pack)


def _edited(request: BrandRequest, product: Product, pack: Pack | None = None) -> HttpResponse:
    data: Any = request.POST if request.method == "POST" else None
    form = PackForm(data, brand=request.brand, product=product, pack=pack)
    if request.method == "POST" and form.is_valid() and (saved := form.save()):
        done(request, _("Pack “%(name)s” is saved.") % {"name": saved.name})
        return redirect("trade:packs", request.brand.slug)
    context = {"form": form, "product": product, "pack": pack}
    return render(request, "trade/packs/edit.html", context, status=422 if form.errors else 200)
