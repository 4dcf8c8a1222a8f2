"""What pieces cost over REST: the moving average of each variant, and every step that led to it."""

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin

from catalog.access import visible_brands
from catalog.api.fields import shown_by
from erp.core.api.rest import RestViewSet
from erp.core.api.views import Scoped
from erp.inventory.filters import OfVariant
from erp.inventory.models import CostEntry, VariantCost


class VariantCostSerializer(serializers.ModelSerializer):
    brand = shown_by()
    sku = serializers.CharField(source="variant.sku", read_only=True)

    class Meta:
        model = VariantCost
        fields = ["brand", "variant", "sku", "average"]
        read_only_fields = fields


class CostEntrySerializer(serializers.ModelSerializer):
    """average_after = (on_hand_before x average_before + quantity x unit_cost) / (on_hand_before + quantity). Where
    nothing was on hand, or no average known, unit_cost is the new average. Below zero: a receipt taken back."""

    brand = shown_by()
    sku = serializers.CharField(source="variant.sku", read_only=True)

    class Meta:
        model = CostEntry
        fields = [
            "id", "brand", "variant", "sku", "movement", "on_hand_before", "average_before", "quantity", "unit_cost",
            "average_after", "recorded_at",
        ]  # fmt: skip
        read_only_fields = fields


class CostFilter(OfVariant):
    brand = filters.ModelChoiceFilter(to_field_name="slug", queryset=visible_brands)


@extend_schema(tags=["costs"])
@extend_schema_view(list=extend_schema(summary="The average cost of each variant that has one"))
class VariantCostsViewSet(Scoped, ListModelMixin, RestViewSet):
    """The moving average cost of one piece, in the brand's currency."""

    scope = "trade"
    queryset = VariantCost.objects.select_related("brand", "variant")
    serializer_class = VariantCostSerializer
    filterset_class = CostFilter
    page_ordering = ("variant_id",)
    orderings = {"variant": "variant_id"}


@extend_schema(tags=["costs"])
@extend_schema_view(list=extend_schema(summary="How average costs came about, newest first"))
class CostEntriesViewSet(Scoped, ListModelMixin, RestViewSet):
    """Every receipt that moved an average, with the arithmetic. Nothing here is ever changed or deleted."""

    scope = "trade"
    queryset = CostEntry.objects.select_related("brand", "variant")
    serializer_class = CostEntrySerializer
    filterset_class = CostFilter
