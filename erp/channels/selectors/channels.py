"""Channels with how it stands with their listings."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet

from catalog.models import Brand, Product
from erp.channels.models import Channel, ChannelListing

Status = ChannelListing.Status


def channels_with_counts(brand: Brand) -> QuerySet[Channel]:
    """Annotated with `listed`, `drafts`, `ready`, `to_mend`, `changed` and `live`."""
    sent = ~Q(listings__status=Status.DRAFT)
    return (
        Channel.objects.of(brand)
        .annotate(
            listed=Count("listings"),
            drafts=Count("listings", Q(listings__status=Status.DRAFT)),
            ready=Count("listings", Q(listings__status=Status.READY)),
            to_mend=Count("listings", Q(listings__errors__gt=0) | Q(listings__status=Status.ERROR)),
            changed=Count("listings", sent & Q(listings__stale_since__isnull=False)),
            live=Count("listings", Q(listings__status=Status.LIVE)),
        )
        .order_by("-is_active", "name", "pk")
    )


def channels_of(product: Product) -> list[tuple[Channel, ChannelListing | None]]:
    """Every channel of the brand in use, with the product's listing there: two queries."""
    channels = Channel.objects.of(product.brand_id).filter(is_active=True)
    listings = {row.channel_id: row for row in ChannelListing.objects.filter(product=product)}
    return [(channel, listings.get(channel.pk)) for channel in channels]


def products_to_list(channel: Channel) -> Any:
    """What may still be put on a channel."""
    there = ChannelListing.objects.filter(channel=channel).values("product")
    products = Product.objects.of(channel.brand_id).exclude(status=Product.Status.ARCHIVED)
    return products.exclude(pk__in=there)
