"""Slips over the API: looked at and printed; what writes them are orders, returns, loans and consignment."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request

from catalog.access import visible_brands
from catalog.api.base import BrandViewSet
from catalog.api.fields import shown_by
from erp.core.api.fields import choice_or_blank
from erp.core.api.views import AnyAccept
from erp.core.pdf import pdf_response
from erp.trade.filters.slips import SlipFilter
from erp.trade.models import AccountEntry, Slip, SlipLine
from erp.trade.pdf.flow import FORMATS
from erp.trade.pdf.slip import slip_pdf


class SlipLineSerializer(serializers.ModelSerializer):
    sku = serializers.CharField(source="variant.sku", read_only=True)

    class Meta:
        model = SlipLine
        fields = ["kind", "variant", "sku", "name", "colour", "size", "pack", "quantity", "unit_price", "amount"]
        read_only_fields = fields


class SlipSerializer(serializers.ModelSerializer):
    """new_balance = earlier_balance + total - paid. Names are those of the day it was written."""

    id = serializers.UUIDField(source="public_id", read_only=True)
    brand = shown_by()
    number = serializers.CharField(source="__str__", read_only=True, help_text="The day and its number on it.")
    buyer = serializers.IntegerField(source="buyer_id", read_only=True)
    order = shown_by("number")
    posting = shown_by("public_id")
    reverses = shown_by("public_id")
    method = choice_or_blank(AccountEntry.Method.choices)
    actor = shown_by("username")

    class Meta:
        model = Slip
        fields = [
            "id", "brand", "kind", "number", "day", "buyer", "buyer_name", "shop_name", "order", "posting", "currency",
            "total", "earlier_balance", "paid", "method", "new_balance", "note", "reverses", "actor", "recorded_at",
        ]  # fmt: skip
        read_only_fields = fields


class FullSlipSerializer(SlipSerializer):
    lines = SlipLineSerializer(many=True, read_only=True)

    class Meta(SlipSerializer.Meta):
        fields = [*SlipSerializer.Meta.fields, "lines"]
        read_only_fields = fields


class BrandSlipFilter(SlipFilter):
    """The filter of the page, which is of one brand; here the brand is said."""

    brand = filters.ModelChoiceFilter(to_field_name="slug", queryset=visible_brands)
    order = filters.CharFilter(field_name="order__number", label="The number of an order.")
    since = filters.DateFilter(field_name="day", lookup_expr="gte", label="From this business day on.")
    until = filters.DateFilter(field_name="day", lookup_expr="lte", label="Up to this business day.")


@extend_schema(tags=["slips"])
@extend_schema_view(
    list=extend_schema(summary="Slips, newest first"), retrieve=extend_schema(summary="One slip with its lines")
)
class SlipsViewSet(ListModelMixin, RetrieveModelMixin, BrandViewSet):
    """Wholesale slips and credit notes. They are never changed: one that was wrong has another against it."""

    scope = "trade"
    queryset = Slip.objects.select_related("brand", "order", "posting", "reverses", "actor")
    serializer_class = SlipSerializer
    filterset_class = BrandSlipFilter
    lookup_field = "public_id"
    lookup_value_converter = "uuid"

    def get_queryset(self) -> Any:
        slips = super().get_queryset()
        return slips.prefetch_related("lines__variant") if self.action == "retrieve" else slips

    def get_serializer_class(self) -> Any:
        return FullSlipSerializer if self.action == "retrieve" else SlipSerializer

    @extend_schema(
        summary="A slip as PDF",
        parameters=[OpenApiParameter("width", {"type": "string", "enum": list(FORMATS), "default": "a4"})],
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
        filters=False,
    )
    @action(detail=True, content_negotiation_class=AnyAccept)
    def pdf(self, request: Request, public_id: Any) -> HttpResponseBase:
        slip, width = self.get_object(), request.query_params.get("width", "a4")
        return pdf_response(slip_pdf(slip, width if width in FORMATS else "a4"), f"{slip}.pdf")
