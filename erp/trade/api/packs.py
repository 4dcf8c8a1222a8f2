"""Packs over the API."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.access import Right, visible_brands
from catalog.api.base import BrandViewSet, named_brand
from catalog.models import Product
from erp.core.filters import IdFilter
from erp.trade.api.lines import pieces_by
from erp.trade.api.order_serializers import NewPackSerializer, PackEntrySerializer, PackSerializer
from erp.trade.models import Pack
from erp.trade.services.packs import save_pack

PACK = {
    "brand": "haneul",
    "product": 7,
    "name": "기본 고미",
    "code": "GOMI-1",
    "price": "168000",
    "lines": [{"variant": 31, "quantity": 2}, {"variant": 32, "quantity": 2}, {"variant": 33, "quantity": 2}],
}


class PackFilter(filters.FilterSet):
    brand = filters.ModelChoiceFilter(to_field_name="slug", queryset=visible_brands)
    product = IdFilter(field_name="product_id", label="The id of a product.")

    class Meta:
        model = Pack
        fields = ["brand", "product", "code", "is_active"]


@extend_schema(tags=["packs"])
@extend_schema_view(list=extend_schema(summary="List packs"), retrieve=extend_schema(summary="One pack"))
class PacksViewSet(ListModelMixin, RetrieveModelMixin, BrandViewSet):
    """A fixed mix of colours and sizes that is sold as one."""

    scope = "trade"
    queryset = Pack.objects.select_related("brand").prefetch_related("lines__variant")
    serializer_class = PackSerializer
    filterset_class = PackFilter
    orderings = {"name": "name"}
    synced_by = "updated_at"

    @extend_schema(
        summary="Make a pack",
        request=NewPackSerializer,
        responses={201: PackSerializer},
        examples=[OpenApiExample("A pack", value=PACK, request_only=True)],
    )
    def create(self, request: Request) -> Response:
        brand = named_brand(request, Right.WORK)
        entered = NewPackSerializer(data=request.data)
        entered.is_valid(raise_exception=True)
        product = get_object_or_404(Product.objects.of(brand), pk=entered.validated_data["product"])
        pack = save_pack(product=product, **_fields(entered.validated_data))
        return Response(self._shown(pack), status=201)

    @extend_schema(
        summary="Change a pack",
        description="Every field at once. Orders that were written keep what they say.",
        request=PackEntrySerializer,
        responses=PackSerializer,
    )
    def update(self, request: Request, pk: int) -> Response:
        pack = self.get_object()
        entered = PackEntrySerializer(data=request.data)
        entered.is_valid(raise_exception=True)
        return Response(self._shown(save_pack(product=pack.product, pack=pack, **_fields(entered.validated_data))))

    def _shown(self, pack: Pack) -> Any:
        return PackSerializer(self.get_queryset().get(pk=pack.pk)).data


def _fields(said: dict[str, Any]) -> dict[str, Any]:
    own = {name: said[name] for name in ("name", "code", "price", "is_active")}
    return own | {"quantities": pieces_by("variant", said["lines"])}
