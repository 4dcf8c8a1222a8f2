"""Purchase orders over the API."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpResponseBase
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.access import Right, visible_brands
from catalog.api.base import BrandViewSet, named_brand
from catalog.models import Brand
from erp.core.api.idempotency import KEY_PARAMETER, REPLAY_PARAMETER, idempotency_key
from erp.core.api.views import AnyAccept
from erp.core.errors import DomainError, Problem
from erp.core.filters import IdFilter, MadeBetween
from erp.core.pdf import pdf_response
from erp.trade.api.deliveries import complete_deliveries
from erp.trade.api.lines import read_costed_lines, read_heading, read_place
from erp.trade.api.partners import answer
from erp.trade.api.purchase_serializers import (
    ArrivalSerializer,
    DeliverySerializer,
    PurchaseChangeSerializer,
    PurchaseEntrySerializer,
    PurchaseSerializer,
)
from erp.trade.models import Partner, PurchaseOrder
from erp.trade.pdf.purchase import purchase_pdf
from erp.trade.services import purchases
from erp.trade.services.purchases import Arrival, PurchaseEntry, PurchaseHeading

ORDER = {
    "brand": "haneul",
    "supplier": 12,
    "location": "MAIN",
    "currency": "CNY",
    "exchange_rate": "191.25",
    "expected_on": "2026-12-01",
    "lines": [{"sku": "HA0001-NV-M", "quantity": 60, "unit_cost": "42.5"}, {"sku": "HA0001-NV-L", "quantity": 40}],
}
ARRIVED = {"lines": [{"sku": "HA0001-NV-M", "quantity": 55}], "note": "first part"}


class PurchasesFilter(MadeBetween):
    brand = filters.ModelChoiceFilter(to_field_name="slug", queryset=visible_brands)
    supplier = IdFilter(label="The id of a partner.")
    location = filters.CharFilter(field_name="location__code", label="The code of a location.")
    sku = filters.CharFilter(field_name="lines__variant__sku", distinct=True)

    class Meta:
        model = PurchaseOrder
        fields = ["brand", "supplier", "state", "number"]


@extend_schema(tags=["purchases"])
@extend_schema_view(
    list=extend_schema(summary="List purchase orders, newest first"),
    retrieve=extend_schema(summary="One purchase order"),
)
class PurchasesViewSet(ListModelMixin, RetrieveModelMixin, BrandViewSet):
    """What was ordered from suppliers, and what came of each line."""

    scope = "trade"
    queryset = PurchaseOrder.objects.select_related("brand", "supplier", "location", "created_by").prefetch_related(
        "lines__variant"
    )
    serializer_class = PurchaseSerializer
    filterset_class = PurchasesFilter
    orderings = {"number": "number"}
    synced_by = "updated_at"
    lookup_field = "public_id"
    lookup_value_converter = "uuid"

    @extend_schema(
        summary="Write a purchase order",
        description="A draft, until `send` says that the supplier has it.",
        parameters=[KEY_PARAMETER, REPLAY_PARAMETER],
        request=PurchaseEntrySerializer,
        responses={201: PurchaseSerializer, 200: PurchaseSerializer},
        examples=[OpenApiExample("In Chinese yuan", value=ORDER, request_only=True)],
    )
    def create(self, request: Request) -> Response:
        brand = named_brand(request, Right.WORK)
        key = idempotency_key(request)
        heading, entries = self._read(brand, request)
        order = purchases.create_purchase(
            brand=brand, heading=heading, entries=entries, actor=self.actor, idempotency_key=key
        )
        return answer(self._shown(order), replayed=order.replayed)

    @extend_schema(
        summary="Change a purchase order",
        description="While it is a draft or under way. A line left out is taken off; what came of it stays.",
        request=PurchaseChangeSerializer,
        responses=PurchaseSerializer,
    )
    def update(self, request: Request, public_id: Any) -> Response:
        order = self.get_object()
        heading, entries = self._read(order.brand, request)
        return Response(self._shown(purchases.update_purchase(order=order, heading=heading, entries=entries)))

    @extend_schema(summary="Send it to the supplier", request=None, responses=PurchaseSerializer)
    @action(detail=True, methods=["post"])
    def send(self, request: Request, public_id: Any) -> Response:
        return Response(self._shown(purchases.order_purchase(order=self.get_object())))

    @extend_schema(summary="Close it: nothing more is expected", request=None, responses=PurchaseSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, public_id: Any) -> Response:
        return Response(self._shown(purchases.close_purchase(order=self.get_object())))

    @extend_schema(summary="Open it again", request=None, responses=PurchaseSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, public_id: Any) -> Response:
        return Response(self._shown(purchases.reopen_purchase(order=self.get_object())))

    @extend_schema(summary="Cancel it, while nothing has come", request=None, responses=PurchaseSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, public_id: Any) -> Response:
        return Response(self._shown(purchases.cancel_purchase(order=self.get_object())))

    @extend_schema(
        summary="Receive a delivery",
        description=(
            "Posts what came, and moves the average costs. More than was ordered is refused with `over_delivery`, "
            "every line named, unless `allow_over` is true."
        ),
        parameters=[KEY_PARAMETER, REPLAY_PARAMETER],
        request=ArrivalSerializer,
        responses={201: DeliverySerializer, 200: DeliverySerializer},
        examples=[OpenApiExample("A part of it", value=ARRIVED, request_only=True)],
    )
    @action(detail=True, methods=["post"])
    def receive(self, request: Request, public_id: Any) -> Response:
        order = self.get_object()
        key = idempotency_key(request)
        chosen = read_heading(ArrivalSerializer, request)
        place = read_place(order.brand, chosen["location"]) if chosen.get("location") else None
        lines = read_costed_lines(order.brand, cast(dict, request.data).get("lines"))
        delivery = purchases.receive_delivery(
            order=order,
            arrivals=[Arrival(*line) for line in lines],
            actor=self.actor,
            idempotency_key=key,
            location=place,
            allow_over=chosen["allow_over"],
            note=chosen["note"],
            occurred_at=chosen["occurred_at"],
        )
        shown = DeliverySerializer(complete_deliveries().get(pk=delivery.pk)).data
        return answer(shown, replayed=delivery.replayed)

    @extend_schema(
        operation_id="purchases_pdf",
        summary="The order as a PDF for the supplier",
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
        filters=False,
    )
    @action(detail=True, content_negotiation_class=AnyAccept)
    def pdf(self, request: Request, public_id: Any) -> HttpResponseBase:
        order = self.get_object()
        return pdf_response(purchase_pdf(order), f"{order.brand.slug}-{order.number}.pdf")

    def _read(self, brand: Brand, request: Request) -> tuple[PurchaseHeading, list[PurchaseEntry]]:
        """The heading and the lines. A partner or a place of another brand is as unknown as what never was."""
        chosen = read_heading(PurchaseChangeSerializer, request)
        supplier = Partner.objects.of(brand).filter(pk=chosen["supplier"]).first()
        if supplier is None:
            message = _("Choose a supplier of the list.")
            raise DomainError("unknown_supplier", message, [Problem("unknown_supplier", message, "supplier")])
        heading = PurchaseHeading(
            supplier=supplier,
            location=read_place(brand, chosen["location"]),
            currency=chosen.get("currency") or brand.currency,
            exchange_rate=chosen["exchange_rate"],
            expected_on=chosen["expected_on"],
            note=chosen["note"],
        )
        lines = read_costed_lines(brand, cast(dict, request.data).get("lines"))
        return heading, [PurchaseEntry(*line) for line in lines]

    def _shown(self, order: PurchaseOrder) -> Any:
        return self.get_serializer(self.get_queryset().get(pk=order.pk)).data
