"""Sample loans over the API."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.access import Right, visible_brands
from catalog.api.base import BrandViewSet, named_brand
from catalog.api.fields import shown_by
from erp.core.api.fields import RowIdField
from erp.core.api.idempotency import KEY_PARAMETER, REPLAY_PARAMETER, idempotency_key
from erp.core.api.views import AnyAccept
from erp.core.filters import IdFilter, MadeBetween
from erp.core.pdf import pdf_response
from erp.trade.api.goods import GoodsLineSerializer, PricedLineSerializer, price_field, read_goods, read_partner
from erp.trade.api.lines import read_place
from erp.trade.api.partners import answer
from erp.trade.models import AccountEntry, Loan, LoanEvent, LoanLine
from erp.trade.pdf.loan import LOAN_WIDTHS, loan_pdf
from erp.trade.services import samples

LOAN = {
    "brand": "haneul",
    "borrower": 7,
    "location": "MAIN",
    "due_on": "2026-12-01",
    "lines": [{"sku": "HA0001-NV-M", "quantity": 2}],
}


class LoanLineSerializer(serializers.ModelSerializer):
    sku = serializers.CharField(source="variant.sku", read_only=True)
    out = serializers.IntegerField(read_only=True, help_text="Still with the borrower.")

    class Meta:
        model = LoanLine
        fields = ["variant", "sku", "quantity", "returned", "kept", "out"]
        read_only_fields = fields


class LoanEventSerializer(serializers.ModelSerializer):
    posting = shown_by("public_id")
    slip = shown_by("public_id")

    class Meta:
        model = LoanEvent
        fields = ["id", "kind", "posting", "slip", "taken_back_at"]
        read_only_fields = fields


class LoanSerializer(serializers.ModelSerializer):
    id = serializers.UUIDField(source="public_id", read_only=True)
    brand = shown_by()
    location = shown_by("code")
    posting = shown_by("public_id")
    created_by = shown_by("username")
    days_late = serializers.IntegerField(read_only=True)
    lines = LoanLineSerializer(many=True, read_only=True)
    events = LoanEventSerializer(many=True, read_only=True)

    class Meta:
        model = Loan
        fields = [
            "id", "brand", "number", "borrower", "location", "due_on", "days_late", "note", "posting", "created_by",
            "created_at", "updated_at", "closed_at", "lines", "events",
        ]  # fmt: skip
        read_only_fields = fields


class LoanEntrySerializer(serializers.Serializer):
    brand = serializers.SlugField(max_length=40)
    borrower = RowIdField()
    location = serializers.CharField(max_length=20, help_text="The code of the place it is lent from.")
    due_on = serializers.DateField()
    note = serializers.CharField(required=False, allow_blank=True, max_length=200)
    lines = GoodsLineSerializer(many=True, allow_empty=False)


class DueSerializer(serializers.Serializer):
    due_on = serializers.DateField()


class LostSerializer(serializers.Serializer):
    note = serializers.CharField(required=False, allow_blank=True, max_length=200)
    lines = GoodsLineSerializer(many=True, allow_empty=False)


class BackSerializer(LostSerializer):
    location = serializers.CharField(max_length=20, help_text="The code of the place it comes back to.")


class SoldSerializer(LostSerializer):
    """What was kept or sold, at a price for each line."""

    paid = price_field()
    method = serializers.ChoiceField(choices=AccountEntry.Method.choices, required=False)
    lines = PricedLineSerializer(many=True, allow_empty=False)


class LoansFilter(MadeBetween):
    brand = filters.ModelChoiceFilter(to_field_name="slug", queryset=visible_brands)
    borrower = IdFilter(label="The id of a partner.")
    open = filters.BooleanFilter(field_name="closed_at", lookup_expr="isnull")
    due_before = filters.DateFilter(field_name="due_on", lookup_expr="lt")

    class Meta:
        model = Loan
        fields = ["brand", "borrower", "open", "due_before", "number"]


WRITES: dict[str, Any] = {
    "parameters": [KEY_PARAMETER, REPLAY_PARAMETER],
    "responses": {201: LoanSerializer, 200: LoanSerializer},
}


@extend_schema(tags=["samples"])
@extend_schema_view(list=extend_schema(summary="Loans, newest first"), retrieve=extend_schema(summary="One loan"))
class LoansViewSet(ListModelMixin, RetrieveModelMixin, BrandViewSet):
    """Pieces that are lent until a day, and what became of them."""

    scope = "trade"
    queryset = Loan.objects.select_related("brand", "borrower", "location", "posting", "created_by").prefetch_related(
        "lines__variant", "events__posting", "events__slip"
    )
    serializer_class = LoanSerializer
    filterset_class = LoansFilter
    orderings = {"number": "number", "due_on": "due_on"}
    synced_by = "updated_at"
    lookup_field = "public_id"
    lookup_value_converter = "uuid"

    @extend_schema(
        summary="Lend samples",
        request=LoanEntrySerializer,
        examples=[OpenApiExample("Lend", value=LOAN, request_only=True)],
        **WRITES,
    )
    def create(self, request: Request) -> Response:
        brand = named_brand(request, Right.WORK)
        asked = _read(LoanEntrySerializer, request)
        loan = samples.lend(
            borrower=read_partner(brand, asked["borrower"], "borrower"),
            location=read_place(brand, asked["location"]),
            quantities=read_goods(brand, asked["lines"]).quantities,
            due_on=asked["due_on"],
            note=asked.get("note", ""),
            actor=self.actor,
            idempotency_key=idempotency_key(request),
        )
        return self._answer(loan, replayed=loan.replayed)

    @extend_schema(summary="Pieces came back", request=BackSerializer, **WRITES)
    @action(detail=True, methods=["post"])
    def back(self, request: Request, public_id: Any) -> Response:
        loan, asked = self.get_object(), _read(BackSerializer, request)
        place = read_place(loan.brand, asked["location"])
        return self._settled(loan, samples.take_samples_back(location=place, **self._common(loan, asked, request)))

    @extend_schema(summary="The borrower buys pieces", request=SoldSerializer, **WRITES)
    @action(detail=True, methods=["post"])
    def sold(self, request: Request, public_id: Any) -> Response:
        loan, asked = self.get_object(), _read(SoldSerializer, request)
        prices = read_goods(loan.brand, asked["lines"]).prices
        money = {name: asked[name] for name in ("paid", "method") if name in asked}
        event = samples.sell_samples(unit_prices=prices, **money, **self._common(loan, asked, request))
        return self._settled(loan, event)

    @extend_schema(summary="Pieces are lost", request=LostSerializer, **WRITES)
    @action(detail=True, methods=["post"])
    def lost(self, request: Request, public_id: Any) -> Response:
        loan, asked = self.get_object(), _read(LostSerializer, request)
        return self._settled(loan, samples.lose_samples(**self._common(loan, asked, request)))

    @extend_schema(summary="Another day", request=DueSerializer, responses=LoanSerializer)
    @action(detail=True, methods=["post"])
    def extend(self, request: Request, public_id: Any) -> Response:
        loan, asked = self.get_object(), _read(DueSerializer, request)
        samples.extend_loan(loan=loan, due_on=asked["due_on"])
        return Response(self._shown(loan))

    @extend_schema(
        summary="Take back what was written down of a loan", request=None, responses=LoanSerializer,
        description="The pieces are out again, and a slip is taken back. Asked again, it does nothing.",
    )  # fmt: skip
    @action(detail=True, methods=["post"], url_path="events/<int:event>/take-back")
    def take_back(self, request: Request, public_id: Any, event: int) -> Response:
        loan = self.get_object()
        samples.take_back_event(event=get_object_or_404(loan.events, pk=event), actor=self.actor)
        return Response(self._shown(loan))

    @extend_schema(
        summary="The paper that the borrower signs, as PDF",
        parameters=[OpenApiParameter("width", {"type": "string", "enum": list(LOAN_WIDTHS), "default": "a6"})],
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
        filters=False,
    )
    @action(detail=True, content_negotiation_class=AnyAccept)
    def pdf(self, request: Request, public_id: Any) -> HttpResponseBase:
        loan, width = self.get_object(), request.query_params.get("width", "a6")
        return pdf_response(loan_pdf(loan, width if width in LOAN_WIDTHS else "a6"), f"{loan.number}.pdf")

    def _common(self, loan: Loan, asked: dict[str, Any], request: Request) -> dict[str, Any]:
        return {
            "loan": loan,
            "quantities": read_goods(loan.brand, asked["lines"]).quantities,
            "actor": self.actor,
            "idempotency_key": idempotency_key(request),
            "note": asked.get("note", ""),
        }

    def _settled(self, loan: Loan, event: LoanEvent) -> Response:
        return self._answer(loan, replayed=event.replayed)

    def _answer(self, loan: Loan, *, replayed: bool) -> Response:
        return answer(self._shown(loan), replayed=replayed)

    def _shown(self, loan: Loan) -> Any:
        return LoanSerializer(self.get_queryset().get(pk=loan.pk)).data


def _read(serializer: Any, request: Request) -> dict[str, Any]:
    entered = serializer(data=request.data)
    entered.is_valid(raise_exception=True)
    return entered.validated_data
