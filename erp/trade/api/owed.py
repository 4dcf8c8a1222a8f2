"""Owed goods over the API, goods that arrived for somebody, and shipments that are taken back."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.access import Right, visible_brands
from catalog.api.base import BrandViewSet, asked_brand, named_brand
from erp.core.api.idempotency import KEY_PARAMETER, idempotency_key
from erp.core.api.rest import RestViewSet
from erp.core.api.views import Scoped
from erp.core.errors import DomainError
from erp.core.filters import IdFilter
from erp.inventory.services import reverse_posting
from erp.trade.api.lines import pieces_by
from erp.trade.api.order_serializers import (
    AllocatedSerializer,
    AllocationSerializer,
    CancelSerializer,
    OwedSerializer,
    ProposalSerializer,
    ProposalsSerializer,
    ShipmentSerializer,
    TrackingSerializer,
)
from erp.trade.models import OrderLine, Shipment
from erp.trade.selectors.owed import owed_lines
from erp.trade.services import orders
from erp.trade.services.tracking import note_tracking


class OwedFilter(filters.FilterSet):
    brand = filters.ModelChoiceFilter(field_name="order__brand", to_field_name="slug", queryset=visible_brands)
    buyer = IdFilter(field_name="order__buyer_id", label="The id of a buyer.")
    variant = IdFilter(field_name="variant_id", label="The id of a variant.")
    sku = filters.CharFilter(field_name="variant__sku")

    class Meta:
        model = OrderLine
        fields = ["brand", "buyer", "variant", "sku"]


@extend_schema(tags=["orders"])
@extend_schema_view(list=extend_schema(operation_id="owed_list", summary="Owed goods, the oldest debt first"))
class OwedViewSet(Scoped, ListModelMixin, RestViewSet):
    """Billed already and not delivered yet."""

    scope = "trade"
    queryset = owed_lines()
    serializer_class = OwedSerializer
    filterset_class = OwedFilter
    page_ordering = ("owed_since", "id")


@extend_schema(tags=["orders"])
class ArrivalsViewSet(BrandViewSet):
    """Who waits for goods that are in stock: owed goods first, then the oldest order."""

    scope = "trade"
    queryset = OrderLine.objects.all()
    serializer_class = ProposalSerializer
    pagination_class = None

    @extend_schema(
        operation_id="arrivals_offer",
        summary="Goods that arrived for somebody",
        parameters=[OpenApiParameter("brand", {"type": "string"}, required=True, description="Its slug.")],
        responses=ProposalsSerializer,
    )
    def list(self, request: Request) -> Response:
        proposals = orders.offer_arrivals(asked_brand(request))
        return Response({"results": ProposalSerializer(proposals, many=True).data})

    @extend_schema(
        operation_id="arrivals_hold",
        summary="Hold them for those who wait",
        parameters=[KEY_PARAMETER],
        request=AllocationSerializer,
        responses={200: AllocatedSerializer},
    )
    def create(self, request: Request) -> Response:
        """Less is held where somebody took the goods meanwhile; orders that went on are named."""
        brand, key = named_brand(request, Right.WORK), idempotency_key(request)
        entered = AllocationSerializer(data=request.data)
        entered.is_valid(raise_exception=True)
        wanted = pieces_by("line", [row for row in entered.validated_data["lines"] if row["quantity"]])
        held, refused = orders.allocate(brand=brand, quantities=wanted, actor=self.actor, idempotency_key=key)
        named = [{"order": order.public_id, "error": error.as_dict()} for order, error in refused]
        return Response({"held": held, "refused": named})


@extend_schema(tags=["orders"])
@extend_schema_view(retrieve=extend_schema(summary="One shipment"))
class ShipmentsViewSet(RetrieveModelMixin, BrandViewSet):
    """What left with one posting, and for a buyer with one slip."""

    scope = "trade"
    queryset = Shipment.objects.select_related("order__brand", "posting", "slip", "reversal", "actor")
    serializer_class = ShipmentSerializer
    brand_of = "order.brand"

    @extend_schema(
        summary="Say who carries it",
        description="Courier and tracking number, both, or neither. Of what was taken back nothing changes any more.",
        request=TrackingSerializer,
        responses=ShipmentSerializer,
        examples=[
            OpenApiExample("A parcel", value={"courier": "cj", "tracking_number": "123456789012"}, request_only=True)
        ],
    )
    def partial_update(self, request: Request, pk: int) -> Response:
        shipment = self.get_object()
        kept = {"courier": shipment.courier, "tracking_number": shipment.tracking_number}
        entered = TrackingSerializer(data=request.data, partial=True)
        entered.is_valid(raise_exception=True)
        note_tracking(shipment=shipment, actor=self.actor, **kept | entered.validated_data)
        return Response(self.get_serializer(self.get_queryset().get(pk=shipment.pk)).data)

    @extend_schema(
        summary="Take a shipment back",
        description="The goods come back to stock, and the slip with its payment is taken back, once.",
        parameters=[KEY_PARAMETER],
        request=CancelSerializer,
        responses=ShipmentSerializer,
    )
    @action(detail=True, methods=["post"], url_path="take-back")
    def take_back(self, request: Request, pk: int) -> Response:
        shipment, key = self.get_object(), idempotency_key(request)
        entered = CancelSerializer(data=request.data)
        entered.is_valid(raise_exception=True)
        if shipment.posting is None:
            message = _("Nothing was sent with this slip. Cancel the owed goods instead.")
            raise DomainError("nothing_sent", message, status=409)
        note: Any = entered.validated_data["note"]
        reverse_posting(posting=shipment.posting, actor=self.actor, idempotency_key=key, note=note)
        return Response(self.get_serializer(self.get_object()).data)
