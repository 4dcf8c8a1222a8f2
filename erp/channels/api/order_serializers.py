"""Orders of marketplaces as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.api.fields import shown_by
from erp.channels.api.named import ChannelNameSerializer
from erp.channels.formats.orders import MOST_PIECES, SaidLine, SaidOrder
from erp.channels.models import ChannelOrder, ChannelOrderLine
from erp.channels.services.intake import Taken
from erp.core.api.bulk import RowProblemSerializer
from erp.core.api.errors import problems_of
from erp.core.api.fields import MomentField
from erp.core.errors import DomainError, Problem

MOST_ORDERS, MOST_LINES = 200, 500


class ChannelOrderLineSerializer(serializers.ModelSerializer):
    """As the marketplace wrote it; `variant` is null until somebody says which one it is."""

    variant_sku = shown_by("sku", source="variant")

    class Meta:
        model = ChannelOrderLine
        fields = ["number", "sku", "title", "options", "quantity", "unit_price", "variant", "variant_sku"]
        read_only_fields = fields


class ChannelOrderSerializer(serializers.ModelSerializer):
    brand = shown_by(source="channel.brand")
    channel = serializers.UUIDField(source="channel.public_id", read_only=True)
    order = shown_by("public_id", help_text="Ours, once all its goods are known and held.")

    class Meta:
        model = ChannelOrder
        fields = [
            "id", "brand", "channel", "number", "state", "order", "placed_at", "customer_name", "is_paid", "problem",
            "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields


@extend_schema_field({"type": "object", "additionalProperties": True})
class ToldField(serializers.JSONField):
    """What the marketplace told after that and says otherwise: `lines`, each SKU, goods, options, pieces, price."""


class FullChannelOrderSerializer(ChannelOrderSerializer):
    lines = ChannelOrderLineSerializer(many=True, read_only=True)
    contradiction = ToldField(read_only=True)

    class Meta(ChannelOrderSerializer.Meta):
        fields = [*ChannelOrderSerializer.Meta.fields, "lines", "contradiction"]
        read_only_fields = fields


class SaidLineSerializer(serializers.Serializer):
    """Goods as the marketplace names them. Known by its `sku`: as matched, else ours, else a barcode of ours."""

    sku = serializers.CharField(max_length=120, allow_blank=True, default="")
    title = serializers.CharField(max_length=300, allow_blank=True, default="")
    options = serializers.CharField(max_length=200, allow_blank=True, default="")
    quantity = serializers.IntegerField(min_value=1, max_value=MOST_PIECES)
    unit_price = serializers.DecimalField(max_digits=12, decimal_places=2, min_value=Decimal(0))

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs["sku"] and not attrs["title"]:
            raise serializers.ValidationError({"sku": _("A line has a SKU or a title.")}, code="no_goods")
        return attrs


class SaidOrderSerializer(serializers.Serializer):
    number = serializers.CharField(max_length=80, help_text="Of the order on the marketplace.")
    placed_at = MomentField(required=False, allow_null=True)
    customer_name = serializers.CharField(max_length=120, allow_blank=True, default="")
    currency = serializers.CharField(
        max_length=3, allow_blank=True, default="", help_text="Left out: the channel's. Orders in another one wait."
    )
    is_paid = serializers.BooleanField(default=True)
    is_cancelled = serializers.BooleanField(default=False)
    lines = SaidLineSerializer(many=True, min_length=1, max_length=MOST_LINES)  # type: ignore[call-arg]


class OrderBatchSerializer(ChannelNameSerializer):
    orders = SaidOrderSerializer(many=True, min_length=1, max_length=MOST_ORDERS)  # type: ignore[call-arg]


class TakenOrderSerializer(serializers.Serializer):
    """What became of one order of the request; one with problems was left out."""

    row = serializers.IntegerField(min_value=1)
    number = serializers.CharField(allow_blank=True)
    id = serializers.IntegerField(allow_null=True)
    state = serializers.ChoiceField(ChannelOrder.State.choices, allow_null=True)
    order = serializers.UUIDField(allow_null=True, help_text="Ours.")
    changed = serializers.BooleanField(help_text="false: it was known, and nothing is new.")
    problems = RowProblemSerializer(many=True)


class TakenOrdersSerializer(serializers.Serializer):
    results = TakenOrderSerializer(many=True)


class ReadBatch:
    """The orders of a request that can be read, by row; the problems of the others."""

    def __init__(self, rows: Any) -> None:
        self.rows = _list_of(rows)
        self.orders: dict[int, SaidOrder] = {}
        self.problems: dict[int, list[Problem]] = {}
        seen: dict[str, int] = {}
        for row, raw in enumerate(self.rows, start=1):
            entered = SaidOrderSerializer(data=raw)
            if not entered.is_valid():
                self.problems[row] = problems_of(entered.errors)
                continue
            said = entered.validated_data
            if first := seen.get(said["number"]):
                message = _("Row %(row)s has this number already.") % {"row": first}
                self.problems[row] = [Problem("twice", message, "number")]
                continue
            seen[said["number"]] = row
            self.orders[row] = _said(said)

    def number_of(self, row: int) -> str:
        raw = self.rows[row - 1]
        number = raw.get("number", "") if isinstance(raw, Mapping) else ""
        return number[:80] if isinstance(number, str) else ""


def answered(batch: ReadBatch, taken: Mapping[int, Taken]) -> Iterable[dict[str, Any]]:
    """A result for each row, in their order."""
    for row in range(1, len(batch.rows) + 1):
        answer = {"row": row, "number": batch.number_of(row), "id": None, "state": None, "order": None}
        if found := taken.get(row):
            made = found.order
            ours = made.order.public_id if made.order else None
            answer |= {"number": made.number, "id": made.pk, "state": made.state, "order": ours}
        problems = [problem.as_dict() for problem in batch.problems.get(row, ())]
        yield answer | {"changed": bool(found and found.news), "problems": problems}


def _said(said: Mapping[str, Any]) -> SaidOrder:
    lines = [SaidLine(**line) for line in said["lines"]]
    heading = {name: said[name] for name in ("number", "customer_name", "is_paid", "is_cancelled")}
    currency = said["currency"].upper()
    return SaidOrder(**heading, lines=lines, currency=currency, placed_at=said.get("placed_at"))


def _list_of(rows: Any) -> list[Any]:
    if isinstance(rows, list) and 1 <= len(rows) <= MOST_ORDERS:
        return rows
    message = _("Send 1 to %(most)s orders as a list.") % {"most": MOST_ORDERS}
    raise DomainError("not_a_list", message, [Problem("not_a_list", message, "orders")])
