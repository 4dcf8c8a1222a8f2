"""What the storefront's answers look like, for its document."""

from __future__ import annotations

from rest_framework import serializers

from erp.channels.formats.values import MOST_SHOWN
from erp.channels.models.channels import Language

EXAMPLE = {
    "handle": "ha0001",
    "style_number": "HA0001",
    "title": "Oxford shirt",
    "title_language": "en",
    "brand": "Haneul",
    "category": {"slug": "shirt", "name": "シャツ・ブラウス"},
    "gender": {"slug": "women", "name": "レディース"},
    "currency": "JPY",
    "price": {"from": "4800", "to": "4800"},
    "compare_at_price": None,
    "in_stock": True,
    "picture": "https://jangbu.example/p/5b0c7a52-2f55-4b5a-9d2e-0f6f1f9f0c11/0123456789abcdef.jpg",
    "colours": [{"slug": "navy", "name": "ネイビー", "hex": "#1e2744"}],
    "sizes": ["S", "M"],
    "link": None,
}
WHOLE_EXAMPLE = EXAMPLE | {
    "description_html": "<p>Oxford shirt</p><p>素材: cotton 100%</p>",
    "description": "Oxford shirt\n素材: cotton 100%",
    "description_language": "ja",
    "material": "cotton 100%",
    "care": "",
    "size_table": [{"size": "M", "measures": [{"slug": "chest", "name": "身幅", "cm": "52.5"}]}],
    "pattern": {"slug": "solid", "name": "無地"},
    "pictures": [{"url": EXAMPLE["picture"], "alt": "Oxford shirt"}],
    "variants": [
        {
            "sku": "HA0001-NV-M",
            "barcode": None,
            "colour": "navy",
            "colour_name": "ネイビー",
            "size": "M",
            "price": "4800",
            "quantity": 10,
            "quantity_or_more": True,
        }
    ],
}


class TermSerializer(serializers.Serializer):
    slug = serializers.CharField()
    name = serializers.CharField()


class ShownColourSerializer(TermSerializer):
    hex = serializers.CharField()


class PriceRangeSerializer(serializers.Serializer):
    to = serializers.CharField()

    def get_fields(self) -> dict[str, serializers.Field]:
        return {"from": serializers.CharField(), **super().get_fields()}


class ShownProductSerializer(serializers.Serializer):
    """Names are in the language asked for; `title_language` says which one the title is in."""

    handle = serializers.CharField(help_text="Its name in addresses.")
    style_number = serializers.CharField()
    title = serializers.CharField()
    title_language = serializers.ChoiceField(Language.values)
    brand = serializers.CharField()
    category = TermSerializer(allow_null=True)
    gender = TermSerializer()
    currency = serializers.CharField()
    price = PriceRangeSerializer(help_text="Of its variants, as decimals in strings.")
    compare_at_price = serializers.CharField(allow_null=True)
    in_stock = serializers.BooleanField()
    picture = serializers.CharField(allow_null=True)
    colours = ShownColourSerializer(many=True)
    sizes = serializers.ListField(child=serializers.CharField())
    link = serializers.CharField(allow_null=True)


class PictureSerializer(serializers.Serializer):
    url = serializers.CharField()
    alt = serializers.CharField(allow_blank=True)


class ShownVariantSerializer(serializers.Serializer):
    sku = serializers.CharField()
    barcode = serializers.CharField(allow_null=True)
    colour = serializers.CharField(help_text="The slug of one of the product's colours.")
    colour_name = serializers.CharField()
    size = serializers.CharField()
    price = serializers.CharField()
    quantity = serializers.IntegerField(min_value=0, max_value=MOST_SHOWN, help_text=f"Never above {MOST_SHOWN}.")
    quantity_or_more = serializers.BooleanField(help_text="There are so many, or more.")


class MeasureSerializer(TermSerializer):
    cm = serializers.CharField(help_text="Centimetres, as a decimal in a string.")


class MeasuredSizeSerializer(serializers.Serializer):
    size = serializers.CharField()
    measures = MeasureSerializer(many=True)


class WholeProductSerializer(ShownProductSerializer):
    description_html = serializers.CharField(help_text="Paragraphs, lists and tables only.")
    description = serializers.CharField(help_text="The same as plain text.")
    description_language = serializers.ChoiceField(Language.values)
    material = serializers.CharField(allow_blank=True)
    care = serializers.CharField(allow_blank=True)
    size_table = MeasuredSizeSerializer(many=True, help_text="Sizes that were measured, of those for sale.")
    pattern = TermSerializer(allow_null=True)
    pictures = PictureSerializer(many=True)
    variants = ShownVariantSerializer(many=True)


class CountedTermSerializer(TermSerializer):
    products = serializers.IntegerField(min_value=1)


class CategoriesSerializer(serializers.Serializer):
    results = CountedTermSerializer(many=True)
