"""Goods on consignment: who has some, what lies at one partner, and the entries that move it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.access import Right
from catalog.pages import BrandRequest, brand_page
from erp.core.errors import DomainError
from erp.core.flash import done
from erp.inventory.models import Posting
from erp.inventory.words import posted_words
from erp.trade.forms.consignment import PlaceForm, SoldForm, TakeBackForm
from erp.trade.models import ConsignmentSale, Partner
from erp.trade.selectors import consignment as goods
from erp.trade.services.consignment import take_back_sale
from erp.trade.views.goods import find_in, goods_entry

PER_PAGE = 30
SALES_SHOWN = 20


@brand_page()
def index(request: BrandRequest) -> HttpResponse:
    """Partners with goods; those who could get some are chosen below."""
    rows = goods.partners_with_goods(request.brand)
    others = Partner.objects.of(request.brand).filter(location=None, is_buyer=True, is_active=True)
    page = {
        "page_obj": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "others": others.order_by("name")[:200] if request.can_work else (),
    }
    return render(request, "trade/consignments.html", page)


@brand_page()
def partner(request: BrandRequest, partner: int) -> HttpResponse:
    found = _partner(request, partner)
    rows = goods.goods_at(found)
    page = {
        "partner": found,
        "groups": goods.by_product(rows),
        "pieces": sum(row.on_hand for row in rows),
        "since": min((row.since for row in rows if row.since), default=None),
        "sold": goods.sold_pieces(found),
        "page_obj": Paginator(goods.sales_of(found), SALES_SHOWN).get_page(request.GET.get("page")),
    }
    return render(request, "trade/consignment.html", page)


def _partner(request: BrandRequest, pk: int) -> Partner:
    return get_object_or_404(Partner.objects.of(request.brand).select_related("brand", "location"), pk=pk)


@brand_page(Right.WORK)
def start(request: BrandRequest) -> HttpResponse:
    """From the choice of a partner to the entry of what goes there."""
    chosen = request.GET.get("partner", "")
    if chosen.isdecimal() and len(chosen) < 19:
        return redirect("trade:consignment-place", request.brand.slug, int(chosen))
    return redirect("trade:consignments", request.brand.slug)


@brand_page(Right.WORK)
def place(request: BrandRequest, partner: int) -> HttpResponse:
    return _entry(request, partner, PlaceForm, _moved)


@brand_page(Right.WORK)
def take_back(request: BrandRequest, partner: int) -> HttpResponse:
    return _entry(request, partner, TakeBackForm, _moved)


@brand_page(Right.WORK)
def sold(request: BrandRequest, partner: int) -> HttpResponse:
    return _entry(request, partner, SoldForm, _billed)


def _entry(
    request: BrandRequest, pk: int, kind: Any, words: Callable[[BrandRequest, Any], tuple[str, str]]
) -> HttpResponse:
    found = _partner(request, pk)
    fixed = kind is not PlaceForm
    if fixed and found.location is None:
        text = _("Nothing lies with %(partner)s yet. Send goods there first.") % {"partner": found.name}
        messages.warning(request, text)
        return redirect("trade:consignment", request.brand.slug, found.pk)

    def build(data: Any = None, *, products: Any = (), **more: Any) -> Any:
        return kind(data, partner=found, **({} if fixed else {"products": products}), **more)

    def finished(saved: Any) -> HttpResponse:
        text, undo = words(request, saved)
        done(request, text, undo=undo)
        return redirect("trade:consignment", request.brand.slug, found.pk)

    if not request.GET.keys().isdisjoint(("code", "location")):
        return find_in(request, build)
    address = reverse("trade:consignment", args=[request.brand.slug, found.pk])
    return goods_entry(request, build, finished, {"crumb": (address, found.name), "find": request.path})


def _moved(request: BrandRequest, posting: Posting) -> tuple[str, str]:
    undo = reverse("inventory:reverse", args=[request.brand.slug, posting.public_id])
    return posted_words(posting), undo


def _billed(request: BrandRequest, sale: ConsignmentSale) -> tuple[str, str]:
    undo = reverse("trade:sale-take-back", args=[request.brand.slug, sale.public_id])
    return _("Billed on slip %(slip)s.") % {"slip": sale.slip}, undo


@brand_page(Right.WORK)
@require_POST
def sale_take_back(request: BrandRequest, public_id: str) -> HttpResponse:
    """The goods lie with the partner again, and the slip is taken back."""
    sale = get_object_or_404(ConsignmentSale.objects.of(request.brand), public_id=public_id)
    try:
        take_back_sale(sale=sale, actor=request.user)
    except DomainError as error:
        messages.error(request, str(error.message))
    else:
        done(request, _("Taken back. The pieces lie with the partner again, and the slip does not count."))
    return redirect("trade:consignment", request.brand.slug, sale.partner_id)
