"""The rules of reordering over REST."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.access import Right, visible_brands
from catalog.api.base import BrandViewSet, named_brand
from catalog.models import Category, Product, Variant
from erp.core.api.fields import RowIdField
from erp.core.errors import DomainError, Problem
from erp.core.filters import IdFilter
from erp.reports.models import ReorderRule
from erp.reports.services import remove_rule, set_rule


class ReorderRuleSerializer(serializers.ModelSerializer):
    brand: Any = serializers.SlugRelatedField(slug_field="slug", read_only=True)
    category: Any = serializers.SlugRelatedField(slug_field="slug", read_only=True, allow_null=True)
    sku = serializers.CharField(source="variant.sku", read_only=True, allow_null=True, default=None)

    class Meta:
        model = ReorderRule
        fields = ["id", "brand", "category", "product", "variant", "sku", "point", "target", "updated_at"]
        read_only_fields = fields


class ReorderRuleEntrySerializer(serializers.Serializer):
    brand = serializers.SlugField(max_length=40, help_text="The slug of the brand.")
    category = serializers.SlugField(required=False, allow_null=True, help_text="The slug of a category.")
    product = RowIdField(required=False, allow_null=True)
    variant = RowIdField(required=False, allow_null=True)
    point = serializers.IntegerField(min_value=0, max_value=1_000_000, help_text="Low at this many available or fewer.")
    target = serializers.IntegerField(min_value=1, max_value=1_000_000, help_text="How many there should be then.")


class ReorderRuleFilter(filters.FilterSet):
    brand = filters.ModelChoiceFilter(to_field_name="slug", queryset=visible_brands)

    category = filters.CharFilter(field_name="category__slug", label="The slug of a category.")
    product = IdFilter(field_name="product_id", label="The id of a product.")
    variant = IdFilter(field_name="variant_id", label="The id of a variant.")

    class Meta:
        model = ReorderRule
        fields = ["brand", "category", "product", "variant"]


@extend_schema(tags=["reports"])
@extend_schema_view(
    list=extend_schema(summary="List the reorder rules"), retrieve=extend_schema(summary="One reorder rule")
)
class ReorderRulesViewSet(ListModelMixin, RetrieveModelMixin, BrandViewSet):
    """When a variant runs low, and up to how many to order. The most specific rule of a variant wins."""

    scope = "reports"
    queryset = ReorderRule.objects.select_related("brand", "category", "variant")
    serializer_class = ReorderRuleSerializer
    filterset_class = ReorderRuleFilter
    synced_by = "updated_at"

    @extend_schema(
        summary="Set a reorder rule",
        description="Of a variant, a product or a category, or (none named) of all. One that exists takes the numbers.",
        request=ReorderRuleEntrySerializer,
        responses={201: ReorderRuleSerializer},
        examples=[
            OpenApiExample(
                "A product", value={"brand": "haneul", "product": 7, "point": 5, "target": 30}, request_only=True
            ),
        ],
    )
    def create(self, request: Request) -> Response:
        brand = named_brand(request, Right.WORK)
        entered = ReorderRuleEntrySerializer(data=request.data)
        entered.is_valid(raise_exception=True)
        given = entered.validated_data
        rule = set_rule(
            brand=brand,
            category=_known("category", Category.objects.all(), slug=given.get("category")),
            product=_known("product", Product.objects.of(brand), pk=given.get("product")),
            variant=_known("variant", Variant.objects.of(brand), pk=given.get("variant")),
            point=given["point"],
            target=given["target"],
        )
        return Response(self.get_serializer(rule).data, status=201)

    @extend_schema(summary="Remove a reorder rule", responses={204: None})
    def destroy(self, request: Request, pk: int) -> Response:
        remove_rule(rule=self.get_object())
        return Response(status=204)


def _known(field: str, rows: Any, **lookup: Any) -> Any:
    """The row that is named, None where none is; DomainError where it is none of the brand's."""
    [value] = lookup.values()
    if value is None:
        return None
    found = rows.filter(**lookup).first()
    if found is None:
        message = _("The brand has none such. Check what you named.")
        raise DomainError("does_not_exist", message, [Problem("does_not_exist", message, field)])
    return found
