"""What an export leaves on its listings once its file counts as sent."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from erp.channels.models import ChannelListing, Export, ExportLine
from erp.channels.services.announcing import announce_export

Status, What = ChannelListing.Status, Export.What


@transaction.atomic
def note_sent(export: Export) -> None:
    """They are sent, and no longer stale unless they changed after they were read. Of older exports of the same kind
    only the digests are kept."""
    announce_export(export)
    if export.what not in (What.PRODUCTS, What.STOCK):
        return
    listings = ChannelListing.objects.filter(sent__export=export).values("pk")
    older = ExportLine.objects.filter(listing__in=listings, export__what=export.what, export__lt=export)
    older.exclude(cells=[]).update(cells=[])
    if export.what == What.PRODUCTS:
        _note_products(export)
    moments = ExportLine.objects.filter(export=export).order_by().values_list("read_at", flat=True).distinct()
    for moment in list(moments):
        lines = ExportLine.objects.filter(export=export, read_at=moment).values("listing")
        clear_stale(Q(pk__in=lines), moment, export.what)


def clear_stale(which: Q, moment: datetime, what: str) -> None:
    """They hold as of a moment. A file of stock says nothing of texts and prices: what changed in those stays."""
    told = ChannelListing.objects.filter(which, stale_since__lte=moment)
    if what == What.STOCK:
        told = told.filter(only_stock=True)
    told.update(stale_since=None, only_stock=False, updated_at=timezone.now())


def _note_products(export: Export) -> None:
    now = timezone.now()
    sent = ChannelListing.objects.filter(pk__in=ExportLine.objects.filter(export=export).values("listing"))
    sent.exclude(status=Status.LIVE).update(status=Status.EXPORTED)
    sent.update(problem="", exported_at=now, updated_at=now)
    changed = ExportLine.objects.filter(export=export).exclude(options=[]).values_list("listing", "options")
    rows = [ChannelListing(pk=listing, options_before=options) for listing, options in changed.iterator()]
    ChannelListing.objects.bulk_update(rows, ["options_before"], batch_size=500)
