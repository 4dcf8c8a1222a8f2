"""The list of orders, and shipping many of them at once."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from django.views.decorators.vary import vary_on_headers

from catalog.access import Right
from catalog.pages import BrandRequest, brand_page
from erp.core.flash import done
from erp.trade.forms.order_filter import OrderFilter
from erp.trade.models import Order, OrderLine
from erp.trade.selectors.orders import with_figures
from erp.trade.services import orders

PER_PAGE = 30
AT_ONCE = 100


@vary_on_headers("HX-Request")
@brand_page()
def index(request: BrandRequest) -> HttpResponse:
    """Filters are links and a form; an htmx request gets the results only."""
    form = OrderFilter(request.GET, brand=request.brand)
    lines = OrderLine.objects.select_related("variant__product").prefetch_related("variant__product__images")
    rows = with_figures(form.found()).select_related("buyer", "location")
    rows = rows.prefetch_related(Prefetch("lines", lines.order_by("pk"))).order_by("-id")
    page: dict[str, Any] = {
        "form": form,
        "page_obj": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "chips": form.chips(),
        "filtered": bool(form.chosen),
        "key": uuid4(),
    }
    template = "trade/orders/index.html#results" if request.htmx else "trade/orders/index.html"
    return render(request, template, page)


@brand_page(Right.WORK)
@require_POST
def ship_many(request: BrandRequest) -> HttpResponse:
    """Ships what is held of the chosen orders, each for itself, and says which could not go."""
    chosen = [text for text in request.POST.getlist("order")[:AT_ONCE] if _is_uuid(text)]
    key = request.POST.get("key", "")
    found = Order.objects.of(request.brand).filter(public_id__in=chosen).order_by("pk")
    if not chosen or not _is_uuid(key):
        messages.warning(request, _("Choose the orders that go out."))
        return redirect("trade:orders", request.brand.slug)
    results = orders.ship_orders(orders=found, actor=request.user, idempotency_key=key)
    shipped = [result for result in results if result.shipment]
    for result in results:
        if result.error:
            reasons = [str(problem.message) for problem in result.error.problems] or [str(result.error.message)]
            messages.error(request, f"{result.order.number}: {' '.join(reasons)}")
    if shipped:
        words = ngettext("%(n)s order is shipped.", "%(n)s orders are shipped.", len(shipped))
        done(request, words % {"n": len(shipped)})
    return redirect("trade:orders", request.brand.slug)


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
