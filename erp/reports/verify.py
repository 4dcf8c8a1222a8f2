"""The proof of the sums: every one computed again from the movements it stands for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from catalog.models import Brand, Variant
from erp.inventory.models import Location
from erp.reports.models import Rollup
from erp.reports.snapshot import snapshot
from erp.reports.sql.rollup import Disagreement, disagreements

# Of one brand: more are no news, and a clock that was set to other days would name every row.
MOST = 1000


@dataclass(frozen=True, slots=True)
class RollupDifference:
    """`kept` is what the reports sum, `computed` what follows from the movements."""

    brand: str
    day: Any
    sku: str
    location: str
    flow: str
    kept: int
    computed: int

    def __str__(self) -> str:
        words = _("%(brand)s, %(day)s, %(sku)s, %(location)s: the reports say %(kept)s %(flow)s, the movements %(n)s")
        return words % {
            "brand": self.brand, "day": self.day, "sku": self.sku, "location": self.location, "kept": self.kept,
            "flow": self.flow, "n": self.computed,
        }  # fmt: skip


def verify_rollups(brand: Brand | None = None) -> list[RollupDifference]:
    """Every difference in one brand, or in all of them; an empty list is the proof. Reads only.

    Sums by a clock that the brand has not any more are not read by any report, and so not looked at.
    """
    brands = [brand] if brand else list(Brand.objects.order_by("pk"))
    return [difference for one in brands for difference in _differences(one)]


def _differences(brand: Brand) -> list[RollupDifference]:
    with snapshot():
        current = Rollup.objects.filter(brand=brand, time_zone=brand.time_zone, day_ends_at=brand.day_ends_at)
        until = current.values_list("movement_id", flat=True).first()
        found = [] if until is None else disagreements(brand, until, MOST)
    return _named(brand, found)


def _named(brand: Brand, found: list[Disagreement]) -> list[RollupDifference]:
    skus = dict(Variant.objects.filter(pk__in={row.variant_id for row in found}).values_list("pk", "sku"))
    places = dict(Location.objects.filter(pk__in={row.location_id for row in found}).values_list("pk", "code"))
    return [
        RollupDifference(
            brand=brand.slug,
            day=row.day,
            sku=skus.get(row.variant_id, f"#{row.variant_id}"),
            location=places.get(row.location_id, f"#{row.location_id}"),
            flow=row.flow,
            kept=row.kept,
            computed=row.computed,
        )
        for row in found
    ]
