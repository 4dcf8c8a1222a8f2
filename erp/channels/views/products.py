"""The listings of a channel, and picking products for it."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from catalog.access import Right
from catalog.models import Product
from catalog.pages import BrandRequest, brand_page
from erp.channels.forms.listings import ListingFilter
from erp.channels.models import Channel, ChannelListing
from erp.channels.selectors.channels import products_to_list
from erp.channels.services.listings import add_products, set_status, take_off
from erp.channels.views.found import find_channel, tell_refused
from erp.core.errors import DomainError
from erp.core.flash import done
from erp.inventory.forms.products import ProductFilter
from erp.inventory.forms.sheet import numbers

PER_PAGE = 30
MOST_TICKED = 500


@vary_on_headers("HX-Request")
@require_safe
@brand_page()
def channel(request: BrandRequest, pk: int) -> HttpResponse:
    found = find_channel(request, pk)
    form = ListingFilter(request.GET, channel=found)
    rows = form.found().select_related("product__category").prefetch_related("product__images")
    page = {
        "channel": found,
        "form": form,
        "chips": form.chips(),
        "page_obj": Paginator(rows.order_by("-id"), PER_PAGE).get_page(request.GET.get("page")),
    }
    template = "channels/channel.html#results" if request.htmx else "channels/channel.html"
    return render(request, template, page)


@require_POST
@brand_page(Right.WORK)
def change(request: BrandRequest, pk: int) -> HttpResponse:
    """Makes the ticked listings, or all that fit the filters, ready, drafts again, or takes them off."""
    found = find_channel(request, pk)
    if request.POST.get("which") == "all":
        listings = ListingFilter(QueryDict(request.POST.get("filters", "")), channel=found).found()
    else:
        listings = ChannelListing.objects.filter(
            channel=found, pk__in=numbers(request.POST.getlist("listing")[:MOST_TICKED])
        )
    try:
        _tell(request, found, _changed(request.POST.get("to", ""), listings))
    except DomainError as error:
        tell_refused(request, error)
    return redirect("channels:channel", request.brand.slug, found.pk)


def _changed(to: str, listings: Any) -> list[str]:
    """What was done, in sentences."""
    if to == "off":
        off = take_off(listings=listings)
        there = ngettext(
            "%(n)s is still on the marketplace: end it there. Here it is a draft now.",
            "%(n)s are still on the marketplace: end them there. Here they are drafts now.",
            off.still_there,
        )
        gone = ngettext("%(n)s listing was taken off.", "%(n)s listings were taken off.", off.removed)
        told = [(gone, off.removed), (there, off.still_there)]
    elif to == "ready":
        count = set_status(listings=listings, ready=True)
        told = [(ngettext("%(n)s listing is ready now.", "%(n)s listings are ready now.", count), count)]
    else:
        count = set_status(listings=listings, ready=False)
        told = [(ngettext("%(n)s listing is a draft now.", "%(n)s listings are drafts now.", count), count)]
    return [words % {"n": count} for words, count in told if count]


def _tell(request: BrandRequest, found: Channel, sentences: list[str]) -> None:
    done(request, " ".join(sentences) or _("Nothing was chosen that could change."))


@vary_on_headers("HX-Request")
@brand_page(Right.WORK)
def pick(request: BrandRequest, pk: int) -> HttpResponse:
    """Products that are not on the channel yet; ticked ones, or all that fit, are put there as drafts."""
    found = find_channel(request, pk)
    if request.method == "POST":
        return _put(request, found)
    form = ProductFilter(request.GET, brand=request.brand)
    rows = form.found().filter(pk__in=products_to_list(found).values("pk"))
    rows = rows.select_related("category").prefetch_related("images").order_by("-id")
    page = {
        "channel": found,
        "form": form,
        "filtered": bool(form.chosen),
        "page_obj": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "channels/pick.html#results" if request.htmx else "channels/pick.html", page)


def _put(request: BrandRequest, found: Channel) -> HttpResponse:
    if request.POST.get("which") == "all":
        products = ProductFilter(QueryDict(request.POST.get("filters", "")), brand=request.brand).found()
    else:
        products = Product.objects.of(request.brand).filter(
            pk__in=numbers(request.POST.getlist("product")[:MOST_TICKED])
        )
    try:
        count = add_products(channel=found, products=products)
    except DomainError as error:
        tell_refused(request, error)
        return redirect("channels:channel-products", request.brand.slug, found.pk)
    words = ngettext("%(n)s product is a draft here now.", "%(n)s products are drafts here now.", count)
    done(request, words % {"n": count} if count else _("Nothing was chosen that could change."))
    return redirect("channels:channel", request.brand.slug, found.pk)
