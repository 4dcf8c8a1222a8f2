"""Partners, their shops, and their accounts over the API."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.access import Right, require, visible_brands
from catalog.api.base import BrandViewSet, named_brand
from catalog.api.fields import shown_by
from erp.core.api.fields import choice_or_blank
from erp.core.api.idempotency import KEY_PARAMETER, REPLAY_PARAMETER, idempotency_key
from erp.core.filters import IdFilter, MadeBetween
from erp.trade.models import AccountEntry, DeliverTo, Partner
from erp.trade.services import accounts
from erp.trade.services.partners import create_partner, create_shop, update_partner, update_shop

OWN = ["name", "kind", "is_supplier", "is_buyer", "phone", "address", "business_number", "note", "credit_limit",
       "is_active"]  # fmt: skip
PAYMENT = {"amount": "50000", "method": "transfer", "day": "2026-11-21", "note": "November"}


def answer(data: Any, *, replayed: bool) -> Response:
    """201 for what is new, 200 and a header for the repetition of it."""
    if replayed:
        return Response(data, status=200, headers={"Idempotent-Replay": "true"})
    return Response(data, status=201)


class ShopSerializer(serializers.ModelSerializer):
    class Meta:
        model = DeliverTo
        fields = ["id", "name", "phone", "address", "is_active"]

    def get_unique_together_validators(self) -> list[Any]:
        return []


class PartnerSerializer(serializers.ModelSerializer):
    brand = shown_by()
    balance = serializers.DecimalField(
        max_digits=14, decimal_places=2, read_only=True, help_text="What they owe; below zero they have credit."
    )
    shops = ShopSerializer(many=True, read_only=True)

    class Meta:
        model = Partner
        fields = ["id", "brand", *OWN, "balance", "shops", "updated_at"]
        read_only_fields = fields


class PartnerEntrySerializer(serializers.ModelSerializer):
    class Meta:
        model = Partner
        fields = OWN

    def get_unique_together_validators(self) -> list[Any]:
        return []


class NewPartnerSerializer(PartnerEntrySerializer):
    brand = serializers.SlugField(max_length=40, write_only=True)

    class Meta(PartnerEntrySerializer.Meta):
        fields = ["brand", *OWN]


class AccountEntrySerializer(serializers.ModelSerializer):
    method = choice_or_blank(AccountEntry.Method.choices)
    slip = shown_by("public_id")
    actor = shown_by("username")
    reversed_by = serializers.SerializerMethodField()

    class Meta:
        model = AccountEntry
        fields = ["id", "partner", "kind", "method", "amount", "balance_after", "slip", "reverses", "reversed_by",
                  "note", "actor", "occurred_on", "recorded_at"]  # fmt: skip
        read_only_fields = fields

    def get_reversed_by(self, entry: AccountEntry) -> int | None:
        """The entry that took this one back."""
        return entry.reversed_by.pk if hasattr(entry, "reversed_by") else None


class AmountSerializer(serializers.Serializer):
    """Above zero they owe more, below zero less."""

    amount = serializers.DecimalField(max_digits=14, decimal_places=2)
    day = serializers.DateField(required=False, help_text="The business day; left out: today.")
    note = serializers.CharField(required=False, allow_blank=True, max_length=200)


class PaymentSerializer(AmountSerializer):
    """`amount` is what was paid."""

    method = serializers.ChoiceField(choices=AccountEntry.Method.choices)


class CorrectionSerializer(AmountSerializer):
    note = serializers.CharField(max_length=200, help_text="Why.")


class PartnerFilter(MadeBetween):
    brand = filters.ModelChoiceFilter(to_field_name="slug", queryset=visible_brands)
    name = filters.CharFilter(lookup_expr="icontains")
    owing = filters.BooleanFilter(method="who_owes", label="Who owes something.")

    class Meta:
        model = Partner
        fields = ["brand", "name", "kind", "is_supplier", "is_buyer", "is_active", "owing"]

    def who_owes(self, rows: Any, name: str, wanted: bool) -> Any:
        return rows.filter(balance__gt=0) if wanted else rows.filter(balance__lte=0)


def with_balance(rows: QuerySet[Partner]) -> Any:
    return rows.annotate(balance=Coalesce(F("account__balance"), Decimal(0)))


@extend_schema(tags=["partners"])
@extend_schema_view(list=extend_schema(summary="List partners"), retrieve=extend_schema(summary="One partner"))
class PartnersViewSet(ListModelMixin, RetrieveModelMixin, BrandViewSet):
    """Whom a brand buys from and sells to, with what they owe."""

    scope = "trade"
    queryset = with_balance(Partner.objects.select_related("brand")).prefetch_related("shops")
    serializer_class = PartnerSerializer
    filterset_class = PartnerFilter
    orderings = {"name": "name"}
    synced_by = "updated_at"

    @extend_schema(summary="Add a partner", request=NewPartnerSerializer, responses={201: PartnerSerializer})
    def create(self, request: Request) -> Response:
        brand = named_brand(request, Right.WORK)
        entered = NewPartnerSerializer(data=request.data)
        entered.is_valid(raise_exception=True)
        fields = {name: value for name, value in entered.validated_data.items() if name != "brand"}
        return Response(self._shown(create_partner(brand=brand, **fields)), status=201)

    @extend_schema(summary="Change a partner", request=PartnerEntrySerializer, responses=PartnerSerializer)
    def partial_update(self, request: Request, pk: int) -> Response:
        partner = self.get_object()
        entered = PartnerEntrySerializer(partner, data=request.data, partial=True)
        entered.is_valid(raise_exception=True)
        return Response(self._shown(update_partner(partner=partner, **entered.validated_data)))

    @extend_schema(summary="Add a deliver-to shop", request=ShopSerializer, responses={201: ShopSerializer})
    @action(detail=True, methods=["post"])
    def shops(self, request: Request, pk: int) -> Response:
        partner = self.get_object()
        entered = ShopSerializer(data=request.data)
        entered.is_valid(raise_exception=True)
        return Response(ShopSerializer(create_shop(partner=partner, **entered.validated_data)).data, status=201)

    @extend_schema(
        summary="Record a payment",
        parameters=[KEY_PARAMETER, REPLAY_PARAMETER],
        request=PaymentSerializer,
        responses={201: AccountEntrySerializer, 200: AccountEntrySerializer},
        examples=[OpenApiExample("Bank transfer", value=PAYMENT, request_only=True)],
    )
    @action(detail=True, methods=["post"])
    def payments(self, request: Request, pk: int) -> Response:
        return self._enter(request, PaymentSerializer, accounts.record_payment)

    @extend_schema(
        summary="Enter the opening balance",
        parameters=[KEY_PARAMETER, REPLAY_PARAMETER],
        request=AmountSerializer,
        responses={201: AccountEntrySerializer, 200: AccountEntrySerializer},
    )
    @action(detail=True, methods=["post"])
    def opening(self, request: Request, pk: int) -> Response:
        return self._enter(request, AmountSerializer, accounts.record_opening)

    @extend_schema(
        summary="Correct the account",
        description="The owner's: it changes what is owed without a paper.",
        parameters=[KEY_PARAMETER, REPLAY_PARAMETER],
        request=CorrectionSerializer,
        responses={201: AccountEntrySerializer, 200: AccountEntrySerializer},
    )
    @action(detail=True, methods=["post"])
    def corrections(self, request: Request, pk: int) -> Response:
        require(request.user, self.get_object().brand, Right.MANAGE)
        return self._enter(request, CorrectionSerializer, accounts.record_correction)

    def _enter(self, request: Request, serializer: Any, service: Any) -> Response:
        partner = self.get_object()
        key = idempotency_key(request)
        entered = serializer(data=request.data)
        entered.is_valid(raise_exception=True)
        entry = service(partner=partner, actor=self.actor, idempotency_key=key, **entered.validated_data)
        return answer(AccountEntrySerializer(entry).data, replayed=entry.replayed)

    def _shown(self, partner: Partner) -> Any:
        return self.get_serializer(self.get_queryset().get(pk=partner.pk)).data


class ShopsViewSet(RetrieveModelMixin, BrandViewSet):
    """The shops that goods are delivered to for a buyer."""

    scope = "trade"
    queryset = DeliverTo.objects.select_related("partner__brand")
    serializer_class = ShopSerializer
    brand_of = "partner.brand"

    def get_queryset(self) -> Any:
        return DeliverTo.objects.select_related("partner__brand").filter(
            partner__in=Partner.objects.visible_to(self.request.user)
        )

    @extend_schema(summary="Change a deliver-to shop", request=ShopSerializer, responses=ShopSerializer)
    def partial_update(self, request: Request, pk: int) -> Response:
        shop = self.get_object()
        entered = ShopSerializer(shop, data=request.data, partial=True)
        entered.is_valid(raise_exception=True)
        return Response(ShopSerializer(update_shop(shop=shop, **entered.validated_data)).data)


class AccountEntryFilter(filters.FilterSet):
    brand = filters.ModelChoiceFilter(to_field_name="slug", queryset=visible_brands)
    partner = IdFilter(label="The id of a partner.")
    since = filters.DateFilter(field_name="occurred_on", lookup_expr="gte", label="From this business day on.")
    until = filters.DateFilter(field_name="occurred_on", lookup_expr="lte", label="Up to this business day.")

    class Meta:
        model = AccountEntry
        fields = ["brand", "partner", "kind", "since", "until"]


@extend_schema(tags=["partners"])
@extend_schema_view(
    list=extend_schema(summary="What was entered on accounts, newest first"),
    retrieve=extend_schema(summary="One entry"),
)
class AccountEntriesViewSet(ListModelMixin, RetrieveModelMixin, BrandViewSet):
    """Every change of what partners owe, with the balance it left. Nothing here is ever changed or deleted."""

    scope = "trade"
    queryset = AccountEntry.objects.select_related("brand", "slip", "actor", "reversed_by", "partner__brand")
    serializer_class = AccountEntrySerializer
    filterset_class = AccountEntryFilter
    right = Right.MANAGE

    @extend_schema(
        summary="Take an entry back",
        description="By an entry the other way, once. What a slip wrote is taken back with the slip.",
        parameters=[KEY_PARAMETER, REPLAY_PARAMETER],
        request=None,
        responses={201: AccountEntrySerializer, 200: AccountEntrySerializer},
    )
    @action(detail=True, methods=["post"])
    def reverse(self, request: Request, pk: int) -> Response:
        entry = self.get_object()
        key = idempotency_key(request)
        back = accounts.reverse_entry(entry=entry, actor=self.actor, idempotency_key=key)
        return answer(AccountEntrySerializer(back).data, replayed=back.replayed)
