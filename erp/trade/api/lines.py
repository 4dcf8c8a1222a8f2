"""What requests about purchases say: their headings, and lines that name variants, with all that is wrong at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request

from catalog.models import Brand
from erp.core.api.errors import INVALID, problems_of
from erp.core.api.fields import RowIdField
from erp.core.errors import DomainError, Problem
from erp.inventory.api.lines import VariantNames
from erp.inventory.models import Location
from erp.inventory.services import MAX_QUANTITY


@extend_schema_serializer(component_name="CostedLine")
class CostedLineSerializer(serializers.Serializer):
    """Name the variant by one of `variant`, `sku` and `barcode`."""

    variant = RowIdField(required=False)
    sku = serializers.CharField(required=False, max_length=80)
    barcode = serializers.CharField(required=False, max_length=48)
    quantity = serializers.IntegerField(min_value=1, max_value=MAX_QUANTITY)
    unit_cost = serializers.DecimalField(
        max_digits=13, decimal_places=4, min_value=Decimal(0), required=False, allow_null=True,
        help_text="Of one piece, in the order's currency.",
    )  # fmt: skip


class CostedLine(NamedTuple):
    variant_id: int
    quantity: int
    unit_cost: Decimal | None


def read_costed_lines(brand: Brand, entries: Any) -> list[CostedLine]:
    """Raises DomainError `invalid` that names every line to mend."""
    rows: Sequence[Any] = entries if isinstance(entries, list) else []
    read = CostedLineSerializer(data=entries, many=True)
    problems = [] if read.is_valid() else problems_of({"lines": read.errors})
    known = [entry if isinstance(entry, dict) else {} for entry in rows]
    names = VariantNames(brand, known)
    found = [names.find(entry) for entry in known]
    for number, (entry, variant) in enumerate(zip(rows, found, strict=True), start=1):
        if isinstance(variant, Problem) and isinstance(entry, dict):
            problems.append(Problem(variant.code, variant.message, variant.field, number))
    if problems:
        raise DomainError("invalid", INVALID, sorted(problems, key=lambda problem: problem.line or 0))
    return [
        CostedLine(variant, line["quantity"], line.get("unit_cost"))  # type: ignore[arg-type]
        for variant, line in zip(found, read.validated_data, strict=True)
    ]


def pieces_by(name: str, rows: Iterable[Mapping[str, Any]]) -> dict[int, int]:
    """Pieces by what each row names; what is named twice is refused, so that no row is lost in silence."""
    found: dict[int, int] = {}
    problems = []
    for number, row in enumerate(rows, start=1):
        if row[name] in found:
            message = _("This is named twice. Give it one line.")
            problems.append(Problem("twice", message, name, number))
        found[row[name]] = row["quantity"]
    if problems:
        raise DomainError("twice", INVALID, problems)
    return found


def read_heading(serializer: Any, request: Request) -> dict[str, Any]:
    """What a request says besides its lines, which are read apart: so that one answer names all that is wrong there."""
    entered = serializer(data=request.data)
    entered.fields.pop("lines", None)
    entered.is_valid(raise_exception=True)
    return entered.validated_data


def read_place(brand: Brand, code: str) -> Location:
    place = Location.objects.of(brand).internal().filter(code=code).first()
    if place is None:
        message = _("There is no location “%(code)s” in this brand.") % {"code": code[:40]}
        raise DomainError("unknown_location", message, [Problem("unknown_location", message, "location")])
    return place
