"""The proof of the ledger: every balance, running balance and seal computed again from the movements."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from catalog.models import Brand, Variant
from erp.inventory.models import Location
from erp.inventory.seals import broken_seals
from erp.inventory.sql.checks import CHECKS, Found, disagreements


@dataclass(frozen=True, slots=True)
class Difference:
    """`recorded` is what the books say, `computed` what follows from the movements.

    `check` is `balance`, `running` (the balance a movement recorded), `reserved` (`computed` is then what is on hand),
    `held` (`computed` is what the open reservations hold), `cost` (an average cost that does not follow from the one
    before, without numbers), `brand` (a movement between things of different brands, without numbers), `seal` (the
    movements of `day` are not those that were sealed: so many were, so many are there) or `chain` (the seal of `day`
    does not follow from the one before).
    """

    check: str
    brand: str
    sku: str
    location: str
    recorded: int | None
    computed: int | None
    movement_id: int | None = None
    day: str = ""

    def __str__(self) -> str:
        return _sentence(self.check) % {
            "brand": self.brand,
            "sku": self.sku,
            "location": self.location,
            "recorded": "–" if self.recorded is None else self.recorded,
            "computed": "–" if self.computed is None else self.computed,
            "movement": self.movement_id,
            "day": self.day,
        }


def verify_ledger(brand: Brand | None = None) -> list[Difference]:
    """Every difference in one brand, or in all of them; an empty list is the proof. Reads only."""
    brand_id = brand.pk if brand else None
    found = [(check, item) for check in CHECKS for item in disagreements(check, brand_id)]
    broken = [
        Difference(seal.check, seal.brand.slug, "", "", seal.sealed, seal.found, day=seal.day.isoformat())
        for seal in broken_seals(brand)
    ]
    return [*_named(found), *broken]


def _named(found: Iterable[tuple[str, Found]]) -> list[Difference]:
    rows = list(found)
    skus = dict(Variant.objects.filter(pk__in={item.variant_id for _c, item in rows}).values_list("pk", "sku"))
    locations = Location.objects.select_related("brand").in_bulk({item.location_id for _c, item in rows})
    return [
        Difference(
            check=check,
            brand=locations[item.location_id].brand.slug,
            sku=skus[item.variant_id],
            location=locations[item.location_id].code,
            recorded=item.recorded,
            computed=item.computed,
            movement_id=item.movement_id,
        )
        for check, item in rows
    ]


def _sentence(check: str) -> str:
    return {
        "balance": _("%(brand)s, %(sku)s, %(location)s: the balance says %(recorded)s, the movements %(computed)s"),
        "running": _(
            "%(brand)s, %(sku)s, %(location)s: movement %(movement)s says %(recorded)s were there, "
            "the movements up to it %(computed)s"
        ),
        "reserved": _("%(brand)s, %(sku)s, %(location)s: %(recorded)s are reserved, %(computed)s on hand"),
        "held": _("%(brand)s, %(sku)s, %(location)s: %(recorded)s are reserved, the reservations hold %(computed)s"),
        "cost": _(
            "%(brand)s, %(sku)s: the average cost after movement %(movement)s does not follow from what was before"
        ),
        "seal": _(
            "%(brand)s, %(day)s: what was recorded that day was rewritten after it was sealed "
            "(%(recorded)s movements then, %(computed)s now)"
        ),
        "chain": _("%(brand)s, %(day)s: the seal of that day does not follow from the seal before it"),
        "brand": _("%(brand)s, %(sku)s, %(location)s: movement %(movement)s joins things of different brands"),
    }[check]
