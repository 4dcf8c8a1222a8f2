"""Everything that a marketplace would refuse, of all products at once, each with the way to its field."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from catalog.access import Right
from catalog.models import Product
from catalog.pages import BrandRequest, brand_page
from erp.channels.mending import RULE_WORDS, Mender, Told
from erp.channels.models import Channel, ChannelListing, ListingFinding
from erp.channels.services.checks import AT_ONCE, check_again, check_channel, enqueue_check, findings_by_rule, unchecked
from erp.channels.templates import template_for
from erp.channels.views.found import find_channel

PER_PAGE = 25


@vary_on_headers("HX-Request")
@require_safe
@brand_page()
def mending(request: BrandRequest, pk: int) -> HttpResponse:
    """What is not checked yet is: a little at once, more in the background, while the page asks how far it is."""
    channel = find_channel(request, pk)
    waiting = unchecked(channel).count()
    if 0 < waiting <= AT_ONCE:
        check_channel(channel=channel)
        waiting = 0
    elif waiting and not request.htmx:
        enqueue_check(channel)
    page: dict[str, Any] = {"channel": channel, "waiting": waiting}
    if waiting:
        page["all"] = ChannelListing.objects.filter(channel=channel).count()
        page["done"] = page["all"] - waiting
    else:
        page |= _findings(request, channel)
    whole = not request.htmx
    return render(request, "channels/mending.html" if whole else "channels/mending.html#state", page)


def _findings(request: BrandRequest, channel: Channel) -> dict[str, Any]:
    """The rules that are broken, and the products that break them, each with all that is wrong with it."""
    mender = Mender(channel, template_for(channel))
    chosen = {name: request.GET.get(name, "")[:120].replace("\0", "") for name in ("code", "field", "q")}
    wanted = ListingFinding.objects.filter(**{name: chosen[name] for name in ("code", "field") if chosen[name]})
    rows = ChannelListing.objects.filter(channel=channel, pk__in=wanted.values("listing"))
    if chosen["q"]:
        found = Product.objects.of(request.brand).search(chosen["q"])
        rows = rows.filter(product__in=found.values("pk"))
    rows = rows.select_related("product").prefetch_related(Prefetch("findings", wanted), "product__images")
    page_obj = Paginator(rows.order_by("-errors", "product__style_number", "pk"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    return {
        "groups": [_group(mender, group) for group in findings_by_rule(channel)],
        "page_obj": page_obj,
        "rows": [(listing, [_told(mender, listing, row) for row in listing.findings.all()]) for listing in page_obj],
        "chosen": chosen,
        "filtered": any(chosen.values()),
    }


def _group(mender: Mender, group: dict[str, Any]) -> dict[str, Any]:
    way, url = mender.for_all(group["code"], group["field"])
    return group | {
        "label": mender.label(group["field"]), "words": RULE_WORDS[group["code"]], "way": way, "url": url,
    }  # fmt: skip


def _told(mender: Mender, listing: ChannelListing, row: ListingFinding) -> Told:
    return mender.told(listing, code=row.code, field=row.field, level=row.level, sku=row.sku, params=row.params)


@require_POST
@brand_page(Right.WORK)
def again(request: BrandRequest, pk: int) -> HttpResponse:
    channel = find_channel(request, pk)
    check_again(channel=channel)
    return redirect("channels:mending", request.brand.slug, channel.pk)
