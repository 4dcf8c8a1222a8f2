"""Orders of a channel: as they were told, what became of them, and what a person decides."""

from __future__ import annotations

from collections.abc import Callable
from itertools import zip_longest
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, F, Q, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django.views.decorators.vary import vary_on_headers

from catalog.access import Right
from catalog.pages import BrandRequest, brand_page
from erp.channels.models import ChannelOrder
from erp.channels.selectors.flow import order_chips
from erp.channels.services import conflicts, intake
from erp.channels.views.found import find_channel, told

PER_PAGE = 30
State = ChannelOrder.State


@vary_on_headers("HX-Request")
@brand_page()
def index(request: BrandRequest, channel: int) -> HttpResponse:
    """`?state=` and `?q=`: a number, a customer, a SKU there."""
    found = find_channel(request, channel)
    state, text = request.GET.get("state", ""), request.GET.get("q", "").replace("\0", "").strip()[:80]
    rows = ChannelOrder.objects.filter(channel=found)
    rows = rows.filter(state=state) if state in State.values else rows
    if text:
        by_line = Q(pk__in=ChannelOrder.objects.filter(channel=found, lines__sku__iexact=text).values("pk"))
        rows = rows.filter(Q(number__icontains=text) | Q(customer_name__icontains=text) | by_line)
    rows = rows.select_related("order").annotate(
        pieces=Sum("lines__quantity"), total=Sum(F("lines__quantity") * F("lines__unit_price")), goods=Count("lines")
    )
    context = {
        "channel": found,
        "page_obj": Paginator(rows.order_by("-pk"), PER_PAGE).get_page(request.GET.get("page")),
        "chips": order_chips(found),
        "state": state,
        "text": text,
    }
    part = request.htmx and not request.htmx.boosted
    return render(request, "channels/orders.html#results" if part else "channels/orders.html", context)


@brand_page()
def show(request: BrandRequest, pk: int) -> HttpResponse:
    order = _find(request, pk)
    variant = ("variant__product", "variant__colour", "variant__size")
    lines = list(order.lines.select_related(*variant).prefetch_related("variant__product__images"))
    theirs = conflicts.told_lines(order)
    context: dict[str, Any] = {
        "told": order,
        "channel": order.channel,
        "lines": lines,
        "currency": order.currency or order.channel.currency,
        "compared": list(zip_longest(lines, theirs)) if theirs else [],
        "waits": order.state in intake.MAY_BE_TAKEN,
        "shipments": order.order.shipments.filter(reversal=None).select_related("fulfilment").order_by("pk")
        if order.order
        else [],
        "sent": order.order.lines.filter(shipped__gt=0).exists() if order.order else False,
    }
    return render(request, "channels/order.html", context)


@require_POST
@brand_page(Right.WORK)
def settle(request: BrandRequest, pk: int) -> HttpResponse:
    """Once more: whether its goods are known and there now."""
    return _decided(request, pk, lambda order: intake.settle(order=order, actor=request.user))


@require_POST
@brand_page(Right.WORK)
def keep(request: BrandRequest, pk: int) -> HttpResponse:
    words = _("What we hold stays.")
    return _decided(request, pk, lambda order: conflicts.keep_ours(order=order, actor=request.user), words)


@require_POST
@brand_page(Right.WORK)
def theirs(request: BrandRequest, pk: int) -> HttpResponse:
    words = _("The order is as the marketplace says now.")
    return _decided(request, pk, lambda order: conflicts.take_theirs(order=order, actor=request.user), words)


@require_POST
@brand_page(Right.WORK)
def cancel(request: BrandRequest, pk: int) -> HttpResponse:
    words = _("The order is cancelled here. Tell the marketplace as well.")
    return _decided(request, pk, lambda order: conflicts.cancel_channel_order(order=order, actor=request.user), words)


def _decided(
    request: BrandRequest, pk: int, decide: Callable[[ChannelOrder], ChannelOrder], words: Any = ""
) -> HttpResponse:
    told(request, lambda: decide(_find(request, pk)), words)
    return redirect("channels:order", request.brand.slug, pk)


def _find(request: BrandRequest, pk: int) -> ChannelOrder:
    rows = ChannelOrder.objects.of(request.brand).select_related("channel__brand", "order")
    return get_object_or_404(rows, pk=pk)
