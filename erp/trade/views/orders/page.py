"""One order, and its steps."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from catalog.access import Right
from catalog.pages import BrandRequest, brand_page
from erp.core.errors import DomainError
from erp.core.flash import done
from erp.inventory.lookup import find_variant
from erp.inventory.services import reverse_posting
from erp.trade.forms.steps import CancelForm, PickForm, ShipOrderForm, StepForm, TrackingForm
from erp.trade.models import Order, Shipment
from erp.trade.selectors.orders import with_figures
from erp.trade.services import orders
from erp.trade.services.tracking import note_tracking


def find_order(request: BrandRequest, public_id: Any) -> Order:
    found = with_figures(Order.objects.of(request.brand)).select_related(
        "buyer", "deliver_to", "location", "created_by"
    )
    return get_object_or_404(found, public_id=public_id)


@brand_page()
def show(request: BrandRequest, public_id: str) -> HttpResponse:
    return _page(request, find_order(request, public_id))


def _page(request: BrandRequest, order: Order, error: DomainError | None = None) -> HttpResponse:
    lines = order.lines.select_related("variant__product", "variant__colour", "variant__size", "pack").order_by("pk")
    shipments = order.shipments.select_related("posting", "slip", "reversal", "actor").order_by("-pk")
    context: dict[str, Any] = {
        "order": order,
        "lines": lines.prefetch_related("variant__product__images"),
        "shipments": shipments,
        "events": order.events.select_related("actor").order_by("-pk"),
        "slip": next((row.slip for row in shipments if row.slip and not row.reversal), None),
        "key": uuid.uuid4(),
        "error": error,
        "tracking": TrackingForm(),
    }
    context["waits"] = order.is_open and any(line.waiting for line in context["lines"])
    return render(request, "trade/orders/order.html", context, status=error.status if error else 200)


def _pressed(request: BrandRequest, public_id: str, press: Callable[[Order, str], str]) -> HttpResponse:
    """One press of a button on the order's page; `press` answers what was done, in words."""
    order = find_order(request, public_id)
    try:
        key = str(uuid.UUID(request.POST.get("key", "")))
    except ValueError:
        key = uuid.uuid4().hex
    try:
        done(request, press(order, key))
    except DomainError as error:
        return _page(request, find_order(request, public_id), error)
    return redirect("trade:order", request.brand.slug, order.public_id)


@brand_page(Right.WORK)
@require_POST
def place(request: BrandRequest, public_id: str) -> HttpResponse:
    def press(order: Order, key: str) -> str:
        orders.place_order(order=order, actor=request.user)
        return _("Order %(number)s is placed.") % {"number": order.number}

    return _pressed(request, public_id, press)


@brand_page(Right.WORK)
@require_POST
def reserve(request: BrandRequest, public_id: str) -> HttpResponse:
    def press(order: Order, key: str) -> str:
        step = orders.reserve_waiting(order=order, actor=request.user, idempotency_key=key)
        words = ngettext("%(n)s more piece is held.", "%(n)s more pieces are held.", step.pieces)
        return words % {"n": step.pieces}

    return _pressed(request, public_id, press)


@brand_page(Right.WORK)
@require_POST
def confirm(request: BrandRequest, public_id: str) -> HttpResponse:
    def press(order: Order, key: str) -> str:
        orders.confirm_order(order=order, actor=request.user)
        return _("Order %(number)s is paid.") % {"number": order.number}

    return _pressed(request, public_id, press)


@brand_page(Right.WORK)
@require_POST
def take_back(request: BrandRequest, pk: int) -> HttpResponse:
    """The same as reversing the shipment's posting on the ledger's page: the order and the slip follow."""
    shipment = get_object_or_404(Shipment.objects.of(request.brand).select_related("posting", "order"), pk=pk)
    note = request.POST.get("note", "").strip()

    def press(order: Order, key: str) -> str:
        if shipment.posting is None:
            message = _("Nothing was sent with this slip. Cancel the owed goods instead.")
            raise DomainError("nothing_sent", message)
        key = f"reverse:{shipment.posting.public_id}"
        try:
            reverse_posting(posting=shipment.posting, actor=request.user, idempotency_key=key, note=note)
        except DomainError as error:
            if error.code not in ("already_reversed", "idempotency_conflict"):
                raise
            messages.warning(request, _("This was reversed before."))
        return _("The shipment is taken back; the order is open again.")

    return _pressed(request, str(shipment.order.public_id), press)


@brand_page(Right.WORK)
@require_POST
def tracking(request: BrandRequest, pk: int) -> HttpResponse:
    """Courier and tracking number of a shipment that went out before."""
    shipment = get_object_or_404(Shipment.objects.of(request.brand).select_related("order"), pk=pk)
    form = TrackingForm(request.POST)

    def press(order: Order, key: str) -> str:
        if not form.is_valid():
            raise DomainError("bad_tracking", " ".join(str(e) for errors in form.errors.values() for e in errors))
        note_tracking(shipment=shipment, actor=request.user, **form.cleaned_data)
        return _("The tracking number is kept.")

    return _pressed(request, str(shipment.order.public_id), press)


def _step(request: BrandRequest, public_id: str, kind: type[StepForm], template: str, words: Any) -> HttpResponse:
    order = find_order(request, public_id)
    form = kind(request.POST if request.method == "POST" else None, order=order)
    scanned = request.POST.get("code", "") if request.POST.get("action") == "find" else ""
    if scanned:
        variant = find_variant(request.brand, scanned.strip()[:120])
        if variant is None or not form.count_up(variant.pk):
            form.add_error(None, _("“%(code)s” is not among these pieces.") % {"code": scanned[:60]})
    elif request.method == "POST" and form.is_valid():
        form.save(request.user)
        if not form.errors:
            done(request, words % {"number": order.number})
            return redirect("trade:order", request.brand.slug, order.public_id)
    context = {"order": order, "form": form, "open": order.is_open}
    return render(request, template, context, status=422 if form.errors else 200)


@brand_page(Right.WORK)
def pick(request: BrandRequest, public_id: str) -> HttpResponse:
    return _step(request, public_id, PickForm, "trade/orders/pick.html", _("Order %(number)s is picked."))


@brand_page(Right.WORK)
def ship(request: BrandRequest, public_id: str) -> HttpResponse:
    return _step(request, public_id, ShipOrderForm, "trade/orders/ship.html", _("Order %(number)s is shipped."))


@brand_page(Right.WORK)
def cancel(request: BrandRequest, public_id: str) -> HttpResponse:
    words = _("The pieces of order %(number)s are cancelled.")
    return _step(request, public_id, CancelForm, "trade/orders/cancel.html", words)


@brand_page(Right.WORK)
def unknown(request: BrandRequest, public_id: str) -> HttpResponse:
    """What scan.js is told of a code that is not among the lines."""
    context = {"order": find_order(request, public_id), "code": request.GET.get("code", "")}
    return render(request, "trade/orders/not_on_order.html", context, status=404)
