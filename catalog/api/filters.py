"""What the lists of the catalog can be narrowed by."""

from typing import Any

from django_filters import rest_framework as filters

from catalog.access import visible_brands
from catalog.models import Category, Pattern, Product, Variant
from erp.core.filters import IdFilter, SinceFilter


class ProductFilter(filters.FilterSet):
    brand = filters.ModelChoiceFilter(to_field_name="slug", queryset=visible_brands)
    category = filters.ModelChoiceFilter(to_field_name="slug", queryset=Category.objects.all())
    pattern = filters.ModelChoiceFilter(to_field_name="slug", queryset=Pattern.objects.all())
    search = filters.CharFilter(
        method="matching", max_length=120, label="Words of the style number, the names, a SKU; or a barcode."
    )
    updated_since = SinceFilter(field_name="updated_at")

    class Meta:
        model = Product
        fields = ["brand", "status", "category", "pattern", "season", "gender", "style_number"]

    def matching(self, queryset: Any, name: str, words: str) -> Any:
        return queryset.search(words)


class VariantFilter(filters.FilterSet):
    brand = filters.ModelChoiceFilter(to_field_name="slug", queryset=visible_brands)
    product = IdFilter(field_name="product_id", label="The id of the product.")
    updated_since = SinceFilter(field_name="updated_at")

    class Meta:
        model = Variant
        fields = ["brand", "product", "sku", "barcode", "is_active"]
