"""The flow of every entry of goods that belongs to a paper: shown, looked up in, refused, saved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from catalog.pages import BrandRequest
from erp.inventory.forms.sheet import numbers
from erp.inventory.lookup import look_up
from erp.inventory.views.entry import found_page, ready
from erp.trade.forms.goods import GoodsForm

Build = Callable[..., GoodsForm]


def goods_entry(
    request: BrandRequest,
    build: Build,
    finished: Callable[[Any], HttpResponse],
    page: Mapping[str, Any],
    template: str = "trade/goods_entry.html",
) -> HttpResponse:
    """`build` makes the form of `data` or `draft` and `products`; `finished` answers once it is saved.

    `page` holds what the template wants besides: `crumb` (address, words) and `find`, where a scanner's code is asked.
    """

    def show(form: GoodsForm, **more: Any) -> HttpResponse:
        context = {**page, "form": form, "code": request.POST.get("code", ""), **more}
        return render(request, template, context, status=422 if form.errors else 200)

    if request.method != "POST":
        return show(build(products=numbers(request.GET.getlist("product"))))
    products = numbers([*request.POST.getlist("product"), *request.POST.getlist("add")])
    if request.POST.get("action") or request.POST.get("add"):
        return _drafted(request, build, products, show)
    form = build(request.POST, products=products)
    if form.is_valid():
        form.save(request.user)
    return show(form) if form.errors or form.saved is None else finished(form.saved)


def _drafted(
    request: BrandRequest, build: Build, products: list[int], show: Callable[..., HttpResponse]
) -> HttpResponse:
    """What the page's script does by itself: looks up a code or words, or shows another place's balances."""
    found, variant = None, None
    if request.POST.get("action") == "find" and request.POST.get("code", "").strip():
        found = look_up(request.brand, request.POST["code"])
        variant = ready(found)
    form = build(draft=request.POST, products=[*products, *([variant.product_id] if variant else [])])
    if variant:
        form.sheet.count_up(variant.pk)
    return show(form, found=None if variant else found)


def find_in(request: BrandRequest, build: Build) -> HttpResponse:
    """The answer to the scanner, in the grids of the paper's own form."""
    return found_page(request, lambda products: build(draft=request.GET, products=products))
