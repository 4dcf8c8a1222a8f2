"""What a channel may sell, for partners that ask instead of being told."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, Subquery
from django.shortcuts import get_object_or_404
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.base import BrandViewSet
from catalog.models import Variant
from erp.channels.models import Channel, ChannelListing
from erp.channels.prices import sellable
from erp.channels.resolving import for_sale
from erp.channels.services.intake import unknown_skus
from erp.channels.stock import free_pieces
from erp.core.filters import SinceFilter

MOST_UNKNOWN = 200


class SellableSerializer(serializers.Serializer):
    """`quantity` is what the channel may sell of it now: 0 of what is not for sale."""

    variant = serializers.IntegerField(source="pk")
    sku = serializers.CharField()
    barcode = serializers.CharField(allow_blank=True)
    listing = serializers.IntegerField(source="listing_id")
    external_id = serializers.CharField(allow_blank=True, help_text="What the marketplace calls the listing.")
    quantity = serializers.IntegerField(min_value=0)
    stale_since = serializers.DateTimeField(
        allow_null=True, help_text="From when on the marketplace was told less than the truth."
    )


class StaleFilter(filters.FilterSet):
    stale = filters.BooleanFilter(field_name="stale_since", lookup_expr="isnull", exclude=True)
    stale_since = SinceFilter(field_name="stale_since")

    class Meta:
        model = Variant
        fields: list[str] = []


class UnknownSkuSerializer(serializers.Serializer):
    key = serializers.CharField(help_text="What to send as the `sku` of a match.")
    sku = serializers.CharField(allow_blank=True)
    title = serializers.CharField(allow_blank=True)
    options = serializers.CharField(allow_blank=True)
    orders = serializers.IntegerField(min_value=1)
    pieces = serializers.IntegerField(min_value=1)


@extend_schema_serializer(many=False)
class UnknownSkusSerializer(serializers.Serializer):
    results = UnknownSkuSerializer(many=True)


@extend_schema(tags=["channels"])
class ChannelStockViewSet(BrandViewSet):
    """The stock of one channel."""

    scope = "channels"
    queryset = Channel.objects.select_related("brand", "location")
    serializer_class = SellableSerializer
    lookup_field = "public_id"
    page_ordering = ("pk",)

    @extend_schema(
        operation_id="channels_stock_list",
        summary="What a channel may sell",
        description="Of every variant of its listings that are no drafts: the free pieces less the buffer, times the "
        "share. With `stale=true` only of listings that changed after they went out.",
        parameters=[
            OpenApiParameter("stale", bool),
            OpenApiParameter("stale_since", {"type": "string", "format": "date-time"}),
        ],
        responses=SellableSerializer(many=True),
        filters=False,
    )
    def list(self, request: Request, public_id: Any) -> Response:
        channel = get_object_or_404(self.get_queryset(), public_id=public_id)
        asked = StaleFilter(request.query_params, queryset=_listed(channel))
        if not asked.is_valid():
            raise serializers.ValidationError(asked.errors)
        page = self.paginate_queryset(asked.qs) or []
        free = free_pieces(channel, [variant.pk for variant in page])
        for variant in page:
            sells = for_sale(variant, variant.product)
            variant.quantity = sellable(channel, free.get(variant.pk, 0)) if sells else 0
        return self.get_paginated_response(SellableSerializer(page, many=True).data)


@extend_schema(tags=["channel matches"])
class UnknownSkusViewSet(BrandViewSet):
    """What waits to be matched."""

    scope = "channels"
    queryset = Channel.objects.select_related("brand")
    serializer_class = UnknownSkuSerializer
    lookup_field = "public_id"
    pagination_class = None

    @extend_schema(
        operation_id="channels_unknown_skus",
        summary="SKUs that nobody matched yet",
        description=f"The most wanted first, at most {MOST_UNKNOWN}. Orders wait for them.",
        responses=UnknownSkusSerializer,
        filters=False,
    )
    def list(self, request: Request, public_id: Any) -> Response:
        channel = get_object_or_404(self.get_queryset(), public_id=public_id)
        rows = unknown_skus(channel)[:MOST_UNKNOWN]
        return Response({"results": UnknownSkuSerializer(rows, many=True).data})


def _listed(channel: Channel) -> Any:
    """Variants of the channel's listings, each with its listing's id, name there and staleness."""
    listings = ChannelListing.objects.filter(channel=channel).exclude(status=ChannelListing.Status.DRAFT)
    mine = listings.filter(product=OuterRef("product"))
    found = Variant.objects.filter(product__in=listings.values("product")).select_related("product")
    return found.annotate(
        listing_id=Subquery(mine.values("pk")),
        external_id=Subquery(mine.values("external_id")),
        stale_since=Subquery(mine.values("stale_since")),
    )
