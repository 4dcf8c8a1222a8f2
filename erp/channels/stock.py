"""What is free of variants at the places that a channel sells from."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import F, Sum

from erp.channels.models import Channel
from erp.inventory.low import SELLABLE
from erp.inventory.models import Balance, Location
from erp.inventory.querysets import LocationQuerySet
from erp.trade.models import OrderLine


def free_pieces(channel: Channel, variants: Collection[int]) -> dict[int, int]:
    """Variant -> pieces on hand that nothing holds; those that have none anywhere are left out.

    What is defective or lies at a partner's is ours, and is sold nowhere else.
    """
    rows = Balance.objects.filter(variant__in=variants, location__in=places_to_sell_from(channel.brand_id))
    if channel.location_id:
        rows = rows.filter(location=channel.location_id)
    free = rows.values("variant").annotate(free=Sum(F("on_hand") - F("reserved")))
    return dict(free.values_list("variant", "free"))


def places_to_sell_from(brand_id: int) -> LocationQuerySet:
    """Every open place of a brand where goods lie to be sold."""
    return Location.objects.filter(brand=brand_id, is_active=True, kind__in=SELLABLE)


def committed_pieces(channel: Channel, variants: Collection[int]) -> dict[int, int]:
    """Variant -> pieces that are held for orders of the channel: the marketplace counts them off by itself."""
    lines = OrderLine.objects.filter(variant__in=variants, order__channel_order__channel=channel, reserved__gt=0)
    return dict(lines.order_by().values_list("variant").annotate(held=Sum("reserved")))
