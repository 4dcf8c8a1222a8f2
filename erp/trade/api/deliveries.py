"""What came of purchase orders, over the API."""

from __future__ import annotations

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.access import visible_brands
from catalog.api.base import BrandViewSet
from erp.core.filters import MadeBetween
from erp.trade.api.lines import read_heading
from erp.trade.api.purchase_serializers import DeliverySerializer, TakeBackSerializer
from erp.trade.models import Delivery
from erp.trade.services import purchases


def complete_deliveries() -> Any:
    rows = Delivery.objects.select_related("brand", "order", "posting", "reversal", "created_by")
    return rows.prefetch_related("lines__line__variant")


class DeliveryFilter(MadeBetween):
    brand = filters.ModelChoiceFilter(to_field_name="slug", queryset=visible_brands)
    order = filters.UUIDFilter(field_name="order__public_id", label="The id of a purchase order.")

    class Meta:
        model = Delivery
        fields = ["brand", "order", "number"]


@extend_schema(tags=["purchases"])
@extend_schema_view(
    list=extend_schema(summary="List deliveries, newest first"), retrieve=extend_schema(summary="One delivery")
)
class DeliveriesViewSet(ListModelMixin, RetrieveModelMixin, BrandViewSet):
    """What came of purchase orders, each with the posting that brought it."""

    scope = "trade"
    queryset = complete_deliveries()
    serializer_class = DeliverySerializer
    filterset_class = DeliveryFilter
    orderings = {"number": "number"}
    synced_by = "updated_at"
    lookup_field = "public_id"
    lookup_value_converter = "uuid"

    @extend_schema(
        summary="Take a delivery back",
        description="Its pieces leave the stock, the order expects them again, and the costs are as before. Once.",
        request=TakeBackSerializer,
        responses=DeliverySerializer,
    )
    @action(detail=True, methods=["post"], url_path="take-back")
    def take_back(self, request: Request, public_id: Any) -> Response:
        delivery = self.get_object()
        note = read_heading(TakeBackSerializer, request)["note"]
        purchases.take_back_delivery(delivery=delivery, actor=self.actor, note=note)
        return Response(DeliverySerializer(complete_deliveries().get(pk=delivery.pk)).data)
