"""Channels over the API: accounts, their secrets, what is wrong with their listings, and what they may sell."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.access import Right, visible_brands
from catalog.api.base import BrandViewSet, named_brand
from catalog.api.fields import shown_by
from erp.channels.api.findings import ListingFindingsSerializer, found_of, shown
from erp.channels.models import Channel, ChannelListing
from erp.channels.resolving import of_channel
from erp.channels.services import channels
from erp.inventory.models import Location

OWN = [
    "name", "language", "currency", "price_factor", "price_plus", "price_step", "rounding", "location", "share",
    "buffer", "shop_url", "dialect",
]  # fmt: skip
EXAMPLE = {
    "brand": "haneul",
    "kind": "smartstore",
    "name": "스마트스토어",
    "language": "ko",
    "currency": "KRW",
    "price_factor": "1.05",
    "price_step": "10",
    "buffer": 1,
    "attributes": {"원산지코드": "00", "A/S 전화번호": "02-000-0000"},
}


class AttributesField(serializers.DictField):
    """Values for the marketplace's own columns, by their names there."""

    child = serializers.CharField(allow_blank=True, max_length=channels.MOST_SIGNS)


class ChannelSerializer(serializers.ModelSerializer):
    """price = product's price x price_factor + price_plus, in steps of price_step. May be sold here:
    (free pieces - buffer) x share %."""

    id = serializers.UUIDField(source="public_id", read_only=True)
    brand = shown_by()
    location = shown_by("code", help_text="null: the stock of every place of one's own.")
    attributes = AttributesField(read_only=True)

    class Meta:
        model = Channel
        fields = ["id", "brand", "kind", *OWN, "attributes", "is_active", "created_at", "updated_at"]
        read_only_fields = fields


class ChannelEntrySerializer(serializers.ModelSerializer):
    location = serializers.CharField(
        max_length=20, required=False, allow_null=True, help_text="The code of a place; null: every place of one's own."
    )
    attributes = AttributesField(required=False)

    class Meta:
        model = Channel
        fields = [*OWN, "attributes"]

    def validate_location(self, code: str | None) -> Location | None:
        if not code:
            return None
        places = Location.objects.of(self.context["brand"]).internal()
        place = places.filter(code=code.replace("\0", "")).first()
        if place is None:
            message = _("There is no location “%(code)s” in this brand.") % {"code": code}
            raise serializers.ValidationError(message, "unknown_location")
        return place

    def get_unique_together_validators(self) -> list[Any]:
        return []  # the service names the field


class NewChannelSerializer(ChannelEntrySerializer):
    brand = serializers.SlugField(max_length=40, write_only=True, help_text="The slug of the brand it belongs to.")

    class Meta(ChannelEntrySerializer.Meta):
        fields = ["brand", "kind", *OWN, "attributes"]


class ChannelFilter(filters.FilterSet):
    brand = filters.ModelChoiceFilter(to_field_name="slug", queryset=visible_brands)

    class Meta:
        model = Channel
        fields = ["brand", "kind", "is_active"]


@extend_schema(tags=["channels"])
@extend_schema_view(list=extend_schema(summary="Channels, newest first"), retrieve=extend_schema(summary="One channel"))
class ChannelsViewSet(ListModelMixin, RetrieveModelMixin, BrandViewSet):
    """Accounts on marketplaces. The owner opens, changes and retires them."""

    scope = "channels"
    queryset = Channel.objects.select_related("brand", "location")
    serializer_class = ChannelSerializer
    filterset_class = ChannelFilter
    lookup_field = "public_id"
    lookup_value_converter = "uuid"
    right = Right.MANAGE

    def _answer(self, channel: Channel, status: int = 200) -> Response:
        return Response(ChannelSerializer(self.get_queryset().get(pk=channel.pk)).data, status=status)

    @extend_schema(
        summary="Open a channel",
        request=NewChannelSerializer,
        responses={201: ChannelSerializer},
        examples=[OpenApiExample("Smartstore", value=EXAMPLE, request_only=True)],
    )
    def create(self, request: Request) -> Response:
        brand = named_brand(request, Right.MANAGE)
        entered = NewChannelSerializer(data=request.data, context={"brand": brand})
        entered.is_valid(raise_exception=True)
        said = {name: value for name, value in entered.validated_data.items() if name != "brand"}
        columns = said.pop("attributes", None)
        with transaction.atomic():
            channel = channels.create_channel(brand=brand, **said)
            if columns:
                channels.set_columns(channel=channel, values=columns)
        return self._answer(channel, 201)

    @extend_schema(
        summary="Change a channel",
        description="It stays on its marketplace. `attributes` are replaced as a whole.",
        request=ChannelEntrySerializer,
        responses=ChannelSerializer,
        examples=[OpenApiExample("A buffer", value={"buffer": 2, "share": 80}, request_only=True)],
    )
    def partial_update(self, request: Request, public_id: Any) -> Response:
        channel = self.get_object()
        entered = ChannelEntrySerializer(channel, data=request.data, partial=True, context={"brand": channel.brand})
        entered.is_valid(raise_exception=True)
        said = dict(entered.validated_data)
        columns = said.pop("attributes", None)
        with transaction.atomic():
            if said:
                channels.update_channel(channel=channel, **said)
            if columns is not None:
                channels.set_columns(channel=channel, values=columns)
        return self._answer(channel)

    @extend_schema(summary="Retire a channel", request=None, responses=ChannelSerializer)
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, public_id: Any) -> Response:
        """Nothing is sent there any more; its listings and its history stay."""
        return self._answer(channels.retire_channel(channel=self.get_object()))

    @extend_schema(summary="Take a channel into use again", request=None, responses=ChannelSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, public_id: Any) -> Response:
        return self._answer(channels.reopen_channel(channel=self.get_object()))

    @extend_schema(
        operation_id="channels_findings_list",
        summary="What the marketplace would refuse",
        description=(
            "Of all listings that are no drafts, a page of listings at a time: those with nothing to mend are left "
            "out of the page, so walk on while there is a `next`."
        ),
        responses=ListingFindingsSerializer(many=True),
        filters=False,
    )
    @action(detail=True)
    def findings(self, request: Request, public_id: Any) -> Response:
        channel = self.get_object()
        page = self.paginate_queryset(of_channel(channel).exclude(status=ChannelListing.Status.DRAFT).order_by())
        rows = [shown(listing, found) for listing, found in found_of(request, channel, page or []) if found]
        return self.get_paginated_response(rows)
