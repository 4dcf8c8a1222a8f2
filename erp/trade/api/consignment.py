"""Goods on consignment over the API."""

from __future__ import annotations

from typing import Any

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
from erp.core.api.fields import RowIdField
from erp.core.api.idempotency import KEY_PARAMETER, REPLAY_PARAMETER, idempotency_key
from erp.core.filters import IdFilter, MadeBetween
from erp.inventory.api.postings import answer_posting
from erp.inventory.api.serializers import PostingSerializer
from erp.trade.api.goods import read_goods, read_partner
from erp.trade.api.lines import read_place
from erp.trade.api.partners import answer
from erp.trade.api.returns import ReasonSerializer
from erp.trade.api.samples import BackSerializer, SoldSerializer
from erp.trade.models import ConsignmentSale
from erp.trade.services import consignment

SOLD = {
    "brand": "haneul",
    "partner": 7,
    "paid": "0",
    "lines": [{"sku": "HA0001-NV-M", "quantity": 2, "unit_price": "9000"}],
}
MOVED = {"brand": "haneul", "partner": 7, "location": "MAIN", "lines": [{"sku": "HA0001-NV-M", "quantity": 5}]}


class SaleSerializer(serializers.ModelSerializer):
    """What was sold stands on its slip."""

    id = serializers.UUIDField(source="public_id", read_only=True)
    brand = shown_by()
    slip = shown_by("public_id")
    posting = shown_by("public_id")
    total = serializers.DecimalField(source="slip.total", max_digits=14, decimal_places=2, read_only=True)
    created_by = shown_by("username")

    class Meta:
        model = ConsignmentSale
        fields = [
            "id", "brand", "number", "partner", "slip", "posting", "total", "note", "created_by", "created_at",
            "updated_at", "taken_back_at",
        ]  # fmt: skip
        read_only_fields = fields


class SaleEntrySerializer(SoldSerializer):
    brand = serializers.SlugField(max_length=40)
    partner = RowIdField()


class MoveEntrySerializer(BackSerializer):
    brand = serializers.SlugField(max_length=40)
    partner = RowIdField()
    location = serializers.CharField(max_length=20, help_text="The code of your place at the other end.")


class SalesFilter(MadeBetween):
    brand = filters.ModelChoiceFilter(to_field_name="slug", queryset=visible_brands)
    partner = IdFilter(label="The id of a partner.")

    class Meta:
        model = ConsignmentSale
        fields = ["brand", "partner", "number"]


MOVES: dict[str, Any] = {
    "parameters": [KEY_PARAMETER, REPLAY_PARAMETER],
    "request": MoveEntrySerializer,
    "responses": {201: PostingSerializer, 200: PostingSerializer},
    "examples": [OpenApiExample("Five pieces", value=MOVED, request_only=True)],
}


@extend_schema(tags=["consignment"])
@extend_schema_view(
    list=extend_schema(summary="What partners reported sold, newest first"),
    retrieve=extend_schema(summary="One report"),
)
class ConsignmentViewSet(ListModelMixin, RetrieveModelMixin, BrandViewSet):
    """Goods at a partner are balances of their location, which `GET /api/v1/balances/` lists; ours until sold."""

    scope = "trade"
    queryset = ConsignmentSale.objects.select_related("brand", "slip", "posting", "created_by")
    serializer_class = SaleSerializer
    filterset_class = SalesFilter
    orderings = {"number": "number"}
    synced_by = "updated_at"
    lookup_field = "public_id"
    lookup_value_converter = "uuid"

    @extend_schema(
        summary="Report what a partner sold",
        description="The goods leave the partner's place, and a slip bills them at the prices of the lines.",
        parameters=[KEY_PARAMETER, REPLAY_PARAMETER],
        request=SaleEntrySerializer,
        responses={201: SaleSerializer, 200: SaleSerializer},
        examples=[OpenApiExample("Two sold", value=SOLD, request_only=True)],
    )
    def create(self, request: Request) -> Response:
        brand = named_brand(request, Right.WORK)
        asked = self._read(SaleEntrySerializer, request)
        goods = read_goods(brand, asked["lines"])
        sale = consignment.report_sold(
            partner=read_partner(brand, asked["partner"], "partner"),
            quantities=goods.quantities,
            unit_prices=goods.prices,
            actor=self.actor,
            idempotency_key=idempotency_key(request),
            note=asked.get("note", ""),
            **{name: asked[name] for name in ("paid", "method") if name in asked},
        )
        return answer(SaleSerializer(self.get_queryset().get(pk=sale.pk)).data, replayed=sale.replayed)

    @extend_schema(summary="Send goods to a partner", **MOVES)
    @action(detail=False, methods=["post"])
    def place(self, request: Request) -> Response:
        moved, place = self._moved(request)
        return answer_posting(consignment.place_goods(source=place, **moved))

    @extend_schema(summary="Take goods back from a partner", **MOVES)
    @action(detail=False, methods=["post"])
    def back(self, request: Request) -> Response:
        moved, place = self._moved(request)
        return answer_posting(consignment.take_goods_back(destination=place, **moved))

    @extend_schema(
        summary="Take a report back",
        description="The goods lie with the partner again, and the slip is taken back. Asked again, it does nothing.",
        request=ReasonSerializer,
        responses={200: SaleSerializer},
    )
    @action(detail=True, methods=["post"], url_path="take-back")
    def take_back(self, request: Request, public_id: Any) -> Response:
        sale = self.get_object()
        consignment.take_back_sale(sale=sale, actor=self.actor, **self._read(ReasonSerializer, request))
        return Response(SaleSerializer(self.get_queryset().get(pk=sale.pk)).data)

    def _moved(self, request: Request) -> tuple[dict[str, Any], Any]:
        brand = named_brand(request, Right.WORK)
        asked = self._read(MoveEntrySerializer, request)
        moved = {
            "partner": read_partner(brand, asked["partner"], "partner"),
            "quantities": read_goods(brand, asked["lines"]).quantities,
            "actor": self.actor,
            "idempotency_key": idempotency_key(request),
            "note": asked.get("note", ""),
        }
        return moved, read_place(brand, asked["location"])

    def _read(self, serializer: Any, request: Request) -> dict[str, Any]:
        entered = serializer(data=request.data)
        entered.is_valid(raise_exception=True)
        return entered.validated_data
