"""Movements: the history of the stock, and the one way to add to it."""

from typing import Any, cast

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.access import Right
from catalog.api.base import BrandViewSet, named_brand
from catalog.models import Product, Variant
from erp.core.api.idempotency import KEY_PARAMETER, REPLAY_PARAMETER, idempotency_key
from erp.core.api.views import AnyAccept
from erp.core.errors import DomainError
from erp.core.tables import XLSX
from erp.inventory.api.lines import heading_refusal, read_lines
from erp.inventory.api.postings import answer_posting
from erp.inventory.api.serializers import (
    HeadingSerializer,
    MovementSerializer,
    PostingEntrySerializer,
    PostingSerializer,
)
from erp.inventory.downloads import csv_download, xlsx_download
from erp.inventory.filters import MovementFilter
from erp.inventory.models import StockMovement
from erp.inventory.services import post_movements

RECEIPT = {
    "brand": "haneul",
    "kind": "receipt",
    "reference": "PO-2026-031",
    "lines": [
        {"sku": "HA0001-NV-M", "quantity": 12, "destination": "MAIN"},
        {"barcode": "2000000000015", "quantity": 6, "destination": "MAIN"},
    ],
}
SHIPMENT = {
    "brand": "haneul",
    "kind": "shipment",
    "lines": [{"sku": "HA0001-NV-M", "quantity": 1, "source": "MAIN"}],
}
ADJUSTMENT = {
    "brand": "haneul",
    "kind": "adjustment",
    "note": "count of 1 March",
    "lines": [
        {"sku": "HA0001-NV-M", "quantity": 2, "destination": "MAIN", "note": "found"},
        {"sku": "HA0001-NV-L", "quantity": 1, "source": "MAIN", "note": "lost"},
    ],
}
SHORT = {
    "code": "insufficient_stock",
    "message": "Nothing was posted. Mend the lines named below and send it again.",
    "errors": [
        {
            "field": "quantity",
            "line": 2,
            "code": "insufficient_stock",
            "message": "HA0001-NV-M, Main warehouse: 5 asked, 3 available, 2 missing.",
        }
    ],
}
ABOUT_POSTING = """Writes all lines or none; a refusal names every line that needs mending.

Each line names its variant by one of `variant`, `sku` and `barcode`, and its locations by their codes:
a `receipt` and `opening` need the `destination`, a `shipment` the `source`, a `transfer` both; an `adjustment` has a
`destination` for pieces that were found or a `source` for pieces that are lost. Quantities are always 1 or more.
The opening stock of a variant is posted once, until it is taken back. Nothing arrives of a draft: activate it first.

The header `Idempotency-Key` is required. The same key with the same body answers the first posting again with 200 and
`Idempotent-Replay: true`; with another body it is refused with 409 `idempotency_conflict`."""


@extend_schema(tags=["movements"])
@extend_schema_view(
    list=extend_schema(summary="The history, newest first"),
    retrieve=extend_schema(summary="One movement"),
)
class MovementsViewSet(ListModelMixin, RetrieveModelMixin, BrandViewSet):
    """Every unit that came or went, with the balance it left. Nothing here is ever changed or deleted."""

    scope = "stock"
    queryset = StockMovement.objects.complete()
    serializer_class = MovementSerializer
    filterset_class = MovementFilter

    @extend_schema(
        summary="Post movements",
        description=ABOUT_POSTING,
        parameters=[KEY_PARAMETER, REPLAY_PARAMETER],
        request=PostingEntrySerializer,
        responses={201: PostingSerializer, 200: PostingSerializer},
        examples=[
            OpenApiExample("Receive", value=RECEIPT, request_only=True),
            OpenApiExample("Ship", value=SHIPMENT, request_only=True),
            OpenApiExample("Adjust", value=ADJUSTMENT, request_only=True),
            OpenApiExample("Too few pieces", value=SHORT, response_only=True, status_codes=["400"]),
        ],
    )
    def create(self, request: Request) -> Response:
        brand = named_brand(request, Right.WORK)
        key = idempotency_key(request)
        heading = HeadingSerializer(data=request.data)
        entries = cast(dict, request.data).get("lines")
        if not heading.is_valid():
            raise heading_refusal(brand, heading, entries)
        entered = read_lines(brand, heading.validated_data["kind"], entries)
        try:
            posting = post_movements(
                brand=brand, lines=entered.lines, actor=self.actor, idempotency_key=key, **heading.validated_data
            )
        except DomainError as error:
            raise entered.explain(error) from error
        return answer_posting(posting)


@extend_schema(tags=["movements"], filters=True)
class ExportsViewSet(BrandViewSet):
    """The history as a file, narrowed by the filters of the list, with headings in the language of the request."""

    scope = "stock"
    queryset = StockMovement.objects.all()
    filterset_class = MovementFilter
    content_negotiation_class = AnyAccept
    pagination_class = None

    @extend_schema(
        operation_id="movements_csv",
        summary="The history as CSV",
        responses={(200, "text/csv"): OpenApiTypes.BINARY},
    )
    def csv(self, request: Request) -> HttpResponseBase:
        return csv_download(self._found(), name=self._name())

    @extend_schema(
        operation_id="movements_xlsx",
        summary="The history as a workbook",
        description="Of up to 50,000 rows; `too_many_rows` else.",
        responses={(200, XLSX): OpenApiTypes.BINARY},
    )
    def xlsx(self, request: Request) -> HttpResponseBase:
        return xlsx_download(self._found(), name=self._name())

    def _found(self) -> Any:
        return self.filter_queryset(self.get_queryset())

    def _name(self) -> str:
        """The brand that is asked about; the filter has checked that the person sees it."""
        return self.request.query_params.get("brand") or "jangbu"


class HistoryViewSet(ListModelMixin, BrandViewSet):
    """The movements of one thing, newest first, with the balance each left."""

    scope = "stock"
    queryset = StockMovement.objects.complete()
    serializer_class = MovementSerializer
    filterset_class = MovementFilter

    def of(self, rows: Any) -> Any:
        """The thing the address names, among those the person sees."""
        return get_object_or_404(rows.visible_to(self.request.user), pk=self.kwargs.get("pk"))


@extend_schema(tags=["variants"])
@extend_schema_view(list=extend_schema(operation_id="variants_history", summary="History of a variant"))
class VariantHistoryViewSet(HistoryViewSet):
    def get_queryset(self) -> Any:
        return super().get_queryset().filter(variant=self.of(Variant.objects))


@extend_schema(tags=["products"])
@extend_schema_view(list=extend_schema(operation_id="products_history", summary="History of a product"))
class ProductHistoryViewSet(HistoryViewSet):
    def get_queryset(self) -> Any:
        variants = self.of(Product.objects).variants.values_list("pk", flat=True)
        return super().get_queryset().filter(variant__in=list(variants))
