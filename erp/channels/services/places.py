"""Which place an order's goods are taken from."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping

from django.db.models import F
from django.utils.translation import gettext as _

from erp.channels.models import Channel
from erp.channels.stock import places_to_sell_from
from erp.core.errors import DomainError
from erp.inventory.models import Balance, Location


class Places:
    """What is free at the places that a channel sells from. Each order leaves less for the ones after it."""

    def __init__(self, channel: Channel, variants: Collection[int]) -> None:
        self.places = [channel.location] if channel.location else sold_from(channel)
        self.free: defaultdict[int, Counter[int]] = defaultdict(Counter)
        if len(self.places) > 1:
            rows = Balance.objects.filter(variant__in=variants, location__in=self.places)
            for place, variant, free in rows.values_list("location", "variant", F("on_hand") - F("reserved")):
                self.free[place][variant] = free

    def take(self, wanted: Mapping[int, int]) -> Location:
        """The first place that has all of an order's goods (variant -> pieces). Where none has, the first of all: it
        is there that they are short."""
        for place in self.places:
            free = self.free[place.pk]
            if all(free[variant] >= count for variant, count in wanted.items()):
                free.subtract(wanted)
                return place
        return self.places[0]


def sold_from(channel: Channel) -> list[Location]:
    """Every place of the brand's own where goods lie to be sold, in the brand's order."""
    places = list(places_to_sell_from(channel.brand_id).order_by("position", "pk"))
    if not places:
        raise DomainError(
            "no_open_place", _("Open a warehouse or a shop first: the goods of orders are taken from there.")
        )
    return places
