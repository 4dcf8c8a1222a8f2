"""Seals of days and closed periods over REST."""

from typing import Any

import django_filters as filters
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.access import Right, visible_brands
from catalog.api.base import BrandViewSet, named_brand
from catalog.api.fields import shown_by
from catalog.filters import DayFilter
from erp.inventory.models import DaySeal, PeriodClose
from erp.inventory.seals import receipt_of
from erp.inventory.services.periods import close_period, reopen_period


class SealSerializer(serializers.ModelSerializer):
    brand = shown_by()
    receipt = serializers.SerializerMethodField()

    class Meta:
        model = DaySeal
        fields = [
            "id", "brand", "day", "starts_at", "ends_at", "movements", "previous", "hash", "sealed_at", "receipt",
        ]  # fmt: skip
        read_only_fields = fields

    def get_receipt(self, seal: DaySeal) -> str:
        """The line to keep outside of Jangbu: with it even a wholly rewritten database shows."""
        return receipt_of(seal)


class SealFilter(filters.FilterSet):
    brand = filters.ModelChoiceFilter(to_field_name="slug", queryset=visible_brands)
    day = DayFilter()

    class Meta:
        model = DaySeal
        fields: list[str] = []


@extend_schema(tags=["proofs"])
@extend_schema_view(
    list=extend_schema(summary="The daily seals, newest first"), retrieve=extend_schema(summary="The seal of one day")
)
class SealsViewSet(ListModelMixin, RetrieveModelMixin, BrandViewSet):
    """A hash over all that was recorded in a business day, chained to the seal of the day before."""

    scope = "stock"
    queryset = DaySeal.objects.select_related("brand")
    serializer_class = SealSerializer
    filterset_class = SealFilter


class PeriodSerializer(serializers.ModelSerializer):
    brand = shown_by()
    actor = shown_by("username")
    through = serializers.DateField(allow_null=True, help_text="The last closed business day; null: all is open again.")

    class Meta:
        model = PeriodClose
        fields = ["id", "brand", "through", "reason", "actor", "recorded_at"]
        read_only_fields = fields


class CloseEntrySerializer(serializers.Serializer):
    brand = serializers.SlugField(max_length=40)
    through = serializers.DateField(help_text="The last business day to close.")
    reason = serializers.CharField(required=False, allow_blank=True, max_length=200, default="")


class ReopenEntrySerializer(serializers.Serializer):
    brand = serializers.SlugField(max_length=40)
    through = serializers.DateField(allow_null=True, default=None, help_text="Stay closed through; null: open all.")
    reason = serializers.CharField(max_length=200, help_text="Why.")


class PeriodFilter(filters.FilterSet):
    brand = filters.ModelChoiceFilter(to_field_name="slug", queryset=visible_brands)

    class Meta:
        model = PeriodClose
        fields: list[str] = []


@extend_schema(tags=["proofs"])
@extend_schema_view(list=extend_schema(summary="Closed periods, the one that holds first"))
class PeriodsViewSet(ListModelMixin, BrandViewSet):
    """The latest row of a brand says through which business day its books are closed."""

    scope = "stock"
    queryset = PeriodClose.objects.select_related("brand", "actor")
    serializer_class = PeriodSerializer
    filterset_class = PeriodFilter
    right = Right.MANAGE

    @extend_schema(
        summary="Close the books through a day",
        description="From then on nothing is said to have happened on that day or before; mistakes are reversed now.",
        request=CloseEntrySerializer,
        responses={201: PeriodSerializer},
        examples=[OpenApiExample("A month", value={"brand": "haneul", "through": "2026-10-31"}, request_only=True)],
    )
    def create(self, request: Request) -> Response:
        return self._add(request, CloseEntrySerializer, close_period)

    @extend_schema(
        summary="Open a period again",
        request=ReopenEntrySerializer,
        responses={201: PeriodSerializer},
        examples=[
            OpenApiExample(
                "Half of it",
                value={"brand": "haneul", "through": "2026-10-15", "reason": "A receipt was forgotten"},
                request_only=True,
            )
        ],
    )
    @action(detail=False, methods=["post"], filterset_class=None)
    def reopen(self, request: Request) -> Response:
        return self._add(request, ReopenEntrySerializer, reopen_period)

    def _add(self, request: Request, entry: type[serializers.Serializer], service: Any) -> Response:
        brand = named_brand(request, self.right)
        entered = entry(data=request.data)
        entered.is_valid(raise_exception=True)
        fields = {name: value for name, value in entered.validated_data.items() if name != "brand"}
        row = service(brand=brand, actor=self.actor, **fields)
        return Response(self.get_serializer(row).data, status=201)
