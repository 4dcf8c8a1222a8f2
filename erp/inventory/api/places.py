"""Locations, and what lies there."""

from typing import Any, cast

from django.db.models import Exists, OuterRef
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.access import Right, visible_brands
from catalog.api.base import BrandViewSet, named_brand
from catalog.models import Variant
from erp.core.api.rest import RestViewSet
from erp.core.api.views import Scoped
from erp.inventory.api.serializers import (
    BalanceSerializer,
    LocationEntrySerializer,
    LocationSerializer,
    NewLocationSerializer,
)
from erp.inventory.filters import OfVariant
from erp.inventory.low import running_low
from erp.inventory.models import Balance, Location
from erp.inventory.services.places import create_location, update_location


class LocationFilter(filters.FilterSet):
    brand = filters.ModelChoiceFilter(to_field_name="slug", queryset=visible_brands)

    class Meta:
        model = Location
        fields = ["brand", "kind", "is_internal", "is_active", "code"]


@extend_schema(tags=["locations"])
@extend_schema_view(list=extend_schema(summary="List locations"), retrieve=extend_schema(summary="One location"))
class LocationsViewSet(ListModelMixin, RetrieveModelMixin, BrandViewSet):
    """Where stock is, comes from and goes to. Changing them is the owner's."""

    scope = "stock"
    queryset = Location.objects.select_related("brand")
    serializer_class = LocationSerializer
    filterset_class = LocationFilter
    page_ordering = ("id",)
    orderings = {"position": "position", "code": "code"}
    synced_by = "updated_at"
    right = Right.MANAGE

    @extend_schema(summary="Add a location", request=NewLocationSerializer, responses={201: LocationSerializer})
    def create(self, request: Request) -> Response:
        brand = named_brand(request, Right.MANAGE)
        entered = NewLocationSerializer(data=request.data)
        entered.is_valid(raise_exception=True)
        fields = {name: value for name, value in entered.validated_data.items() if name != "brand"}
        return Response(self.get_serializer(create_location(brand=brand, **fields)).data, status=201)

    @extend_schema(summary="Change or close a location", request=LocationEntrySerializer, responses=LocationSerializer)
    def partial_update(self, request: Request, pk: int) -> Response:
        location = self.get_object()
        entered = LocationEntrySerializer(location, data=request.data, partial=True)
        entered.is_valid(raise_exception=True)
        return Response(self.get_serializer(update_location(location=location, **entered.validated_data)).data)


class BalanceFilter(OfVariant):
    brand = filters.ModelChoiceFilter(field_name="location__brand", to_field_name="slug", queryset=visible_brands)
    location = filters.CharFilter(field_name="location__code", label="The code of a location.")
    low = filters.BooleanFilter(
        method="running_low",
        label="Of variants for sale with no more pieces available than their reorder point.",
    )

    class Meta:
        model = Balance
        fields = ["brand", "location", "product", "variant", "sku", "low"]

    def running_low(self, queryset: Any, name: str, wanted: bool) -> Any:
        # Asked of each balance until a page is full: the sums of every variant would be made for each page.
        low = Exists(running_low(cast(Any, Variant.objects.filter(pk=OuterRef("variant_id")))))
        return queryset.filter(low if wanted else ~low)


@extend_schema(tags=["balances"])
@extend_schema_view(list=extend_schema(summary="What is on hand, by variant and location"))
class BalancesViewSet(Scoped, ListModelMixin, RestViewSet):
    """What is on hand. Each number is the sum of its movements: `GET /api/v1/movements/?variant=...&location=...`."""

    scope = "stock"
    queryset = Balance.objects.select_related("location__brand", "variant__product")
    serializer_class = BalanceSerializer
    filterset_class = BalanceFilter
    orderings = {"sku": "variant__sku"}
    synced_by = "updated_at"
    keys_first = True
