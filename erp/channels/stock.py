"""What is free of variants at the places that a channel sells from."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import F, Sum

from erp.channels.models import Channel
from erp.inventory.low import SELLABLE
from erp.inventory.models import Balance


def free_pieces(channel: Channel, variants: Collection[int]) -> dict[int, int]:
    """Variant -> pieces on hand that nothing holds; those that have none anywhere are left out.

    What is defective or lies at a partner's is ours, and is sold nowhere else.
    """
    rows = Balance.objects.filter(variant__in=variants, location__brand=channel.brand_id)
    if channel.location_id:
        rows = rows.filter(location=channel.location_id)
    free = (
        rows.filter(location__is_active=True, location__kind__in=SELLABLE)
        .values("variant")
        .annotate(free=Sum(F("on_hand") - F("reserved")))
    )
    return dict(free.values_list("variant", "free"))
