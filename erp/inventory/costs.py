"""What pieces cost on average."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from catalog.models import Brand
from erp.inventory.models import VariantCost


def average_costs(brand: Brand, variant_ids: Iterable[int]) -> dict[int, Decimal]:
    """The moving average cost of one piece of each variant, in the brand's currency. One without a cost is absent."""
    rows = VariantCost.objects.of(brand).filter(variant__in=list(variant_ids))
    return {pk: average for pk, average in rows.values_list("variant", "average") if average is not None}
