"""Purchase orders: the list, a new one, the page of one, and its paper."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django.views.decorators.vary import vary_on_headers

from catalog.access import Right
from catalog.pages import BrandRequest, brand_page
from erp.core.errors import DomainError
from erp.core.flash import done
from erp.core.pdf import pdf_response
from erp.inventory.forms.sheet import numbers
from erp.inventory.views.entry import found_page
from erp.trade.filters.purchases import PurchaseFilter
from erp.trade.forms.purchases import PurchaseForm
from erp.trade.models import Partner, PurchaseOrder
from erp.trade.pdf.purchase import purchase_pdf
from erp.trade.selectors.purchase_page import deliveries_of, tables_of
from erp.trade.selectors.purchases import amount_of, attach_products, with_sums
from erp.trade.services import purchases
from erp.trade.views.drafts import drafted_form

PER_PAGE = 30
STEPS: dict[str, Any] = {
    "send": purchases.order_purchase,
    "close": purchases.close_purchase,
    "reopen": purchases.reopen_purchase,
    "cancel": purchases.cancel_purchase,
}


@vary_on_headers("HX-Request")
@brand_page()
def purchase_list(request: BrandRequest) -> HttpResponse:
    form = PurchaseFilter(request.GET, brand=request.brand)
    rows = with_sums(form.found()).select_related("supplier").order_by("-id")
    page_obj = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    attach_products(list(page_obj.object_list))
    page = {"form": form, "page_obj": page_obj, "states": _states(form)}
    template = "trade/purchases.html#results" if request.htmx else "trade/purchases.html"
    return render(request, template, page)


def _states(form: PurchaseFilter) -> list[tuple[str, Any, int]]:
    """Each state with its label and how many orders are in it; "" is all of them."""
    counts = dict(form.counted().order_by().values_list("state").annotate(Count("pk")))
    chips = [(value, label, counts.get(value, 0)) for value, label in PurchaseOrder.State.choices]
    return [("", None, sum(counts.values())), *chips]


@brand_page(Right.WORK)
def new(request: BrandRequest) -> HttpResponse:
    return _entry(request, None)


@brand_page(Right.WORK)
def edit(request: BrandRequest, public_id: str) -> HttpResponse:
    return _entry(request, find_purchase(request, public_id))


def _entry(request: BrandRequest, order: PurchaseOrder | None) -> HttpResponse:
    common: dict[str, Any] = {"brand": request.brand, "order": order}
    if request.method != "POST":
        draft = None
        if order is None and request.GET.get("supplier"):
            draft = request.GET
        products = numbers(request.GET.getlist("product"))
        return _page(request, PurchaseForm(products=products, draft=draft, **common))
    products = numbers([*request.POST.getlist("product"), *request.POST.getlist("add")])
    if request.POST.get("action") or request.POST.get("add"):
        form, found = drafted_form(
            request, lambda more: PurchaseForm(products=[*products, *more], draft=request.POST, **common)
        )
        return _page(request, form, found=found)
    form = PurchaseForm(request.POST, products=products, **common)
    if form.is_valid():
        form.save(request.user)
    if form.errors or form.saved is None:
        return _page(request, form)
    done(request, _("Order %(number)s is saved.") % {"number": form.saved.number})
    return redirect("trade:purchase", request.brand.slug, form.saved.public_id)


def _page(request: BrandRequest, form: PurchaseForm, **context: Any) -> HttpResponse:
    suppliers = Partner.objects.of(request.brand).filter(is_supplier=True, is_active=True)
    context |= {"form": form, "order": form.order, "code": request.POST.get("code", ""), "entry": "purchase"}
    context["has_suppliers"] = suppliers.exists()
    return render(request, "trade/purchase_edit.html", context, status=422 if form.errors else 200)


@brand_page(Right.WORK)
def find(request: BrandRequest) -> HttpResponse:
    """What the scanner field asks for: the grid of a product, with the costs below it."""
    return found_page(request, lambda products: PurchaseForm(brand=request.brand, products=products, draft=request.GET))


@brand_page()
def purchase(request: BrandRequest, public_id: str) -> HttpResponse:
    return _purchase_page(request, find_purchase(request, public_id))


def _purchase_page(request: BrandRequest, order: PurchaseOrder, error: DomainError | None = None) -> HttpResponse:
    tables = tables_of(order)
    lines = [line for table in tables for line in table.lines]
    page: dict[str, Any] = {
        "order": order,
        "tables": tables,
        "amount": amount_of(lines),
        "ordered": sum(line.quantity for line in lines),
        "came": sum(line.received for line in lines),
        "missing": sum(line.to_come for line in lines),
        "over": sum(max(line.difference, 0) for line in lines),
        "deliveries": deliveries_of(order),
        "error": error,
    }
    return render(request, "trade/purchase.html", page, status=error.status if error else 200)


@brand_page(Right.WORK)
@require_POST
def step(request: BrandRequest, public_id: str, name: str) -> HttpResponse:
    """Sends, closes, opens again or cancels; what is so already stays so."""
    order = find_purchase(request, public_id)
    try:
        order = STEPS[name](order=order)
    except DomainError as error:
        return _purchase_page(request, find_purchase(request, public_id), error)
    words = _("Order %(number)s: %(state)s.") % {"number": order.number, "state": order.get_state_display()}
    messages.success(request, words)
    return redirect("trade:purchase", request.brand.slug, order.public_id)


@brand_page()
def paper(request: BrandRequest, public_id: str) -> HttpResponse:
    """The order as its supplier reads it, made for printing."""
    order = find_purchase(request, public_id)
    tables = [table for table in tables_of(order) if table.ordered]
    lines = [line for table in tables for line in table.lines]
    page = {
        "order": order,
        "tables": tables,
        "amount": amount_of(lines),
        "ordered": sum(line.quantity for line in lines),
    }
    return render(request, "trade/purchase_paper.html", page)


@brand_page()
def pdf(request: BrandRequest, public_id: str) -> HttpResponse:
    order = find_purchase(request, public_id)
    return pdf_response(purchase_pdf(order), f"{request.brand.slug}-{order.number}.pdf")


def find_purchase(request: BrandRequest, public_id: str) -> PurchaseOrder:
    orders = PurchaseOrder.objects.of(request.brand).select_related("brand", "supplier", "location", "created_by")
    return get_object_or_404(orders, public_id=public_id)
