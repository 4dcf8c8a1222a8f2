"""How orders, packs and owed goods are written down, and what requests about them say."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from catalog.api.fields import shown_by
from erp.core.api.fields import MomentField, RowIdField
from erp.core.api.schema import ERROR_REF
from erp.inventory.services import MAX_QUANTITY
from erp.trade.couriers import couriers
from erp.trade.models import AccountEntry, Channel, Order, OrderEvent, OrderLine, Pack, PackLine, Shipment
from erp.trade.services.orders import Shortage
from erp.trade.services.orders.entries import MOST_ENTRIES

COURIERS = [(code, code) for code in couriers()]
STEPS = [("draft", "draft"), ("place", "place"), ("sell", "sell")]
_QUANTITY: dict[str, Any] = {"min_value": 0, "max_value": MAX_QUANTITY}
_MONEY: dict[str, Any] = {"max_digits": 14, "decimal_places": 2, "min_value": 0}


class OrderLineSerializer(serializers.ModelSerializer):
    sku = serializers.CharField(source="variant.sku", read_only=True)
    waiting = serializers.IntegerField(read_only=True, help_text="Open and nothing is held for it.")
    owed = serializers.IntegerField(read_only=True, help_text="Billed and not sent yet.")

    class Meta:
        model = OrderLine
        fields = [
            "id", "variant", "sku", "pack", "quantity", "unit_price", "reserved", "picked", "shipped", "cancelled",
            "billed", "returned", "waiting", "owed", "owed_since",
        ]  # fmt: skip
        read_only_fields = fields


class OrderSerializer(serializers.ModelSerializer):
    """quantity = shipped + cancelled + open, and open = reserved + waiting, in each line and so in all."""

    id = serializers.UUIDField(source="public_id", read_only=True)
    brand = shown_by()
    buyer_name = serializers.CharField(source="buyer.name", read_only=True, default="")
    location = shown_by("code")
    created_by = shown_by("username")
    total = serializers.DecimalField(20, 2, read_only=True, help_text="Of what is not cancelled.")
    pieces = serializers.IntegerField(read_only=True)
    reserved = serializers.IntegerField(source="held", read_only=True)
    shipped = serializers.IntegerField(source="sent", read_only=True)
    owed = serializers.IntegerField(source="owing", read_only=True)

    class Meta:
        model = Order
        fields = [
            "id", "brand", "number", "state", "channel", "channel_name", "channel_number", "buyer", "buyer_name",
            "deliver_to", "customer_name", "location", "currency", "total", "pieces", "reserved", "shipped", "owed",
            "note", "created_by", "created_at", "updated_at", "placed_at", "expires_at",
        ]  # fmt: skip
        read_only_fields = fields


class OrderEventSerializer(serializers.ModelSerializer):
    actor = shown_by("username")

    class Meta:
        model = OrderEvent
        fields = ["kind", "pieces", "note", "actor", "recorded_at"]
        read_only_fields = fields


class TrackingSerializer(serializers.Serializer):
    """Who carries a shipment under which number: both, or neither."""

    courier = serializers.ChoiceField(required=False, default="", allow_blank=True, choices=COURIERS)
    tracking_number = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=60, help_text="Blanks and dashes are left out."
    )


class ShipmentSerializer(serializers.ModelSerializer):
    posting = shown_by("public_id", help_text="Null: nothing was sent, only billed as owed.")
    slip = shown_by("public_id")
    reversal = shown_by("public_id")
    courier = serializers.CharField(read_only=True, allow_blank=True, help_text="One of those it can be shipped with.")
    actor = shown_by("username")

    class Meta:
        model = Shipment
        fields = ["id", "posting", "slip", "reversal", "courier", "tracking_number", "actor", "recorded_at"]
        read_only_fields = fields


class FullOrderSerializer(OrderSerializer):
    lines = OrderLineSerializer(many=True, read_only=True)
    shipments = ShipmentSerializer(many=True, read_only=True)
    events = OrderEventSerializer(many=True, read_only=True)

    class Meta(OrderSerializer.Meta):
        fields = [*OrderSerializer.Meta.fields, "lines", "shipments", "events"]
        read_only_fields = fields


class OrderedLineSerializer(serializers.Serializer):
    """Documents a line; `order_lines.read_entries` reads it. Give one of `variant`, `sku`, `barcode` and `pack`."""

    variant = RowIdField(required=False)
    sku = serializers.CharField(required=False, max_length=80)
    barcode = serializers.CharField(required=False, max_length=48)
    pack = serializers.CharField(required=False, help_text="The id or the code of a pack; `quantity` counts packs.")
    quantity = serializers.IntegerField(min_value=1, max_value=MAX_QUANTITY)
    unit_price = serializers.DecimalField(required=False, **_MONEY, help_text="Of one piece. Left out: the product's.")


class OrderedLinesSerializer(serializers.Serializer):
    lines = serializers.ListField(child=OrderedLineSerializer(), allow_empty=False, max_length=MOST_ENTRIES)


class PaymentSerializer(serializers.Serializer):
    paid = serializers.DecimalField(required=False, default=Decimal(0), **_MONEY)
    method = serializers.ChoiceField(required=False, default="cash", choices=AccountEntry.Method.choices)


class OrderHeadingSerializer(serializers.Serializer):
    """What an order says besides its lines."""

    buyer = RowIdField(required=False, allow_null=True)
    deliver_to = RowIdField(required=False, allow_null=True)
    customer_name = serializers.CharField(required=False, allow_blank=True, max_length=120)
    channel = serializers.ChoiceField(
        required=False, choices=Channel.choices, help_text="Left out: wholesale with a buyer, else online."
    )
    channel_name = serializers.CharField(required=False, allow_blank=True, max_length=40)
    channel_number = serializers.CharField(
        required=False, allow_blank=True, max_length=80, help_text="The number there: the same one is the same order."
    )
    location = serializers.CharField(required=False, max_length=20, help_text="Its code. Left out: the first place.")
    note = serializers.CharField(required=False, allow_blank=True, max_length=200)
    expires_at = MomentField(required=False, allow_null=True, help_text="Held until then, unless it is confirmed.")


class NewOrderSerializer(OrderHeadingSerializer, PaymentSerializer):
    step = serializers.ChoiceField(
        required=False,
        default="place",
        choices=STEPS,
        help_text="`draft` holds nothing, `place` holds the goods, `sell` also ships them and writes the slip.",
    )
    # A field of this name, not the attribute of REST framework's.
    partial = serializers.BooleanField(  # type: ignore[assignment]
        required=False, default=False, help_text="Place: hold what is there instead of all or none."
    )
    shortage = serializers.ChoiceField(
        required=False,
        default="",
        allow_blank=True,
        choices=Shortage.choices,
        help_text="Sell: what becomes of what is short.",
    )


class OrderEntrySerializer(NewOrderSerializer, OrderedLinesSerializer):
    """Documents the body of a new order."""

    brand = serializers.SlugField(max_length=40)


class DraftSerializer(OrderHeadingSerializer, OrderedLinesSerializer):
    """Documents the body of a draft that is changed."""


class LineQuantitySerializer(serializers.Serializer):
    line = RowIdField(help_text="The `id` of a line of the order.")
    quantity = serializers.IntegerField(**_QUANTITY)


class ShippedLineSerializer(LineQuantitySerializer):
    rest = serializers.ChoiceField(
        required=False, choices=Shortage.choices, help_text="What becomes of the rest of this line."
    )


class PlaceSerializer(serializers.Serializer):
    # A field of this name, not the attribute of REST framework's.
    partial = serializers.BooleanField(required=False, default=True)  # type: ignore[assignment]


class PickSerializer(serializers.Serializer):
    lines = LineQuantitySerializer(many=True)


class ReserveSerializer(serializers.Serializer):
    lines = LineQuantitySerializer(many=True, required=False, help_text="Left out: all that is there.")


class ShipSerializer(PaymentSerializer, TrackingSerializer):
    lines = ShippedLineSerializer(many=True, required=False, help_text="Left out: what is picked, else what is held.")
    rest = serializers.ChoiceField(
        required=False, default="wait", choices=Shortage.choices, help_text="Of lines that name nothing else."
    )
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)


class CancelSerializer(serializers.Serializer):
    lines = LineQuantitySerializer(many=True, required=False, help_text="Left out: all that is open.")
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)


class ShipManySerializer(serializers.Serializer):
    brand = serializers.SlugField(max_length=40)
    orders = serializers.ListField(child=serializers.UUIDField(), allow_empty=False, max_length=100)


class ShippedSerializer(serializers.Serializer):
    order = serializers.UUIDField(source="order.public_id")
    shipment = serializers.SerializerMethodField(help_text="Its id; null where it could not go.")
    error = serializers.SerializerMethodField()

    def get_shipment(self, result: Any) -> int | None:
        return result.shipment.pk if result.shipment else None

    @extend_schema_field({"oneOf": [ERROR_REF, {"type": "null"}]})
    def get_error(self, result: Any) -> dict[str, Any] | None:
        """Why it could not go, in the shape of every refusal."""
        return result.error.as_dict() if result.error else None


class ResultsSerializer(serializers.Serializer):
    results = ShippedSerializer(many=True)


class PackLineSerializer(serializers.ModelSerializer):
    sku = serializers.CharField(source="variant.sku", read_only=True)

    class Meta:
        model = PackLine
        fields = ["variant", "sku", "quantity"]
        read_only_fields = fields


class PackSerializer(serializers.ModelSerializer):
    brand = shown_by()
    lines = PackLineSerializer(many=True, read_only=True)

    class Meta:
        model = Pack
        fields = ["id", "brand", "product", "name", "code", "price", "is_active", "updated_at", "lines"]
        read_only_fields = fields


class PackPieceSerializer(serializers.Serializer):
    variant = RowIdField()
    quantity = serializers.IntegerField(min_value=1, max_value=MAX_QUANTITY)


class PackEntrySerializer(serializers.Serializer):
    name = serializers.CharField(max_length=80)
    code = serializers.CharField(required=False, allow_blank=True, default="", max_length=40)
    price = serializers.DecimalField(required=False, allow_null=True, default=None, **_MONEY)
    is_active = serializers.BooleanField(required=False, default=True)
    lines = PackPieceSerializer(many=True)


class NewPackSerializer(PackEntrySerializer):
    brand = serializers.SlugField(max_length=40)
    product = RowIdField()


class OwedSerializer(serializers.ModelSerializer):
    brand = shown_by(source="order.brand")
    line = serializers.IntegerField(source="pk", read_only=True)
    order = shown_by("public_id")
    number = serializers.CharField(source="order.number", read_only=True)
    buyer = serializers.IntegerField(source="order.buyer_id", read_only=True)
    buyer_name = serializers.CharField(source="order.buyer.name", read_only=True)
    sku = serializers.CharField(source="variant.sku", read_only=True)
    pieces = serializers.IntegerField(source="owed_pieces", read_only=True)
    value = serializers.DecimalField(20, 2, source="owed_value", read_only=True)

    class Meta:
        model = OrderLine
        fields = [
            "line", "brand", "order", "number", "buyer", "buyer_name", "variant", "sku", "pieces", "value", "reserved",
            "owed_since",
        ]  # fmt: skip
        read_only_fields = fields


class ProposalSerializer(serializers.Serializer):
    line = serializers.IntegerField(source="line.pk")
    order = serializers.UUIDField(source="line.order.public_id")
    number = serializers.CharField(source="line.order.number")
    buyer = serializers.IntegerField(source="line.order.buyer_id", allow_null=True)
    variant = serializers.IntegerField(source="line.variant_id")
    sku = serializers.CharField(source="line.variant.sku")
    waiting = serializers.IntegerField()
    owed = serializers.IntegerField()
    available = serializers.IntegerField(help_text="At the place the order ships from, for all who come after too.")
    offered = serializers.IntegerField()


@extend_schema_serializer(many=False)
class ProposalsSerializer(serializers.Serializer):
    results = ProposalSerializer(many=True)


class AllocationSerializer(serializers.Serializer):
    brand = serializers.SlugField(max_length=40)
    lines = LineQuantitySerializer(many=True)


@extend_schema_field(ERROR_REF)
class RefusalField(serializers.DictField):
    """Why, as a single request would be refused."""


class RefusedSerializer(serializers.Serializer):
    order = serializers.UUIDField()
    error = RefusalField()


class AllocatedSerializer(serializers.Serializer):
    held = serializers.IntegerField()
    refused = RefusedSerializer(many=True)
