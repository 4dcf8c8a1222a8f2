"""The reorder rule of each variant, as expressions: its own, else its product's, its category's, the brand's."""

from __future__ import annotations

from typing import Any

from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce, Greatest

from erp.reports.models import ReorderRule


def reorder_point() -> Any:
    """The point of the most specific rule of a variant; null where there is none."""
    return Coalesce(*_most_specific("point"))


def reorder_target() -> Any:
    """What there should be after an order: by the same rule, else twice the number that the brand calls low."""
    without_rule = Greatest(F("brand__low_stock_at") * 2, 1)
    return Coalesce(*_most_specific("target"), without_rule)


def _most_specific(field: str) -> list[Any]:
    rules = ReorderRule.objects.filter(brand=OuterRef("brand")).order_by()
    levels: tuple[dict[str, Any], ...] = (
        {"variant": OuterRef("pk")},
        {"product": OuterRef("product")},
        {"category": OuterRef("product__category")},
        {"variant": None, "product": None, "category": None},
    )
    return [Subquery(rules.filter(**level).values(field)[:1]) for level in levels]
