"""What was deleted, for clients that hold copies."""

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.access import visible_brands
from catalog.api.fields import shown_by
from catalog.models import Brand, Tombstone
from catalog.sync import KINDS, kept_from
from erp.core.api import sync
from erp.core.api.rest import RestViewSet
from erp.core.api.views import Scoped


class TombstoneSerializer(serializers.ModelSerializer):
    brand = shown_by(help_text="Null: it was for every brand.")
    kind = serializers.CharField(help_text=f"What it was: {', '.join(KINDS)}.")
    id = serializers.CharField(source="object_id", help_text="As it was named by: an id, or the slug of a term.")

    class Meta:
        model = Tombstone
        fields = ["brand", "kind", "id", "deleted_at"]
        read_only_fields = fields


class TombstoneFilter(filters.FilterSet):
    brand = filters.ModelChoiceFilter(
        to_field_name="slug", queryset=visible_brands, method="of_brand", label="The brand's, and the platform's."
    )
    kind = filters.CharFilter()

    class Meta:
        model = Tombstone
        fields = ["brand", "kind"]

    def of_brand(self, queryset: Any, name: str, brand: Brand) -> Any:
        return queryset.usable_by(brand)


@extend_schema(tags=["sync"])
@extend_schema_view(
    list=extend_schema(
        summary="What was deleted",
        description="Ask with the `synced_until` of your last walk, after you have read what changed. A moment before "
        "which deletions are forgotten is refused with 410 `resync`: load everything again.",
    )
)
class TombstonesViewSet(Scoped, ListModelMixin, RestViewSet):
    """Rows that are gone. What a person may no longer see since they left a brand is not among them."""

    scope = "catalog"
    queryset = Tombstone.objects.select_related("brand")
    serializer_class = TombstoneSerializer
    filterset_class = TombstoneFilter
    synced_by = "deleted_at"

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        since = sync.asked_since(request, self)
        if since is not None:
            sync.refuse_unknown(since, kept_from())
        return super().list(request, *args, **kwargs)
