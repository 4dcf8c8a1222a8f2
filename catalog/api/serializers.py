"""How products, variants and photos are written down."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from catalog.api.fields import SizeTableField, TermField, shown_by
from catalog.models import Category, Colour, Pattern, Product, ProductColour, ProductImage, SizeRun, Variant
from catalog.validators import validate_hex

IMAGE_KINDS = ("original", "thumbnail", "tile", "cutout", "listing")
FILES_SCHEMA = {
    "type": "object",
    "description": "Addresses that take the same token; null where there is no such file (yet).",
    "required": list(IMAGE_KINDS),
    "properties": {kind: {"type": ["string", "null"], "format": "uri"} for kind in IMAGE_KINDS},
}


class ImageSerializer(serializers.ModelSerializer):
    id = serializers.UUIDField(source="public_id", read_only=True)
    files = serializers.SerializerMethodField()

    class Meta:
        model = ProductImage
        fields = [
            "id",
            "product",
            "position",
            "original_name",
            "content_type",
            "width",
            "height",
            "alt_ko",
            "alt_en",
            "files",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields

    @extend_schema_field(FILES_SCHEMA)
    def get_files(self, image: ProductImage) -> dict[str, str | None]:
        return {kind: self._link(image, kind) if getattr(image, kind) else None for kind in IMAGE_KINDS}

    def _link(self, image: ProductImage, kind: str) -> str:
        kwargs = {"public_id": image.public_id, "kind": kind}
        return reverse("api:image-file", kwargs=kwargs, request=self.context.get("request"))


class ProductColourSerializer(serializers.ModelSerializer):
    colour = shown_by()
    name_ko = serializers.CharField(source="colour.name_ko", read_only=True)
    name_en = serializers.CharField(source="colour.name_en", read_only=True)
    hex = serializers.CharField(source="swatch", read_only=True)

    class Meta:
        model = ProductColour
        fields = ["colour", "name_ko", "name_en", "hex"]


class ProductSerializer(serializers.ModelSerializer):
    brand = shown_by()
    category = shown_by(allow_null=True)
    pattern = shown_by(allow_null=True)
    size_run = shown_by(allow_null=True)
    colours = ProductColourSerializer(source="product_colours", many=True, read_only=True)
    size_table = SizeTableField(source="measurements", read_only=True)
    images = ImageSerializer(many=True, read_only=True)

    class Meta:
        model = Product
        fields = [
            "id",
            "brand",
            "style_number",
            "status",
            "name_ko",
            "name_en",
            "category",
            "pattern",
            "size_run",
            "season",
            "gender",
            "material",
            "care",
            "price",
            "currency",
            "colours",
            "size_table",
            "images",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


class ColourEntrySerializer(serializers.Serializer):
    colour = TermField(Colour)
    hex = serializers.CharField(
        max_length=7,
        required=False,
        allow_blank=True,
        default="",
        help_text="Measured from the garment, like #1e2744; blank: the colour's own.",
    )

    def validate_hex(self, value: str) -> str:
        value = value.lower()
        if value:
            validate_hex(value)
        return value


class ProductEntrySerializer(serializers.ModelSerializer):
    """What may be written of a product. Needs `brand` in the context."""

    style_number = serializers.CharField(max_length=40, required=False, help_text="Left out: the brand's next one.")
    category = serializers.SlugRelatedField(
        slug_field="slug", queryset=Category.objects.all(), required=False, allow_null=True
    )
    pattern = serializers.SlugRelatedField(
        slug_field="slug", queryset=Pattern.objects.all(), required=False, allow_null=True
    )
    size_run = TermField(SizeRun, required=False, allow_null=True)
    colours = serializers.ListField(child=ColourEntrySerializer(), required=False, max_length=60)
    size_table = SizeTableField(required=False, help_text="As a whole: what it does not name is no longer measured.")

    class Meta:
        model = Product
        fields = [
            "style_number",
            "name_ko",
            "name_en",
            "category",
            "pattern",
            "size_run",
            "season",
            "gender",
            "material",
            "care",
            "price",
            "currency",
            "colours",
            "size_table",
        ]

    def get_unique_together_validators(self) -> list[Any]:
        return []  # the service's `full_clean` says it, with the field's name


class NewProductSerializer(ProductEntrySerializer):
    brand = serializers.SlugField(max_length=40, write_only=True)

    class Meta(ProductEntrySerializer.Meta):
        fields = ["brand", *ProductEntrySerializer.Meta.fields]


class VariantSerializer(serializers.ModelSerializer):
    brand = shown_by()
    style_number = serializers.CharField(source="product.style_number", read_only=True)
    colour = shown_by()
    colour_ko = serializers.CharField(source="colour.name_ko", read_only=True)
    colour_en = serializers.CharField(source="colour.name_en", read_only=True)
    size = shown_by("code")

    class Meta:
        model = Variant
        fields = [
            "id",
            "brand",
            "product",
            "style_number",
            "sku",
            "barcode",
            "colour",
            "colour_ko",
            "colour_en",
            "size",
            "is_active",
            "updated_at",
        ]
        read_only_fields = fields


class VariantEntrySerializer(serializers.ModelSerializer):
    class Meta:
        model = Variant
        fields = ["sku", "barcode", "is_active"]
        extra_kwargs: ClassVar[dict[str, Any]] = {"barcode": {"help_text": "Blank: an in-store EAN-13 is made."}}

    def get_unique_together_validators(self) -> list[Any]:
        return []


class GridSerializer(serializers.Serializer):
    """The colour x size grid that is for sale. Needs `brand` and `product` in the context."""

    colours = serializers.ListField(child=TermField(Colour), allow_empty=False, max_length=60)
    size_run = TermField(SizeRun, required=False, help_text="Left out: the product's, or its category's usual one.")
    sizes = serializers.ListField(child=serializers.CharField(max_length=12), allow_empty=False, max_length=60)


class ImageUploadSerializer(serializers.Serializer):
    image = serializers.FileField(allow_empty_file=True, help_text="One photo: JPEG, PNG, WebP, HEIC, AVIF, BMP, TIFF.")


class ImageEntrySerializer(serializers.ModelSerializer):
    class Meta:
        model = ProductImage
        fields = ["alt_ko", "alt_en"]


class ImageOrderSerializer(serializers.Serializer):
    order = serializers.ListField(child=serializers.UUIDField(), max_length=200, help_text="All of them, first first.")
