"""How locations, balances, movements and postings are written down."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from catalog.api.fields import shown_by
from erp.core.api.fields import MomentField, RowIdField
from erp.inventory.models import Balance, Location, MovementKind, Posting, StockMovement
from erp.inventory.services import MAX_LINES, MAX_QUANTITY

ENTERED_KINDS = [choice for choice in MovementKind.choices if choice[0] != MovementKind.REVERSAL]
OWN_KINDS = [choice for choice in Location.Kind.choices if choice[0] in Location.INTERNAL_KINDS]


class LocationSerializer(serializers.ModelSerializer):
    brand = shown_by()

    class Meta:
        model = Location
        fields = [
            "id",
            "brand",
            "code",
            "kind",
            "name_ko",
            "name_en",
            "is_internal",
            "is_active",
            "position",
            "updated_at",
        ]
        read_only_fields = fields


class LocationEntrySerializer(serializers.ModelSerializer):
    kind = serializers.ChoiceField(choices=OWN_KINDS)

    class Meta:
        model = Location
        fields = ["code", "kind", "name_ko", "name_en", "is_active", "position"]

    def get_unique_together_validators(self) -> list[Any]:
        return []


class NewLocationSerializer(LocationEntrySerializer):
    brand = serializers.SlugField(max_length=40, write_only=True)

    class Meta(LocationEntrySerializer.Meta):
        fields = ["brand", *LocationEntrySerializer.Meta.fields]


class BalanceSerializer(serializers.ModelSerializer):
    brand = shown_by(source="location.brand")
    location = shown_by("code")
    product = serializers.IntegerField(source="variant.product_id", read_only=True)
    style_number = serializers.CharField(source="variant.product.style_number", read_only=True)
    sku = serializers.CharField(source="variant.sku", read_only=True)
    barcode = serializers.CharField(source="variant.barcode", read_only=True)
    available = serializers.IntegerField(read_only=True, help_text="On hand and not reserved.")

    class Meta:
        model = Balance
        fields = [
            "brand",
            "location",
            "product",
            "style_number",
            "variant",
            "sku",
            "barcode",
            "on_hand",
            "reserved",
            "available",
            "updated_at",
        ]
        read_only_fields = fields


class MovementSerializer(serializers.ModelSerializer):
    brand = shown_by()
    posting = shown_by("public_id")
    product = serializers.IntegerField(source="variant.product_id", read_only=True)
    sku = serializers.CharField(source="variant.sku", read_only=True)
    source = shown_by("code")
    destination = shown_by("code")
    source_balance = serializers.IntegerField(read_only=True, allow_null=True, help_text="On hand at the source after.")
    destination_balance = serializers.IntegerField(
        read_only=True, allow_null=True, help_text="On hand at the destination after; null outside of our locations."
    )
    actor = shown_by("username")
    reversed_by = serializers.SerializerMethodField()

    class Meta:
        model = StockMovement
        fields = [
            "id",
            "brand",
            "posting",
            "kind",
            "product",
            "variant",
            "sku",
            "quantity",
            "source",
            "destination",
            "source_balance",
            "destination_balance",
            "reference",
            "note",
            "actor",
            "occurred_at",
            "recorded_at",
            "reverses",
            "reversed_by",
        ]
        read_only_fields = fields

    def get_reversed_by(self, movement: StockMovement) -> int | None:
        """The movement that took this one back."""
        return movement.reversed_by.pk if hasattr(movement, "reversed_by") else None


class PostingSerializer(serializers.ModelSerializer):
    id = serializers.UUIDField(source="public_id", read_only=True)
    brand = shown_by()
    actor = shown_by("username")
    lines = serializers.IntegerField(read_only=True, help_text="How many movements it holds.")
    pieces = serializers.IntegerField(read_only=True)

    class Meta:
        model = Posting
        fields = ["id", "brand", "kind", "lines", "pieces", "reference", "note", "actor", "occurred_at", "recorded_at"]
        read_only_fields = fields


class LineEntrySerializer(serializers.Serializer):
    """Documents a line; `lines.read_lines` reads it. Give one of `variant`, `sku` and `barcode`."""

    variant = RowIdField(required=False)
    sku = serializers.CharField(required=False, max_length=80)
    barcode = serializers.CharField(required=False, max_length=48)
    quantity = serializers.IntegerField(min_value=1, max_value=MAX_QUANTITY)
    # A field of this name, not the attribute of REST framework's.
    source = serializers.CharField(  # type: ignore[assignment]
        required=False, help_text="The code of the location it leaves."
    )
    destination = serializers.CharField(required=False, help_text="The code of the location it enters.")
    reference = serializers.CharField(required=False, allow_blank=True, max_length=80)
    note = serializers.CharField(required=False, allow_blank=True, max_length=200)
    unit_cost = serializers.DecimalField(
        required=False, max_digits=15, decimal_places=6, min_value=0,
        help_text="Of goods that come into the house: what one piece cost, in the brand's currency.",
    )  # fmt: skip


class HeadingSerializer(serializers.Serializer):
    """What a posting says besides its lines."""

    kind = serializers.ChoiceField(choices=ENTERED_KINDS)
    note = serializers.CharField(required=False, allow_blank=True, max_length=200)
    reference = serializers.CharField(required=False, allow_blank=True, max_length=80)
    occurred_at = MomentField(required=False, help_text="Left out: now.")


class PostingEntrySerializer(HeadingSerializer):
    brand = serializers.SlugField(max_length=40)
    lines = serializers.ListField(child=LineEntrySerializer(), allow_empty=False, max_length=MAX_LINES)


class ReversalEntrySerializer(serializers.Serializer):
    note = serializers.CharField(required=False, allow_blank=True, max_length=200, help_text=_("Why."))
