"""What the papers of goods have in common over the API: lines by SKU, barcode or id, at places by their codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from catalog.models import Brand
from erp.core.api.errors import INVALID
from erp.core.api.fields import RowIdField
from erp.core.errors import DomainError, Problem
from erp.inventory.api.lines import VariantNames
from erp.inventory.services import MAX_QUANTITY
from erp.trade.models import Partner


def price_field(**more: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=14, decimal_places=2, min_value=Decimal(0), required=False, **more)


class GoodsLineSerializer(serializers.Serializer):
    """Give one of `variant`, `sku` and `barcode`."""

    variant = RowIdField(required=False)
    sku = serializers.CharField(required=False, max_length=80)
    barcode = serializers.CharField(required=False, max_length=48)
    quantity = serializers.IntegerField(min_value=1, max_value=MAX_QUANTITY)


class PricedLineSerializer(GoodsLineSerializer):
    unit_price = price_field(help_text="What one piece costs.")


@dataclass(frozen=True, slots=True)
class Goods:
    """Lines of a request: pieces and prices by variant id."""

    quantities: dict[int, int]
    prices: dict[int, Decimal]


def find_variants(brand: Brand, lines: Sequence[Mapping[str, Any]]) -> list[int]:
    """The ids that lines name. Raises DomainError with every line that names no variant of the brand."""
    names = VariantNames(brand, lines)
    found = [names.find(line) for line in lines]
    wrong = [replace(one, line=number) for number, one in enumerate(found, start=1) if isinstance(one, Problem)]
    if wrong:
        raise DomainError(wrong[0].code, INVALID, wrong)
    return [one for one in found if not isinstance(one, Problem)]


def read_goods(brand: Brand, lines: Sequence[Mapping[str, Any]]) -> Goods:
    """Raises DomainError naming each line that means no variant of the brand, or one that came before."""
    found = Goods({}, {})
    problems = []
    for number, (line, variant) in enumerate(zip(lines, find_variants(brand, lines), strict=True), start=1):
        if variant in found.quantities:
            message = _("This variant is on two lines. Give it once.")
            problems.append(Problem("twice", message, "variant", number))
        found.quantities[variant] = line["quantity"]
        if line.get("unit_price") is not None:
            found.prices[variant] = line["unit_price"]
    if problems:
        raise DomainError("twice", INVALID, problems)
    return found


def read_partner(brand: Brand, pk: int, name: str) -> Partner:
    """A partner of the brand; another's does not exist."""
    found = Partner.objects.of(brand).filter(pk=pk).select_related("brand", "location").first()
    if found is None:
        message = _("There is no such partner. Choose one of the list.")
        raise DomainError("does_not_exist", message, [Problem("does_not_exist", message, name)])
    return found
