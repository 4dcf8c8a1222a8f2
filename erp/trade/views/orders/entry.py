"""A new order or sale, and a draft that is changed."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from catalog.access import Right
from catalog.pages import BrandRequest, brand_page
from erp.core.errors import DomainError
from erp.core.flash import done
from erp.inventory.forms.sheet import numbers
from erp.inventory.lookup import Found, look_up
from erp.inventory.views.entry import ready
from erp.trade.forms.orders import OrderForm
from erp.trade.models import Order, Pack, Partner
from erp.trade.selectors.orders import buyers_of, find_pack
from erp.trade.services.partners import create_partner

OFFERED = 12


@brand_page(Right.WORK)
def new(request: BrandRequest) -> HttpResponse:
    """Whom the order is for comes first; then what."""
    named = numbers([request.POST.get("buyer", "") or request.GET.get("buyer", "")])
    buyer = _buyer(request, named[0]) if named else None
    if buyer is None:
        return _choose_buyer(request)
    return _entry(request, {"buyer": buyer})


@brand_page(Right.WORK)
def sell(request: BrandRequest) -> HttpResponse:
    """Over the counter, to a customer without an account."""
    return _entry(request, {"buyer": None})


@brand_page(Right.WORK)
def edit(request: BrandRequest, public_id: str) -> HttpResponse:
    order = get_object_or_404(Order.objects.of(request.brand).select_related("buyer"), public_id=public_id)
    if order.state != Order.State.DRAFT:
        return redirect("trade:order", request.brand.slug, order.public_id)
    return _entry(request, {"buyer": order.buyer, "order": order})


@brand_page(Right.WORK)
def add(request: BrandRequest, public_id: str) -> HttpResponse:
    """More goods for an order that is placed."""
    order = get_object_or_404(Order.objects.of(request.brand).select_related("buyer"), public_id=public_id)
    if order.state == Order.State.DRAFT:
        return redirect("trade:order-edit", request.brand.slug, order.public_id)
    if not order.takes_more:
        return redirect("trade:order", request.brand.slug, order.public_id)
    return _entry(request, {"buyer": order.buyer, "adds_to": order})


def _buyer(request: BrandRequest, pk: int) -> Partner:
    return get_object_or_404(buyers_of(request.brand), pk=pk)


def _choose_buyer(request: BrandRequest) -> HttpResponse:
    """Search, the buyers who ordered last, and a new one by name and telephone number."""
    error, typed = None, {name: request.POST.get(name, "").strip() for name in ("name", "phone")}
    if request.method == "POST":
        try:
            buyer = create_partner(brand=request.brand, is_buyer=True, **typed)
        except DomainError as refusal:
            error = refusal
        else:
            address = redirect("trade:order-new", request.brand.slug)
            address["Location"] += f"?buyer={buyer.pk}"
            return address
    text = request.GET.get("q", "").replace("\0", "").strip()[:80]
    context: dict[str, Any] = {"text": text, "buyers": buyers_of(request.brand, text)[:OFFERED], "error": error}
    template = "trade/orders/buyers.html#results" if request.htmx else "trade/orders/buyers.html"
    return render(request, template, context | {"typed": typed}, status=422 if error else 200)


def _entry(request: BrandRequest, whom: dict[str, Any]) -> HttpResponse:
    common = {"brand": request.brand, **whom}
    if request.method != "POST":
        products = numbers(request.GET.getlist("product"))
        return _page(request, OrderForm(products=products, **common))
    products = numbers([*request.POST.getlist("product"), *request.POST.getlist("add")])
    if request.POST.get("action") or request.POST.get("add"):
        return _drafted(request, common, products)
    form = OrderForm(request.POST, products=products, **common)
    if form.is_valid():
        form.save(request.user)
    if form.errors or form.saved is None:
        return _page(request, form)
    added = _("The goods are on order %(number)s.") % {"number": form.saved.number}
    done(request, added if form.adds_to else _saved_words(form.saved))
    return redirect("trade:order", request.brand.slug, form.saved.public_id)


def _saved_words(order: Order) -> str:
    words = {
        Order.State.DRAFT: _("Order %(number)s is saved as a draft."),
        Order.State.SHIPPED: _("Order %(number)s is sold."),
    }
    return words.get(Order.State(order.state), _("Order %(number)s is placed.")) % {"number": order.number}


def _drafted(request: BrandRequest, common: dict[str, Any], products: list[int]) -> HttpResponse:
    """What the page's script does by itself: looks up a code or words, or shows another place's balances."""
    found, pack, code = Found(), None, request.POST.get("code", "")
    if request.POST.get("action") == "find" and code.strip():
        found, pack = _found(request, code)
    variant = ready(found)
    products += [row.product_id for row in (variant, pack) if row]
    form = OrderForm(draft=request.POST, products=products, **common)
    _count_up(form, variant.pk if variant else 0, pack)
    return _page(request, form, found=None if variant or pack or not code else found)


def _count_up(form: OrderForm, variant: int, pack: Pack | None) -> None:
    form.sheet.count_up(variant)
    if pack and (cell := form.pack_cells.get(pack.pk)):
        cell.count_up()


def _found(request: BrandRequest, code: str) -> tuple[Found, Pack | None]:
    """The variant or the pack with this code, else the products that the words fit."""
    found = look_up(request.brand, code)
    pack = None if found.variant else find_pack(request.brand, code)
    return (Found(), pack) if pack else (found, None)


@brand_page(Right.WORK)
def find(request: BrandRequest) -> HttpResponse:
    """A fragment for the entry page: see `entry.find` of the inventory. Also knows packs."""
    products, pack = numbers(request.GET.getlist("product")), None
    buyers = numbers([request.GET.get("buyer", "")])
    buyer = _buyer(request, buyers[0]) if buyers else None
    found = Found()
    if not products:
        found, pack = _found(request, request.GET.get("code", ""))
        products = [row.product_id for row in (ready(found), pack) if row]
    form = OrderForm(brand=request.brand, buyer=buyer, products=products, draft=request.GET)
    cell = f"q-{found.variant.pk}" if found.variant else f"p-{pack.pk}" if pack else ""
    context = {"form": form, "found": found, "cell": cell, "code": request.GET.get("code", "")}
    missing = not form.sheet.grids and not found.products
    return render(request, "trade/orders/found.html", context, status=404 if missing else 200)


def _page(request: BrandRequest, form: OrderForm, **context: Any) -> HttpResponse:
    if form.lacks_places and form.order is None and request.method == "POST":
        raise Http404
    context |= {"form": form, "buyer": form.buyer, "code": request.POST.get("code", "")}
    return render(request, "trade/orders/entry.html", context, status=422 if form.errors else 200)
