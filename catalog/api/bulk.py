"""Many products, and many variants, in one request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.access import Right
from catalog.api.base import BrandViewSet, named_brand
from catalog.api.products import set_parts, without_parts
from catalog.api.serializers import ProductEntrySerializer, VariantEntrySerializer
from catalog.models import Brand, Product, Variant
from catalog.services import create_product, update_product, update_variant
from erp.core.api.bulk import (
    CHANGED,
    MADE,
    MOST_ROWS,
    BulkSerializer,
    answer_rows,
    bulk_schema,
    ids_of,
    named_row,
    rows_of,
)
from erp.core.api.fields import RowIdField
from erp.core.errors import DomainError, Problem

PRODUCTS = {
    "brand": "haneul",
    "rows": [{"style_number": "HA0107", "name_ko": "리넨 셔츠", "category": "shirt", "price": "45000"},
             {"id": 7, "price": "39000"}],
}  # fmt: skip
VARIANTS = {"brand": "haneul", "rows": [{"id": 31, "barcode": "8801234567893"}, {"id": 32, "is_active": False}]}


class ProductRowSerializer(ProductEntrySerializer):
    id = RowIdField(required=False, help_text="Of the product to change; left out: a draft is made.")

    class Meta(ProductEntrySerializer.Meta):
        fields = ["id", *ProductEntrySerializer.Meta.fields]


class VariantRowSerializer(VariantEntrySerializer):
    id = RowIdField(help_text="Of the variant to change.")

    class Meta(VariantEntrySerializer.Meta):
        fields = ["id", *VariantEntrySerializer.Meta.fields]
        extra_kwargs = VariantEntrySerializer.Meta.extra_kwargs | {"sku": {"required": False}}


class ProductRowsSerializer(BulkSerializer):
    """Documents the body; each row is read for itself."""

    rows = serializers.ListField(child=ProductRowSerializer(), allow_empty=False, max_length=MOST_ROWS)


class VariantRowsSerializer(BulkSerializer):
    """Documents the body; each row is read for itself."""

    rows = serializers.ListField(child=VariantRowSerializer(), allow_empty=False, max_length=MOST_ROWS)


@extend_schema(tags=["products"])
class ProductsBulkViewSet(BrandViewSet):
    """Products by the hundred: new ones, prices, details."""

    scope = "catalog"
    queryset = Product.objects.all()

    @bulk_schema("products_bulk", "Make and change many products", ProductRowsSerializer, PRODUCTS)
    @transaction.atomic
    def create(self, request: Request) -> Response:
        brand = named_brand(request, Right.WORK)
        # One context for all rows: the terms they name are looked up once.
        context: dict[str, Any] = {"brand": brand}
        known = locked_rows(Product.objects.of(brand), request)
        return answer_rows(request, lambda row: self._save(brand, row, named_row(row, known), context))

    def _save(self, brand: Brand, row: Mapping[str, Any], product: Any, context: dict[str, Any]) -> tuple[str, int]:
        entered = ProductEntrySerializer(product, data=row, partial=product is not None, context=context)
        entered.is_valid(raise_exception=True)
        fields, parts = without_parts(entered.validated_data)
        if product is None:
            saved = create_product(brand=brand, actor=self.actor, **fields)
        else:
            saved = update_product(product=product, actor=self.actor, **fields)
        set_parts(saved, self.actor, **parts)
        return CHANGED if product else MADE, saved.pk


@extend_schema(tags=["variants"])
class VariantsBulkViewSet(BrandViewSet):
    """Barcodes and what is for sale, by the hundred."""

    scope = "catalog"
    queryset = Variant.objects.all()

    @bulk_schema("variants_bulk", "Change many variants", VariantRowsSerializer, VARIANTS)
    @transaction.atomic
    def create(self, request: Request) -> Response:
        brand = named_brand(request, Right.WORK)
        known = locked_rows(Variant.objects.of(brand), request)
        return answer_rows(request, lambda row: self._save(row, named_row(row, known)))

    def _save(self, row: Mapping[str, Any], variant: Any) -> tuple[str, int]:
        if variant is None:
            message = str(serializers.Field.default_error_messages["required"])
            raise DomainError("required", message, [Problem("required", message, "id")])
        entered = VariantEntrySerializer(variant, data=row, partial=True)
        entered.is_valid(raise_exception=True)
        return CHANGED, update_variant(variant=variant, actor=self.actor, **entered.validated_data).pk


def locked_rows(rows: Any, request: Request) -> dict[int, Any]:
    """What the rows of the request name, under lock in the order of the keys."""
    found = rows.filter(pk__in=ids_of(rows_of(request))).select_related("brand").order_by("pk")
    return {row.pk: row for row in found.select_for_update(of=("self",), no_key=True)}
