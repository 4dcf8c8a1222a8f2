"""How purchase orders and their deliveries are written down."""

from __future__ import annotations

from decimal import Decimal

from rest_framework import serializers

from catalog.api.fields import shown_by
from catalog.models.brand import Currency
from erp.core.api.fields import MomentField, RowIdField
from erp.trade.api.lines import CostedLineSerializer
from erp.trade.models import Delivery, DeliveryLine, PurchaseLine, PurchaseOrder


class PurchaseLineSerializer(serializers.ModelSerializer):
    sku = serializers.CharField(source="variant.sku", read_only=True)
    to_come = serializers.IntegerField(read_only=True, help_text="Still expected.")
    difference = serializers.IntegerField(read_only=True, help_text="Received less ordered.")

    class Meta:
        model = PurchaseLine
        fields = ["variant", "sku", "quantity", "received", "to_come", "difference", "unit_cost"]
        read_only_fields = fields


class PurchaseSerializer(serializers.ModelSerializer):
    id = serializers.UUIDField(source="public_id", read_only=True)
    brand = shown_by()
    location = shown_by("code")
    created_by = shown_by("username")
    lines = PurchaseLineSerializer(many=True, read_only=True)

    class Meta:
        model = PurchaseOrder
        fields = ["id", "brand", "number", "state", "supplier", "location", "currency", "exchange_rate", "ordered_at",
                  "expected_on", "note", "created_by", "created_at", "updated_at", "lines"]  # fmt: skip
        read_only_fields = fields


class PurchaseChangeSerializer(serializers.Serializer):
    """The whole order as it shall be."""

    supplier = RowIdField()
    location = serializers.CharField(max_length=20, help_text="The code of the place it is delivered to.")
    currency = serializers.ChoiceField(choices=Currency.choices, required=False, help_text="Left out: the brand's own.")
    exchange_rate = serializers.DecimalField(
        max_digits=14, decimal_places=6, required=False, default=Decimal(1),
        help_text="The brand's currency for one unit of the order's.",
    )  # fmt: skip
    expected_on = serializers.DateField(required=False, allow_null=True, default=None)
    note = serializers.CharField(required=False, allow_blank=True, max_length=200, default="")
    lines = CostedLineSerializer(many=True)


class PurchaseEntrySerializer(PurchaseChangeSerializer):
    brand = serializers.SlugField(max_length=40)


class DeliveryLineSerializer(serializers.ModelSerializer):
    variant = serializers.IntegerField(source="line.variant_id", read_only=True)
    sku = serializers.CharField(source="line.variant.sku", read_only=True)

    class Meta:
        model = DeliveryLine
        fields = ["variant", "sku", "quantity", "unit_cost"]
        read_only_fields = fields


class DeliverySerializer(serializers.ModelSerializer):
    id = serializers.UUIDField(source="public_id", read_only=True)
    brand = shown_by()
    order = shown_by("public_id")
    posting = shown_by("public_id")
    reversal = shown_by("public_id", help_text="The posting that took it back.")
    created_by = shown_by("username")
    lines = DeliveryLineSerializer(many=True, read_only=True)

    class Meta:
        model = Delivery
        fields = ["id", "brand", "number", "order", "posting", "reversal", "note", "created_by", "created_at",
                  "updated_at", "lines"]  # fmt: skip
        read_only_fields = fields


class ArrivalSerializer(serializers.Serializer):
    lines = CostedLineSerializer(many=True)
    location = serializers.CharField(required=False, max_length=20, help_text="Left out: where the order goes.")
    allow_over = serializers.BooleanField(
        required=False, default=False, help_text="Take in more than was ordered, and what was not ordered."
    )
    note = serializers.CharField(required=False, allow_blank=True, max_length=200, default="")
    occurred_at = MomentField(required=False, default=None, help_text="Left out: now.")


class TakeBackSerializer(serializers.Serializer):
    note = serializers.CharField(required=False, allow_blank=True, max_length=200, default="")
