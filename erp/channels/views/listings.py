"""One product on one channel: what it says there, and why."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.access import Right
from catalog.pages import BrandRequest, brand_page
from erp.channels.forms.listings import SOURCES, ListingForm
from erp.channels.models import ChannelListing
from erp.channels.selectors.listing_page import ListingPage
from erp.channels.services.listings import set_pictures, set_status, take_off, update_listing
from erp.channels.views.found import find_listing, tell_refused
from erp.core.errors import DomainError, NotAllowed
from erp.core.flash import done
from erp.inventory.forms.sheet import numbers

STEPS = {"earlier": -1, "later": 1}
MONEY = ("price", "compare_at")


@brand_page()
def listing(request: BrandRequest, pk: int) -> HttpResponse:
    found = find_listing(request, pk)
    page = ListingPage(found)
    posted = request.method == "POST"
    if posted and not request.can_work:
        raise NotAllowed()
    if posted and (name := request.POST.get("back")):
        return _back(request, found, name)
    form = ListingForm(request.POST if posted else None, page=page)
    if posted and form.is_valid() and form.save():
        done(request, _("Saved."))
        return redirect("channels:listing", request.brand.slug, found.pk)
    context: dict[str, Any] = {"listing": page.listing, "channel": found.channel, "page": page, "form": form}
    context |= {"sources": SOURCES, "sent": page.sent()}
    return render(request, "channels/listing.html", context, status=422 if form.errors else 200)


def _back(request: BrandRequest, found: ChannelListing, name: str) -> HttpResponse:
    """Gives up what the listing said of its own in one field."""
    if name in ListingForm.TEXTS:
        cleared: dict[str, Any] = {name: None if name in MONEY else ""}
        update_listing(listing=found, **cleared)
        done(request, _("It follows the product again."))
    return redirect("channels:listing", request.brand.slug, found.pk)


@require_POST
@brand_page(Right.WORK)
def pictures(request: BrandRequest, pk: int) -> HttpResponse:
    """Shows or hides one photo, moves it, or goes back to those of the product."""
    found = find_listing(request, pk)
    order = [photo.pk for photo, shown in ListingPage(found).photos if shown]
    [photo] = numbers([request.POST.get("photo", "")]) or [0]
    try:
        set_pictures(listing=found, pictures=_reordered(order, request.POST.get("action", ""), photo))
    except DomainError as error:
        tell_refused(request, error)
    return redirect(f"{_address(request, found)}#pictures")


def _reordered(order: list[int], action: str, photo: int) -> list[int]:
    """The photos that are shown after one of them was moved, hidden or added; none: as the product shows them."""
    if action == "reset":
        return []
    if action == "show":
        return [*order, photo]
    if photo not in order:
        return order
    place = order.index(photo)
    if action == "hide":
        return [pk for pk in order if pk != photo]
    other = min(max(place + STEPS.get(action, 0), 0), len(order) - 1)
    order[place], order[other] = order[other], order[place]
    return order


@require_POST
@brand_page(Right.WORK)
def status(request: BrandRequest, pk: int) -> HttpResponse:
    found = find_listing(request, pk)
    one = ChannelListing.objects.filter(pk=found.pk)
    to = request.POST.get("to")
    if to == "off":
        off = take_off(listings=one)
        if off.removed:
            done(request, _("Taken off."))
            return redirect("channels:channel", request.brand.slug, found.channel_id)
        done(request, _("It is still on the marketplace: end it there. Here it is a draft now."))
    else:
        set_status(listings=one, ready=to == "ready")
        done(request, _("It goes out with the next file.") if to == "ready" else _("It is a draft now."))
    return redirect(_address(request, found))


def _address(request: BrandRequest, found: ChannelListing) -> str:
    return redirect("channels:listing", request.brand.slug, found.pk)["Location"]
