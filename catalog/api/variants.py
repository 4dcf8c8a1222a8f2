"""Variants: find one by what a scanner reads; mend its SKU or barcode; retire it."""

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.base import BrandViewSet
from catalog.api.filters import VariantFilter
from catalog.api.serializers import VariantEntrySerializer, VariantSerializer
from catalog.models import Variant
from catalog.services import update_variant


@extend_schema(tags=["variants"])
@extend_schema_view(
    list=extend_schema(summary="List variants, or find one by SKU or barcode"),
    retrieve=extend_schema(summary="One variant"),
)
class VariantsViewSet(ListModelMixin, RetrieveModelMixin, BrandViewSet):
    """One colour in one size: what is counted and sold. They are made by a product's grid."""

    scope = "catalog"
    queryset = Variant.objects.select_related("brand", "product", "colour", "size")
    serializer_class = VariantSerializer
    filterset_class = VariantFilter
    orderings = {"sku": "sku"}
    synced_by = "updated_at"

    @extend_schema(
        summary="Change SKU or barcode, or retire", request=VariantEntrySerializer, responses=VariantSerializer
    )
    def partial_update(self, request: Request, pk: int) -> Response:
        variant = self.get_object()
        entered = VariantEntrySerializer(variant, data=request.data, partial=True)
        entered.is_valid(raise_exception=True)
        update_variant(variant=variant, actor=self.actor, **entered.validated_data)
        return Response(self.get_serializer(self.get_queryset().get(pk=variant.pk)).data)
