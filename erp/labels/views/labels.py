"""Which labels, how many, how they look; then the PDF."""

from __future__ import annotations

import base64
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from catalog.access import Right
from catalog.pages import BrandRequest, brand_page
from erp.core.errors import DomainError
from erp.core.pdf import pdf_response
from erp.counting.models import StockCount
from erp.inventory.forms.sheet import PREFIX, numbers
from erp.inventory.lookup import look_up
from erp.inventory.models import Location, Posting
from erp.inventory.views.entry import found_page, ready
from erp.labels.forms import LabelForm
from erp.labels.selectors import Quantities, of_count, of_posting, of_stock
from erp.labels.services import make_labels, preview_labels, remember_options


@brand_page(Right.WORK)
def labels(request: BrandRequest) -> HttpResponse:
    """Begins with what the address names: `posting`, `count`, `location`, `product` and `variant` (several),
    `q-<variant>=n`."""
    if request.method != "POST":
        return _page(request, _begun(request))
    products = numbers([*request.POST.getlist("product"), *request.POST.getlist("add")])
    action = request.POST.get("action", "")
    if action in ("print", "preview") and not request.POST.get("add"):
        form = LabelForm(request.POST, brand=request.brand, products=products)
        return _print(request, form) if action == "print" else _preview(request, form)
    return _drafted(request, action, products)


@brand_page(Right.WORK)
def find(request: BrandRequest) -> HttpResponse:
    """The grid of what was scanned or looked up, for scan.js."""
    return found_page(request, lambda products: LabelForm(brand=request.brand, products=products, draft=request.GET))


def _begun(request: BrandRequest) -> LabelForm:
    """The form filled with what a link asks for."""
    wanted: Quantities = {}
    if public_id := _uuid(request.GET.get("posting", "")):
        wanted = of_posting(get_object_or_404(Posting.objects.of(request.brand), public_id=public_id))
    elif public_id := _uuid(request.GET.get("count", "")):
        wanted = of_count(get_object_or_404(StockCount.objects.of(request.brand), public_id=public_id))
    elif places := numbers([request.GET.get("location", "")]):
        wanted = of_stock(get_object_or_404(Location.objects.of(request.brand).internal(), pk=places[0]))
    wanted |= dict.fromkeys(numbers(request.GET.getlist("variant")), 1)
    typed = {f"{PREFIX}{pk}": str(count) for pk, count in wanted.items()}
    typed |= {name: request.GET.get(name, "") for name in request.GET if name.startswith(PREFIX)}
    form = LabelForm(brand=request.brand, products=numbers(request.GET.getlist("product")), typed=typed)
    if request.GET.get("fill"):
        form.fill_with_stock()
    return form


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _drafted(request: BrandRequest, action: str, products: list[int]) -> HttpResponse:
    """Everything but printing: what is typed is kept; a code is counted up, a product added, or the cells filled."""
    found, scanned = None, None
    if action == "find" and request.POST.get("code", "").strip():
        found = look_up(request.brand, request.POST["code"])
        scanned = ready(found)
    products = [*products, scanned.product_id] if scanned else products
    form = LabelForm(brand=request.brand, products=products, draft=request.POST)
    if scanned:
        form.sheet.count_up(scanned.pk)
    if action == "fill":
        form.fill_with_stock()
    return _page(request, form, found=None if scanned else found)


def _print(request: BrandRequest, form: LabelForm) -> HttpResponse:
    if form.is_valid():
        try:
            content = make_labels(brand=request.brand, quantities=form.quantities(), options=form.options())
        except DomainError as error:
            form.take(error)
        else:
            remember_options(brand=request.brand, options=form.options())
            return pdf_response(content, f"{request.brand.slug}-labels-{timezone.localdate():%Y%m%d}.pdf")
    return _page(request, form)


def _preview(request: BrandRequest, form: LabelForm) -> HttpResponse:
    """A picture of the first page; what keeps it from being printed stands in its place."""
    context: dict[str, Any] = {"asked": True}
    if form.is_valid() and form.quantities():
        try:
            made = preview_labels(brand=request.brand, quantities=form.quantities(), options=form.options())
        except DomainError as error:
            form.take(error)
        else:
            context |= {"preview": made, "picture": base64.b64encode(made.picture).decode()}
    if request.htmx:
        return render(request, "labels/labels.html#preview", context | {"form": form})
    return _page(request, form, **context)


def _page(request: BrandRequest, form: LabelForm, **context: Any) -> HttpResponse:
    context |= {"form": form, "entry": "labels", "code": request.POST.get("code", "")}
    return render(request, "labels/labels.html", context, status=422 if form.errors else 200)
