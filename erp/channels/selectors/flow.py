"""What pages of exports and orders show."""

from __future__ import annotations

from typing import Any

from django.db.models import Count

from erp.channels.models import Channel, ChannelListing, ChannelOrder, ExportLine
from erp.channels.services.parcels import untold_shipments

SHOWN_CHANGES = 12
LONGEST = 80


def export_counts(channel: Channel) -> dict[str, int]:
    """What waits to be sent: listings, those that changed since, and shipments with a number."""
    listings = ChannelListing.objects.filter(channel=channel).exclude(status=ChannelListing.Status.DRAFT)
    return {
        "listings": listings.count(),
        "new": listings.filter(exported_at=None).count(),
        "stale": listings.filter(stale_since__isnull=False).count(),
        "parcels": untold_shipments(channel).count(),
    }


def changes_of(line: ExportLine) -> tuple[list[tuple[str, str, str]], int]:
    """(Column, before, now) of what a listing changed, shortened, and how many more there are."""
    found = [(header, *(_short(text) for text in pair)) for header, pair in line.changes.items()]
    return [(h, before, now) for h, before, now in found[:SHOWN_CHANGES]], max(len(found) - SHOWN_CHANGES, 0)


def order_chips(channel: Channel) -> list[tuple[str, Any, int]]:
    """(State, its name, how many) of the channel's orders; all first."""
    rows = ChannelOrder.objects.filter(channel=channel).order_by().values_list("state").annotate(n=Count("pk"))
    counts = dict(rows)
    return [(value, label, counts.get(value, 0)) for value, label in ChannelOrder.State.choices]


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
