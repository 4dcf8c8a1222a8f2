"""Listings whose product or stock changed since they went out: the marketplace was told less than the truth."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.utils import timezone

from catalog.models import Variant
from erp.channels.models import Channel, ChannelListing
from erp.channels.services.asked import Asked

AT_ONCE = 5_000
# Most brands sell nowhere else.
sells_elsewhere = Asked(lambda brand_id: Channel.objects.filter(brand=brand_id, is_active=True).exists())


def note_stock(brand_id: int, variants: Collection[int]) -> int:
    """After what is free of some variants changed. Gives how many listings became stale."""
    if not sells_elsewhere(brand_id):
        return 0
    products = Variant.objects.filter(pk__in=variants).values("product")
    listings = ChannelListing.objects.filter(product__in=products, channel__brand=brand_id)
    with transaction.atomic():
        return _mark(listings, only_stock=True)


def note_products(products: Any, brand_id: int) -> None:
    """After products changed: ids, or a query of them."""
    if sells_elsewhere(brand_id):
        listings_changed(ChannelListing.objects.filter(product__in=products, channel__brand=brand_id))


@transaction.atomic
def listings_changed(listings: QuerySet[ChannelListing]) -> None:
    """What some listings say changed: they are checked anew, and what went out of them holds no more."""
    _update(listings.filter(checked_at__isnull=False), checked_at=None)
    _mark(listings, only_stock=False)


def _mark(listings: QuerySet[ChannelListing], *, only_stock: bool) -> int:
    """Marks what nobody marked yet, or what an export has read since: that export tells an older truth."""
    told = Q(exported_at__isnull=False) | Q(read_at__isnull=False)
    news = Q(stale_since=None) | Q(stale_since__lte=F("read_at"))
    if not only_stock:
        news |= Q(only_stock=True)
    first = Case(When(stale_since=None, then=Value(True)), default=F("only_stock")) if only_stock else Value(False)
    now = timezone.now()
    return _update(listings.filter(told, news), stale_since=now, only_stock=first, updated_at=now)


def _update(listings: QuerySet[ChannelListing], **values: Any) -> int:
    """Rows are locked in one order, so that two postings that touch the same products wait for one another instead of
    killing one another."""
    rows = listings.select_for_update(of=("self",)).order_by("pk")
    found = list(rows.values_list("pk", flat=True))
    for start in range(0, len(found), AT_ONCE):
        ChannelListing.objects.filter(pk__in=found[start : start + AT_ONCE]).update(**values)
    return len(found)
