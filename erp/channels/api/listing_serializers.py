"""Listings as JSON."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.api.fields import shown_by
from erp.channels import resolving
from erp.channels.api.named import ChannelNameSerializer
from erp.channels.models import ChannelListing
from erp.channels.services.channels import MOST_SIGNS
from erp.core.api.bulk import RowProblemSerializer
from erp.core.api.fields import RowIdField

MOST_ROWS = 500
LONGEST_DESCRIPTION = 60_000
SOURCES = [resolving.OWN, resolving.TEMPLATE, resolving.BASE, resolving.RULE, resolving.CHANNEL, resolving.USUAL]
PICTURE_SOURCES = [resolving.OWN, resolving.BASE]
SETTABLE = [choice for choice in ChannelListing.Status.choices if choice[0] in ("draft", "ready")]


class ListingSerializer(serializers.ModelSerializer):
    """`stale_since`: from then on the marketplace was told less than the truth."""

    brand = shown_by(source="channel.brand")
    channel = serializers.UUIDField(source="channel.public_id", read_only=True)
    style_number = serializers.CharField(source="product.style_number", read_only=True)

    class Meta:
        model = ChannelListing
        fields = [
            "id", "brand", "channel", "product", "style_number", "status", "problem", "external_id", "exported_at",
            "stale_since", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields


class TextFieldSerializer(serializers.Serializer):
    value = serializers.CharField(allow_blank=True)
    source = serializers.ChoiceField(SOURCES)  # type: ignore[assignment]


class MoneyFieldSerializer(serializers.Serializer):
    value = serializers.DecimalField(max_digits=14, decimal_places=2, allow_null=True)
    source = serializers.ChoiceField(SOURCES)  # type: ignore[assignment]


class ListedVariantSerializer(serializers.Serializer):
    """`quantity` is what the channel may sell."""

    variant = serializers.IntegerField(help_text="Its id.")
    sku = serializers.CharField()
    colour = serializers.CharField()
    size = serializers.CharField()
    price = MoneyFieldSerializer()
    quantity = serializers.IntegerField(min_value=0)
    external_id = serializers.CharField(allow_blank=True)


class ListedPictureSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    url = serializers.CharField(help_text="Where the marketplace fetches it.")


class FullListingSerializer(ListingSerializer):
    title = serializers.SerializerMethodField()
    description = serializers.SerializerMethodField()
    price = serializers.SerializerMethodField()
    compare_at = serializers.SerializerMethodField()
    target_category = serializers.SerializerMethodField()
    attributes = serializers.DictField(
        child=serializers.CharField(allow_blank=True), read_only=True, help_text="The listing's own."
    )
    pictures_source = serializers.SerializerMethodField(help_text="`own`: chosen for this listing.")
    pictures = serializers.SerializerMethodField()
    variants = serializers.SerializerMethodField()

    class Meta(ListingSerializer.Meta):
        fields = [
            *ListingSerializer.Meta.fields, "title", "description", "price", "compare_at", "target_category",
            "attributes", "pictures_source", "pictures", "variants",
        ]  # fmt: skip
        read_only_fields = fields

    def _field(self, listing: ChannelListing, name: str, shape: Any) -> dict[str, Any]:
        known: dict[str, Any] = self.context["fields"]
        return shape(known[name]).data

    @extend_schema_field(TextFieldSerializer)
    def get_title(self, listing: ChannelListing) -> Any:
        return self._field(listing, "title", TextFieldSerializer)

    @extend_schema_field(TextFieldSerializer)
    def get_description(self, listing: ChannelListing) -> Any:
        return self._field(listing, "description", TextFieldSerializer)

    @extend_schema_field(MoneyFieldSerializer)
    def get_price(self, listing: ChannelListing) -> Any:
        return self._field(listing, "price", MoneyFieldSerializer)

    @extend_schema_field(MoneyFieldSerializer)
    def get_compare_at(self, listing: ChannelListing) -> Any:
        return self._field(listing, "compare_at", MoneyFieldSerializer)

    @extend_schema_field(TextFieldSerializer)
    def get_target_category(self, listing: ChannelListing) -> Any:
        return self._field(listing, "target_category", TextFieldSerializer)

    @extend_schema_field(serializers.ChoiceField(PICTURE_SOURCES))
    def get_pictures_source(self, listing: ChannelListing) -> str:
        return resolving.OWN if listing.pictures else resolving.BASE

    @extend_schema_field(ListedPictureSerializer(many=True))
    def get_pictures(self, listing: ChannelListing) -> Any:
        url = self.context["resolver"].picture_url
        return [{"id": str(image.public_id), "url": url(image)} for image in resolving.images_of(listing)]

    @extend_schema_field(ListedVariantSerializer(many=True))
    def get_variants(self, listing: ChannelListing) -> Any:
        facts, price = self.context["facts"], self.context["fields"]["price"]
        own = {row.variant_id: row for row in listing.variants.all()}
        shown = zip(resolving.in_order(listing.product), facts.variants, strict=True)
        return [
            {
                "variant": variant.pk,
                "sku": told.sku,
                "colour": told.colour,
                "size": told.size,
                "price": MoneyFieldSerializer(resolving.variant_price(price, own.get(variant.pk))).data,
                "quantity": told.quantity,
                "external_id": told.external_id,
            }
            for variant, told in shown
        ]


class RowIdsField(serializers.ListField):
    """Ids of rows, each once."""

    child = RowIdField()
    default_error_messages = {"twice": _("This is named twice. Give it one line.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_length": 1, "max_length": MOST_ROWS} | kwargs)

    def to_internal_value(self, data: Any) -> list[int]:
        found = super().to_internal_value(data)
        if len(set(found)) != len(found):
            self.fail("twice")
        return found


class NewListingsSerializer(ChannelNameSerializer):
    products = RowIdsField(help_text="Ids of products.")


class StatusSerializer(ChannelNameSerializer):
    status = serializers.ChoiceField(SETTABLE)
    listings = RowIdsField(help_text="Ids of listings of that channel.")


class OwnPriceSerializer(serializers.Serializer):
    variant = RowIdField()
    price = serializers.DecimalField(
        max_digits=12, decimal_places=2, min_value=Decimal(0), allow_null=True, help_text="null: as the listing says."
    )


class ListingEntrySerializer(serializers.Serializer):
    title = serializers.CharField(max_length=255, allow_blank=True, required=False)
    description = serializers.CharField(max_length=LONGEST_DESCRIPTION, allow_blank=True, required=False)
    price = serializers.DecimalField(
        max_digits=12, decimal_places=2, min_value=Decimal(0), allow_null=True, required=False
    )
    compare_at = serializers.DecimalField(
        max_digits=12, decimal_places=2, min_value=Decimal(0), allow_null=True, required=False
    )
    target_category = serializers.CharField(max_length=200, allow_blank=True, required=False)
    attributes = serializers.DictField(
        child=serializers.CharField(allow_blank=True, max_length=MOST_SIGNS), required=False
    )
    pictures = serializers.ListField(
        child=serializers.UUIDField(), max_length=100, required=False, help_text="Ids of photos; empty: the product's."
    )
    variants = OwnPriceSerializer(many=True, required=False)


class ListingResultSerializer(serializers.Serializer):
    """What became of one row of the request."""

    row = serializers.IntegerField(min_value=1)
    product = serializers.IntegerField(allow_null=True)
    listing = serializers.IntegerField(allow_null=True)
    changed = serializers.BooleanField()
    problems = RowProblemSerializer(many=True)


class ListingResultsSerializer(serializers.Serializer):
    results = ListingResultSerializer(many=True)
