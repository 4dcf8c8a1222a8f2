"""Labels as a PDF."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from catalog.access import Right
from catalog.api.base import named_brand
from catalog.models import Brand, Variant
from catalog.skus import normal_sku
from erp.core.api.views import AnyAccept
from erp.core.errors import DomainError, Problem
from erp.core.pdf import pdf_response
from erp.inventory.models import Posting
from erp.labels.api.serializers import LabelsEntrySerializer
from erp.labels.selectors import Quantities, of_posting
from erp.labels.services import LabelOptions, make_labels, remembered_options
from erp.labels.templates import templates

NAMES = ("variant", "sku", "barcode")
TWO_LINES = {
    "brand": "haneul",
    "template": "a4-5x13",
    "code": "ean13",
    "language": "ko",
    "with_price": True,
    "start": 4,
    "lines": [{"sku": "HA0001-NV-M", "quantity": 12}, {"barcode": "2000000000015", "quantity": 6}],
}
RECEIVED = {"brand": "haneul", "template": "roll-40x30", "posting": "7d3f1c1e-5b0e-4a53-9d0a-0d3a3d7f2b11"}


class LabelsView(APIView):
    scope = "catalog"
    reads_by_post = ("post",)
    content_negotiation_class = AnyAccept

    @extend_schema(
        operation_id="labels_print",
        summary="Print labels",
        description="Answers a PDF with the labels, for at most 5,000 pieces a request. Nothing is saved.",
        tags=["labels"],
        request=LabelsEntrySerializer,
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
        examples=[
            OpenApiExample("Two variants on a used sheet", value=TWO_LINES, request_only=True),
            OpenApiExample("Every piece of a receiving", value=RECEIVED, request_only=True),
        ],
    )
    def post(self, request: Request) -> HttpResponse:
        brand = named_brand(request, Right.WORK)
        entered = LabelsEntrySerializer(data=request.data)
        entered.is_valid(raise_exception=True)
        content = make_labels(
            brand=brand,
            quantities=_quantities(brand, entered.validated_data),
            options=_options(brand, entered.validated_data),
        )
        return pdf_response(content, f"{brand.slug}-labels.pdf")


def _options(brand: Brand, entered: dict[str, Any]) -> LabelOptions:
    """As the brand chose last, but for what the request names."""
    names = ("code", "language", "with_price", "start")
    named = {name: entered[name] for name in names if name in entered}
    if "template" in entered:
        named["template"] = templates()[entered["template"]]
    return replace(remembered_options(brand), **named)


def _quantities(brand: Brand, entered: dict[str, Any]) -> Quantities:
    if ("lines" in entered) == ("posting" in entered):
        message = _("Give either lines or a posting.")
        raise DomainError("lines_or_posting", message, [Problem("lines_or_posting", message, field="lines")])
    if "posting" in entered:
        return of_posting(get_object_or_404(Posting.objects.of(brand), public_id=entered["posting"]))
    return _of_lines(brand, entered["lines"])


def _of_lines(brand: Brand, lines: Sequence[dict[str, Any]]) -> Quantities:
    """Labels by variant id; every line that names no variant is said at once."""
    known = _known(brand, lines)
    found: Quantities = {}
    problems = []
    for number, line in enumerate(lines, start=1):
        named = [name for name in NAMES if name in line]
        if len(named) != 1:
            problems.append(
                Problem("name_one", _("Name the variant by one of variant, sku and barcode."), None, number)
            )
            continue
        pk = known.get((named[0], _key(named[0], line[named[0]])))
        if pk is None:
            message = _("There is no variant “%(code)s” in this brand.") % {"code": line[named[0]]}
            problems.append(Problem("unknown_variant", message, named[0], number))
            continue
        found[pk] = found.get(pk, 0) + line["quantity"]
    if problems:
        raise DomainError("invalid", _("Some of the lines need mending."), problems)
    return found


def _known(brand: Brand, lines: Sequence[dict[str, Any]]) -> dict[tuple[str, Any], int]:
    """The ids of all variants that the lines name, by the name they are called by, in one query."""
    wanted = {name: {_key(name, line[name]) for line in lines if name in line} for name in NAMES}
    by_name = Q(pk__in=wanted["variant"]) | Q(sku__in=wanted["sku"]) | Q(barcode__in=wanted["barcode"])
    known: dict[tuple[str, Any], int] = {}
    for pk, sku, barcode in Variant.objects.of(brand).filter(by_name).values_list("pk", "sku", "barcode"):
        known |= {("variant", pk): pk, ("sku", sku): pk, ("barcode", barcode): pk}
    return known


def _key(name: str, value: Any) -> Any:
    return normal_sku(value) if name == "sku" else value
