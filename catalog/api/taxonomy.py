"""The words that products are described with. Read-only: data of the platform, and of the brands that add their own."""

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin

from catalog.access import visible_brands
from catalog.api.fields import shown_by
from catalog.models import Brand, Category, Colour, Pattern, SizeRun
from erp.core.api.rest import RestViewSet
from erp.core.api.views import Scoped


class CategorySerializer(serializers.ModelSerializer):
    size_run = shown_by(allow_null=True, help_text="The usual size run.")

    class Meta:
        model = Category
        fields = ["slug", "name_ko", "name_en", "size_run", "updated_at"]
        read_only_fields = fields


class PatternSerializer(serializers.ModelSerializer):
    class Meta:
        model = Pattern
        fields = ["slug", "name_ko", "name_en", "updated_at"]
        read_only_fields = fields


class ColourSerializer(serializers.ModelSerializer):
    brand = shown_by(allow_null=True, help_text="Null: for every brand.")

    class Meta:
        model = Colour
        fields = ["slug", "name_ko", "name_en", "code", "hex", "brand", "updated_at"]
        read_only_fields = fields


class SizeRunSerializer(serializers.ModelSerializer):
    brand = shown_by(allow_null=True, help_text="Null: for every brand.")
    sizes = shown_by("code", many=True, help_text="In their order.")

    class Meta:
        model = SizeRun
        fields = ["slug", "name_ko", "name_en", "sizes", "brand", "updated_at"]
        read_only_fields = fields


class VocabularyFilter(filters.FilterSet):
    brand = filters.ModelChoiceFilter(
        to_field_name="slug",
        queryset=visible_brands,
        method="usable",
        label="What this brand may use: the platform's and its own.",
    )

    def usable(self, queryset: Any, name: str, brand: Brand) -> Any:
        return queryset.usable_by(brand)


class Terms(ListModelMixin, RestViewSet):
    scope = "catalog"
    page_ordering = ("position", "id")
    orderings = {"position": "position", "slug": "slug", "name_ko": "name_ko", "name_en": "name_en"}
    synced_by = "updated_at"


@extend_schema(tags=["taxonomy"])
class CategoriesViewSet(Terms):
    """The kinds of garment."""

    queryset = Category.objects.select_related("size_run")
    serializer_class = CategorySerializer


@extend_schema(tags=["taxonomy"])
class PatternsViewSet(Terms):
    """The patterns of cloth."""

    queryset = Pattern.objects.all()
    serializer_class = PatternSerializer


@extend_schema(tags=["taxonomy"])
class ColoursViewSet(Scoped, Terms):
    """The colours, each with its code in SKUs."""

    queryset = Colour.objects.select_related("brand")
    serializer_class = ColourSerializer
    filterset_class = VocabularyFilter


@extend_schema(tags=["taxonomy"])
class SizeRunsViewSet(Scoped, Terms):
    """The size runs with their sizes."""

    queryset = SizeRun.objects.select_related("brand").prefetch_related("sizes")
    serializer_class = SizeRunSerializer
    filterset_class = VocabularyFilter
