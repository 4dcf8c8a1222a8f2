"""What the lists of the catalog can be narrowed by."""

from typing import Any

from django_filters import rest_framework as filters

from catalog.access import visible_brands
from catalog.models import Category, Pattern, Product, ProductImage, Variant
from erp.core.filters import IdFilter, MadeBetween


class ProductFilter(MadeBetween):
    brand = filters.ModelChoiceFilter(to_field_name="slug", queryset=visible_brands)
    category = filters.ModelChoiceFilter(to_field_name="slug", queryset=Category.objects.all())
    pattern = filters.ModelChoiceFilter(to_field_name="slug", queryset=Pattern.objects.all())
    search = filters.CharFilter(
        method="matching", max_length=120, label="Words of the style number, the names, a SKU; or a barcode."
    )

    class Meta:
        model = Product
        fields = ["brand", "status", "category", "pattern", "season", "gender", "style_number"]

    def matching(self, queryset: Any, name: str, words: str) -> Any:
        return queryset.search(words)


class VariantFilter(MadeBetween):
    brand = filters.ModelChoiceFilter(to_field_name="slug", queryset=visible_brands)
    product = IdFilter(field_name="product_id", label="The id of the product.")
    style_number = filters.CharFilter(field_name="product__style_number")
    colour = filters.CharFilter(field_name="colour__slug", label="The slug of a colour.")
    size = filters.CharFilter(field_name="size__code", label="The code of a size.")

    class Meta:
        model = Variant
        fields = ["brand", "product", "style_number", "sku", "barcode", "colour", "size", "is_active"]


class ImageFilter(MadeBetween):
    brand = filters.ModelChoiceFilter(field_name="product__brand", to_field_name="slug", queryset=visible_brands)
    product = IdFilter(field_name="product_id", label="The id of the product.")

    class Meta:
        model = ProductImage
        fields = ["brand", "product"]
