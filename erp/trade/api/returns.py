"""Returns and exchanges over the API."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.access import Right, visible_brands
from catalog.api.base import BrandViewSet, named_brand
from catalog.api.fields import shown_by
from catalog.models import Brand, Variant
from erp.core.api.fields import RowIdField, choice_or_blank
from erp.core.api.idempotency import KEY_PARAMETER, REPLAY_PARAMETER, idempotency_key
from erp.core.errors import DomainError, Problem
from erp.core.filters import IdFilter, MadeBetween
from erp.trade.api.goods import PricedLineSerializer, find_variants, read_partner
from erp.trade.api.lines import read_place
from erp.trade.api.partners import answer
from erp.trade.models import AccountEntry, Order, ReturnLine, ReturnNote
from erp.trade.selectors.returns import Effects
from erp.trade.services.return_draft import ReturnEntry
from erp.trade.services.returns import create_return, preview_return, take_back_return

RETURN = {
    "brand": "haneul",
    "order": "SO-261121-004",
    "paid": "0",
    "reason": "wrong size",
    "lines": [
        {"sku": "HA0001-NV-M", "quantity": 2, "kind": "sellable", "location": "MAIN"},
        {"sku": "HA0001-NV-L", "quantity": 1, "kind": "sent", "location": "MAIN"},
    ],
}


class ReturnLineSerializer(serializers.ModelSerializer):
    sku = serializers.CharField(source="variant.sku", read_only=True)
    location = shown_by("code")

    class Meta:
        model = ReturnLine
        fields = ["kind", "variant", "sku", "quantity", "unit_price", "location"]
        read_only_fields = fields


class ReturnSerializer(serializers.ModelSerializer):
    id = serializers.UUIDField(source="public_id", read_only=True)
    brand = shown_by()
    order = shown_by("number")
    slip = shown_by("public_id")
    posting = shown_by("public_id")
    sent = shown_by("public_id")
    method = choice_or_blank(AccountEntry.Method.choices)
    created_by = shown_by("username")
    lines = ReturnLineSerializer(many=True, read_only=True)

    class Meta:
        model = ReturnNote
        fields = [
            "id", "brand", "number", "order", "buyer", "currency", "total", "paid", "method", "reason", "note", "slip",
            "posting", "sent", "created_by", "created_at", "updated_at", "taken_back_at",
            "lines",
        ]  # fmt: skip
        read_only_fields = fields


class ReturnLineEntrySerializer(PricedLineSerializer):
    kind = serializers.ChoiceField(choices=ReturnLine.Kind.choices)
    location = serializers.CharField(max_length=20, help_text="The code of the place it comes to, or is sent from.")


class ReturnEntrySerializer(serializers.Serializer):
    brand = serializers.SlugField(max_length=40)
    order = serializers.CharField(required=False, max_length=30, help_text="The number of the order it is against.")
    buyer = RowIdField(required=False, help_text="Without an order: whose account.")
    paid = serializers.DecimalField(
        max_digits=14, decimal_places=2, required=False, allow_null=True, default=Decimal(0),
        help_text="Below zero where money is paid back. null: the whole difference is settled now.",
    )  # fmt: skip
    method = serializers.ChoiceField(choices=AccountEntry.Method.choices, required=False)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=200)
    note = serializers.CharField(required=False, allow_blank=True, max_length=200)
    lines = ReturnLineEntrySerializer(many=True, allow_empty=False)


class StockEffectSerializer(serializers.Serializer):
    variant = serializers.IntegerField(source="variant.pk")
    sku = serializers.CharField(source="variant.sku")
    location = serializers.CharField(source="location.code")
    change = serializers.IntegerField()
    then = serializers.IntegerField(help_text="What is on hand there after it.")


class EffectsSerializer(serializers.Serializer):
    """`earlier` and `later` are the buyer's balance; null without an account."""

    stock = StockEffectSerializer(many=True)
    currency = serializers.CharField()
    total = serializers.DecimalField(max_digits=14, decimal_places=2)
    paid = serializers.DecimalField(max_digits=14, decimal_places=2)
    earlier = serializers.DecimalField(max_digits=14, decimal_places=2, allow_null=True)
    later = serializers.DecimalField(max_digits=14, decimal_places=2, allow_null=True)


class ReasonSerializer(serializers.Serializer):
    reason = serializers.CharField(required=False, allow_blank=True, max_length=200)


class ReturnFilter(MadeBetween):
    brand = filters.ModelChoiceFilter(to_field_name="slug", queryset=visible_brands)
    buyer = IdFilter(field_name="buyer_id", label="The id of a buyer.")
    order = filters.CharFilter(field_name="order__number", label="The number of an order.")
    sku = filters.CharFilter(field_name="lines__variant__sku", distinct=True)

    class Meta:
        model = ReturnNote
        fields = ["brand", "buyer", "order", "number", "sku"]


@extend_schema(tags=["returns"])
@extend_schema_view(list=extend_schema(summary="Returns, newest first"), retrieve=extend_schema(summary="One return"))
class ReturnsViewSet(ListModelMixin, RetrieveModelMixin, BrandViewSet):
    """Goods that came back, what was sent for them, and what it did to the money."""

    scope = "trade"
    reads_by_post = ("preview",)
    queryset = ReturnNote.objects.select_related(
        "brand", "order", "slip", "posting", "sent", "created_by"
    ).prefetch_related("lines__variant", "lines__location")
    serializer_class = ReturnSerializer
    filterset_class = ReturnFilter
    orderings = {"number": "number"}
    synced_by = "updated_at"
    keyless = frozenset({"preview"})
    lookup_field = "public_id"
    lookup_value_converter = "uuid"

    @extend_schema(
        summary="Take goods back, or exchange them",
        description=(
            "Stock and money move together or not at all. Against an order no more comes back than was shipped and has "
            "not come back before. The difference goes to the buyer's account, less what is `paid`."
        ),
        parameters=[KEY_PARAMETER, REPLAY_PARAMETER],
        request=ReturnEntrySerializer,
        responses={201: ReturnSerializer, 200: ReturnSerializer},
        examples=[OpenApiExample("Exchange of a size", value=RETURN, request_only=True)],
    )
    def create(self, request: Request) -> Response:
        asked = self._asked(request)
        note = create_return(idempotency_key=idempotency_key(request), **asked)
        return answer(ReturnSerializer(self.get_queryset().get(pk=note.pk)).data, replayed=note.replayed)

    @extend_schema(
        summary="What a return would do",
        description="Takes the same body and refuses the same; nothing is saved.",
        request=ReturnEntrySerializer,
        responses={200: EffectsSerializer},
    )
    @action(detail=False, methods=["post"])
    def preview(self, request: Request) -> Response:
        effects: Effects = preview_return(idempotency_key=uuid4().hex, **self._asked(request))
        return Response(EffectsSerializer(effects).data)

    @extend_schema(
        summary="Take a return back",
        description="Goods, money, and what it counted on the order, all at once. Asked again, it does nothing.",
        request=ReasonSerializer,
        responses={200: ReturnSerializer},
    )
    @action(detail=True, methods=["post"], url_path="take-back")
    def take_back(self, request: Request, public_id: Any) -> Response:
        note = self.get_object()
        entered = ReasonSerializer(data=request.data)
        entered.is_valid(raise_exception=True)
        take_back_return(note=note, actor=self.actor, **entered.validated_data)
        return Response(ReturnSerializer(self.get_queryset().get(pk=note.pk)).data)

    def _asked(self, request: Request) -> dict[str, Any]:
        brand = named_brand(request, Right.WORK)
        entered = ReturnEntrySerializer(data=request.data)
        entered.is_valid(raise_exception=True)
        asked = dict(entered.validated_data)
        buyer, number = asked.pop("buyer", None), asked.pop("order", "")
        asked |= {
            "brand": brand,
            "actor": self.actor,
            "order": _order(brand, number) if number else None,
            "buyer": read_partner(brand, buyer, "buyer") if buyer else None,
            "entries": _entries(brand, asked.pop("lines")),
        }
        return asked


def _order(brand: Brand, number: str) -> Order:
    found = Order.objects.of(brand).filter(number=number).select_related("buyer").first()
    if found is None:
        message = _("There is no order %(number)s.") % {"number": number}
        raise DomainError("does_not_exist", message, [Problem("does_not_exist", message, "order")])
    return found


def _entries(brand: Brand, lines: list[dict[str, Any]]) -> list[ReturnEntry]:
    pks = find_variants(brand, lines)
    variants = Variant.objects.of(brand).select_related("product").in_bulk(pks)
    wrong = [
        Problem(
            "unknown_variant", _("There is no such variant. Check the SKU or scan the barcode again."), "variant", n
        )
        for n, pk in enumerate(pks, start=1)
        if pk not in variants
    ]
    if wrong:
        raise DomainError("unknown_variant", wrong[0].message, wrong)
    places = {code: read_place(brand, code) for code in {line["location"] for line in lines}}
    return [
        ReturnEntry(variants[pk], line["kind"], line["quantity"], places[line["location"]], line.get("unit_price"))
        for pk, line in zip(pks, lines, strict=True)
    ]
