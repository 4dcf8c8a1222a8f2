"""Owed goods (미송) by buyer and by variant, and those that arrived for somebody."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, Min, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.access import Right
from catalog.models import Variant
from catalog.pages import BrandRequest, brand_page
from erp.core.flash import done
from erp.inventory.forms.quantities import read_quantity
from erp.inventory.forms.sheet import numbers
from erp.inventory.models import Posting
from erp.trade.models import Order, Partner
from erp.trade.selectors.owed import owed_goods
from erp.trade.services import orders
from erp.trade.services.orders import offer_arrivals

PER_PAGE = 50
GROUPS = ("lines", "buyers", "variants")


@brand_page()
def index(request: BrandRequest) -> HttpResponse:
    """Each debt, or summed by buyer or by variant; `?buyer=` and `?variant=` narrow it to one."""
    rows = owed_goods(request.brand)
    for name, found in (("order__buyer", request.GET.get("buyer", "")), ("variant", request.GET.get("variant", ""))):
        if named := numbers([found]):
            rows = rows.filter(**{name: named[0]})
    sums = rows.aggregate(
        pieces=Sum("owed_pieces", default=0), value=Sum("owed_value"), buyers=Count("order__buyer", distinct=True)
    )
    group = request.GET.get("by", "")
    group = group if group in GROUPS else "lines"
    page_obj = Paginator(_grouped(rows, group), PER_PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "page_obj": page_obj,
        "group": group,
        "sums": sums,
        "rows": _shown(page_obj.object_list, group),
    }
    context["arrived"] = len(offer_arrivals(request.brand)) if request.can_work else 0
    return render(request, "trade/owed/index.html", context)


def _grouped(rows: Any, group: str) -> Any:
    if group == "lines":
        return rows.prefetch_related("variant__product__images")
    name = {"buyers": "order__buyer", "variants": "variant"}[group]
    summed = rows.order_by().values(name)
    return summed.annotate(
        pieces=Sum("owed_pieces"), value=Sum("owed_value"), debts=Count("pk"), since=Min("owed_since")
    ).order_by("since", name)


def _shown(rows: Any, group: str) -> list[Any]:
    """The sums with the buyer or the variant that they are of."""
    if group == "buyers":
        partners = Partner.objects.in_bulk([row["order__buyer"] for row in rows])
        return [row | {"buyer": partners[row["order__buyer"]]} for row in rows]
    if group == "variants":
        found = Variant.objects.select_related("product", "colour", "size").prefetch_related("product__images")
        variants = found.in_bulk([row["variant"] for row in rows])
        return [row | {"variant": variants[row["variant"]]} for row in rows]
    return list(rows)


@brand_page(Right.WORK)
def arrivals(request: BrandRequest) -> HttpResponse:
    """Who waits for goods that are in stock, the oldest debt first; one press holds them. `?posting=` narrows it to
    what came with it."""
    if request.method == "POST":
        return _hold(request)
    posting = _posting(request.GET.get("posting", ""), request)
    variants = None if posting is None else set(posting.movements.values_list("variant", flat=True))
    proposals = offer_arrivals(request.brand, variants)
    context = {
        "proposals": proposals,
        "posting": posting,
        "key": uuid.uuid4(),
        "offered": sum(proposal.offered for proposal in proposals),
    }
    return render(request, "trade/owed/arrivals.html", context)


@brand_page(Right.WORK)
def notice(request: BrandRequest, public_id: str) -> HttpResponse:
    """A fragment for the page of a posting: how many wait for what it brought, or nothing."""
    posting = get_object_or_404(Posting.objects.of(request.brand), public_id=public_id)
    variants = set(posting.movements.filter(destination__is_internal=True).values_list("variant", flat=True))
    proposals = offer_arrivals(request.brand, variants)
    context = {"posting": posting, "waiting": len(proposals), "offered": sum(p.offered for p in proposals)}
    return render(request, "trade/owed/notice.html", context)


def _posting(text: str, request: BrandRequest) -> Posting | None:
    try:
        return get_object_or_404(Posting.objects.of(request.brand), public_id=uuid.UUID(text)) if text else None
    except ValueError:
        return None


def _hold(request: BrandRequest) -> HttpResponse:
    """What is typed for each line; what cannot be read counts as nothing and is said."""
    wanted: dict[int, int] = {}
    for name in request.POST:
        for pk in numbers([name.removeprefix("n-")] if name.startswith("n-") else []):
            try:
                wanted[pk] = read_quantity(request.POST[name]) or 0
            except ValidationError:
                messages.error(request, _("“%(text)s” is no number.") % {"text": request.POST[name][:20]})
    key = request.POST.get("key", "")[:60] or uuid.uuid4().hex
    held, refused = orders.allocate(
        brand=request.brand,
        quantities={pk: n for pk, n in wanted.items() if n},
        actor=request.user,
        idempotency_key=key,
    )
    for order, error in refused:
        reasons = [str(problem.message) for problem in error.problems] or [str(error.message)]
        messages.error(request, f"{order.number}: {' '.join(reasons)}")
    if held:
        words = ngettext(
            "%(n)s piece is held for whom it is owed.", "%(n)s pieces are held for whom they are owed.", held
        )
        done(request, words % {"n": held})
    waited = Order.objects.of(request.brand).filter(lines__in=[pk for pk, n in wanted.items() if n]).distinct()[:2]
    if held and len(waited) == 1:
        return redirect("trade:order", request.brand.slug, waited[0].public_id)  # where it is shipped
    return redirect("trade:arrivals", request.brand.slug)
