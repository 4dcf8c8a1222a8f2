"""What came of a purchase order: counting it in, and taking it back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.access import Right
from catalog.pages import BrandRequest, brand_page
from erp.core.errors import DomainError
from erp.core.flash import done
from erp.inventory.forms.sheet import numbers
from erp.inventory.views.entry import found_page
from erp.inventory.words import posted_words
from erp.trade.forms.purchases import DeliveryForm
from erp.trade.models import Delivery, PurchaseOrder
from erp.trade.selectors.purchase_page import delivery_rows
from erp.trade.services.purchases import take_back_delivery
from erp.trade.views.drafts import drafted_form
from erp.trade.views.purchases import find_purchase

BEFORE = ("already_reversed", "idempotency_conflict")
SETTLED = (PurchaseOrder.State.DRAFT, PurchaseOrder.State.CLOSED, PurchaseOrder.State.CANCELLED)


@brand_page(Right.WORK)
def receive(request: BrandRequest, public_id: str) -> HttpResponse:
    """The cells hold what is still to come; with `?count=1` they are blank for the scanner."""
    order = find_purchase(request, public_id)
    counting = (request.POST or request.GET).get("count") == "1"
    common: dict[str, Any] = {"brand": request.brand, "order": order, "counting": counting}
    if request.method != "POST":
        if order.state in SETTLED:
            messages.warning(request, _("Nothing is expected of this order now."))
            return redirect("trade:purchase", request.brand.slug, order.public_id)
        return _page(request, DeliveryForm(**common))
    products = numbers([*request.POST.getlist("product"), *request.POST.getlist("add")])
    if request.POST.get("action") or request.POST.get("add"):
        form, found = drafted_form(
            request, lambda more: DeliveryForm(products=[*products, *more], draft=request.POST, **common)
        )
        return _page(request, form, found=found)
    form = DeliveryForm(request.POST, products=products, **common)
    if not form.is_valid():
        return _page(request, form)
    delivery: Any = form.save(request.user)
    if form.errors or delivery is None:
        return _page(request, form)
    back = reverse("trade:delivery-take-back", args=[request.brand.slug, delivery.public_id])
    done(request, posted_words(delivery.posting), undo=back)
    return redirect("trade:purchase", request.brand.slug, order.public_id)


def _page(request: BrandRequest, form: DeliveryForm, **context: Any) -> HttpResponse:
    context |= {"form": form, "order": form.order, "code": request.POST.get("code", ""), "entry": "delivery"}
    return render(request, "trade/delivery_entry.html", context, status=422 if form.errors else 200)


@brand_page(Right.WORK)
def find(request: BrandRequest, public_id: str) -> HttpResponse:
    """What the scanner field asks for."""
    order = find_purchase(request, public_id)
    return found_page(
        request,
        lambda products: DeliveryForm(brand=request.brand, order=order, products=products, draft=request.GET),
    )


@brand_page()
def delivery(request: BrandRequest, public_id: str) -> HttpResponse:
    return _delivery_page(request, _delivery(request, public_id))


@brand_page(Right.WORK)
@require_POST
def take_back(request: BrandRequest, public_id: str) -> HttpResponse:
    """Takes the whole delivery back, once; a second press finds the first."""
    found = _delivery(request, public_id)
    try:
        posting = take_back_delivery(
            delivery=found, actor=request.user, note=request.POST.get("note", "").strip()[:200]
        )
    except DomainError as error:
        if error.code not in BEFORE:
            return _delivery_page(request, found, error)
        messages.warning(request, _("This was reversed before."))
    else:
        done(request, posted_words(posting))
    return redirect("trade:purchase", request.brand.slug, found.order.public_id)


def _delivery(request: BrandRequest, public_id: str) -> Delivery:
    rows = Delivery.objects.of(request.brand).select_related(
        "order__supplier", "order__brand", "posting", "reversal", "created_by"
    )
    return get_object_or_404(rows, public_id=public_id)


def _delivery_page(request: BrandRequest, found: Delivery, error: DomainError | None = None) -> HttpResponse:
    rows = delivery_rows(found)
    page = {
        "delivery": found,
        "order": found.order,
        "rows": rows,
        "total": sum(row.quantity for row in rows),
        "can_take_back": request.can_work and not any(row.is_back for row in rows),
        "error": error,
    }
    return render(request, "trade/delivery.html", page, status=error.status if error else 200)
