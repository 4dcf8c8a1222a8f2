"""Orders of marketplaces over the API: sent in many at a time, looked at, settled once their goods are known."""

from __future__ import annotations

from typing import cast

from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.access import Right, visible_brands
from catalog.api.base import BrandViewSet
from erp.channels.api import order_serializers as shapes
from erp.channels.api.named import named_channel
from erp.channels.models import ChannelOrder
from erp.channels.services import conflicts
from erp.channels.services.batches import take_batch
from erp.channels.services.intake import settle
from erp.core.api.idempotency import KEY_PARAMETER, REPLAY_PARAMETER, idempotency_key

BATCH = {
    "channel": "5b0c7a52-2f55-4b5a-9d2e-0f6f1f9f0c11",
    "orders": [
        {
            "number": "2026112012345",
            "placed_at": "2026-11-20T10:00:00+09:00",
            "customer_name": "김하나",
            "lines": [
                {"sku": "HA0001-NV-M", "title": "셔츠", "options": "네이비 / M", "quantity": 1, "unit_price": "42000"}
            ],
        }
    ],
}
ABOUT = """Each order for itself, whatever becomes of the others: `taken` holds its goods, `unknown` waits until its
SKUs are matched, `short` until its goods come. Nothing is dropped.

An order that is known by its number changes only so far as it is paid or cancelled now; with other goods it becomes a
`conflict` for a person to look at. The header `Idempotency-Key` is required: the same key with other orders is 409. A
batch that is sent again answers how its orders stand now, and takes in what a break left out."""


class ChannelOrderFilter(filters.FilterSet):
    brand = filters.ModelChoiceFilter(field_name="channel__brand", to_field_name="slug", queryset=visible_brands)
    channel = filters.UUIDFilter(field_name="channel__public_id", label="The id of a channel.")

    class Meta:
        model = ChannelOrder
        fields = ["brand", "channel", "state", "number"]


@extend_schema(tags=["channel orders"])
@extend_schema_view(
    list=extend_schema(summary="Orders of marketplaces, newest first"),
    retrieve=extend_schema(summary="One order as its marketplace told it", responses=shapes.FullChannelOrderSerializer),
)
class ChannelOrdersViewSet(ListModelMixin, RetrieveModelMixin, BrandViewSet):
    """What marketplaces ordered, and which of our orders it became."""

    scope = "channels"
    queryset = ChannelOrder.objects.select_related("channel__brand", "order")
    serializer_class = shapes.ChannelOrderSerializer
    filterset_class = ChannelOrderFilter
    brand_of = "channel.brand"
    synced_by = "updated_at"

    def _answer(self, order: ChannelOrder) -> Response:
        found = self.get_queryset().prefetch_related("lines__variant").get(pk=order.pk)
        return Response(shapes.FullChannelOrderSerializer(found).data)

    def retrieve(self, request: Request, pk: int) -> Response:
        return self._answer(self.get_object())

    @extend_schema(
        operation_id="channel_orders_take",
        summary="Send in orders",
        description=ABOUT,
        parameters=[KEY_PARAMETER, REPLAY_PARAMETER],
        request=shapes.OrderBatchSerializer,
        responses={200: shapes.TakenOrdersSerializer},
        examples=[OpenApiExample("One order", value=BATCH, request_only=True)],
    )
    def create(self, request: Request) -> Response:
        channel, key = named_channel(request, Right.WORK), idempotency_key(request)
        read = shapes.ReadBatch(cast(dict, request.data).get("orders"))
        said = list(read.orders.values())
        done = take_batch(channel=channel, said=said, actor=self.actor, idempotency_key=key)
        taken = dict(zip(read.orders, done.taken, strict=True))
        results = shapes.TakenOrdersSerializer({"results": list(shapes.answered(read, taken))})
        return Response(results.data, headers={"Idempotent-Replay": "true"} if done.replayed else None)

    @extend_schema(
        summary="Try again to hold its goods",
        description="Of an order that was `short`, or whose SKUs are matched by now. One that is taken stays as it is.",
        request=None,
        responses=shapes.FullChannelOrderSerializer,
    )
    @action(detail=True, methods=["post"])
    def settle(self, request: Request, pk: int) -> Response:
        return self._answer(settle(order=self.get_object(), actor=self.actor))

    @extend_schema(summary="Of two tellings, keep ours", request=None, responses=shapes.FullChannelOrderSerializer)
    @action(detail=True, methods=["post"], url_path="keep-ours")
    def keep_ours(self, request: Request, pk: int) -> Response:
        """Of a `conflict`: what we hold stays."""
        return self._answer(conflicts.keep_ours(order=self.get_object(), actor=self.actor))

    @extend_schema(summary="Of two tellings, take theirs", request=None, responses=shapes.FullChannelOrderSerializer)
    @action(detail=True, methods=["post"], url_path="take-theirs")
    def take_theirs(self, request: Request, pk: int) -> Response:
        """Of a `conflict`: ours is cancelled, and what the marketplace said last is taken in instead."""
        return self._answer(conflicts.take_theirs(order=self.get_object(), actor=self.actor))

    @extend_schema(summary="Give an order up", request=None, responses=shapes.FullChannelOrderSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: int) -> Response:
        """What is held for it goes back on sale. The marketplace has to be told there."""
        return self._answer(conflicts.cancel_channel_order(order=self.get_object(), actor=self.actor))
