"""Reservations: stock that is held for somebody. on hand = available + reserved."""

from typing import Any, cast

from django.db.models import Q
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.access import Right, visible_brands
from catalog.api.base import BrandViewSet, named_brand
from catalog.api.fields import shown_by
from erp.core.api.fields import MomentField, RowIdField
from erp.core.api.idempotency import KEY_PARAMETER, idempotency_key
from erp.core.errors import DomainError, Problem
from erp.core.filters import IdFilter, MadeBetween
from erp.inventory.api.lines import Entered, read_lines
from erp.inventory.models import MovementKind, Reservation
from erp.inventory.querysets import of_reference
from erp.inventory.services import MAX_LINES, MAX_QUANTITY, Claim
from erp.inventory.services.by_hand import release_by_hand, reserve_by_hand

HOLD = {
    "brand": "haneul",
    "reference": "basket 8812",
    "expires_at": "2026-11-21T18:30:00+09:00",
    "lines": [{"sku": "HA0001-NV-M", "quantity": 2, "source": "MAIN"}],
}


class ReservationSerializer(serializers.ModelSerializer):
    brand = shown_by()
    location = shown_by("code")
    sku = serializers.CharField(source="variant.sku", read_only=True)
    open = serializers.IntegerField(read_only=True, help_text="quantity - shipped - released.")
    actor = shown_by("username")

    class Meta:
        model = Reservation
        fields = [
            "id", "brand", "variant", "sku", "location", "quantity", "shipped", "released", "open", "reference",
            "line", "expires_at", "actor", "created_at", "closed_at",
        ]  # fmt: skip
        read_only_fields = fields


class ClaimSerializer(serializers.Serializer):
    """Give one of `variant`, `sku` and `barcode`."""

    variant = RowIdField(required=False)
    sku = serializers.CharField(required=False, max_length=80)
    barcode = serializers.CharField(required=False, max_length=48)
    quantity = serializers.IntegerField(min_value=1, max_value=MAX_QUANTITY)
    source = serializers.CharField(help_text="The code of the location it lies at.")  # type: ignore[assignment]


class HoldSerializer(serializers.Serializer):
    """What a request to hold says besides its lines."""

    reference = serializers.CharField(required=False, allow_blank=True, max_length=80)
    expires_at = MomentField(required=False, allow_null=True, help_text="Left out: until it is released or shipped.")
    # A field of this name, not the attribute of REST framework's.
    partial = serializers.BooleanField(  # type: ignore[assignment]
        required=False, default=False, help_text="Hold what is there of each line."
    )


class HoldEntrySerializer(HoldSerializer):
    brand = serializers.SlugField(max_length=40)
    lines = serializers.ListField(child=ClaimSerializer(), allow_empty=False, max_length=MAX_LINES)


class ReleaseSerializer(serializers.Serializer):
    quantity = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=MAX_QUANTITY, help_text="Left out: all that is open."
    )
    open = serializers.IntegerField(
        required=False, min_value=0, help_text="With `quantity`: how many were open when you looked."
    )


class HeldSerializer(serializers.Serializer):
    reservations = ReservationSerializer(many=True)


class ReservationFilter(MadeBetween):
    brand = filters.ModelChoiceFilter(to_field_name="slug", queryset=visible_brands)
    variant = IdFilter(field_name="variant_id", label="The id of a variant.")
    product = IdFilter(field_name="variant__product_id", label="The id of a product.")
    sku = filters.CharFilter(field_name="variant__sku")
    location = filters.CharFilter(field_name="location__code", label="The code of a location.")
    reference = filters.CharFilter(method="of_reference")
    is_open = filters.BooleanFilter(field_name="closed_at", lookup_expr="isnull", label="Still holds something.")

    class Meta:
        model = Reservation
        fields = ["brand", "product", "variant", "sku", "location", "reference", "is_open"]

    def of_reference(self, queryset: Any, name: str, reference: str) -> Any:
        condition: Q = of_reference(reference)
        return queryset.filter(condition)


@extend_schema(tags=["reservations"])
@extend_schema_view(
    list=extend_schema(summary="What is held, newest first"), retrieve=extend_schema(summary="One reservation")
)
class ReservationsViewSet(ListModelMixin, RetrieveModelMixin, BrandViewSet):
    """Stock that is promised: it is on hand, but not available to anybody else."""

    scope = "stock"
    queryset = Reservation.objects.select_related("brand", "variant", "location", "actor")
    serializer_class = ReservationSerializer
    filterset_class = ReservationFilter

    @extend_schema(
        summary="Hold stock",
        description="Holds all lines or none; with `partial`, as much of each as there is. The same `Idempotency-Key` "
        "answers the same reservations again. What an order holds is held and released by the order.",
        parameters=[KEY_PARAMETER],
        request=HoldEntrySerializer,
        responses={201: HeldSerializer},
        examples=[OpenApiExample("Hold for a basket", value=HOLD, request_only=True)],
    )
    def create(self, request: Request) -> Response:
        brand = named_brand(request, Right.WORK)
        key = idempotency_key(request)
        entered = HoldSerializer(data=request.data)
        entered.is_valid(raise_exception=True)
        lines = read_lines(brand, MovementKind.SHIPMENT, _lines(request))
        _refuse_unreadable(lines)
        claims = [Claim(line.variant_id, line.quantity, cast(int, line.source_id)) for line in lines.lines]
        try:
            made = reserve_by_hand(
                brand=brand, claims=claims, actor=self.actor, idempotency_key=key, **entered.validated_data
            )
        except DomainError as error:
            raise lines.explain(error) from error
        return Response({"reservations": self.get_serializer(made, many=True).data}, status=201)

    @extend_schema(
        summary="Release a reservation",
        description="Gives back all that is open, or `quantity` pieces while `open` are open: a request that is sent "
        "again gives back nothing more. What is not held any more is refused with 409.",
        request=ReleaseSerializer,
        responses={200: ReservationSerializer},
    )
    def release(self, request: Request, pk: int) -> Response:
        reservation = self.get_object()
        entered = ReleaseSerializer(data=request.data)
        entered.is_valid(raise_exception=True)
        said = entered.validated_data
        release_by_hand(reservation=reservation, quantity=said.get("quantity"), seen_open=said.get("open"))
        reservation.refresh_from_db()
        return Response(self.get_serializer(reservation).data)


def _lines(request: Request) -> Any:
    return request.data.get("lines") if isinstance(request.data, dict) else None


def _refuse_unreadable(lines: Entered) -> None:
    """What is no list of lines at all: there is nothing to look at one by one."""
    whole: Problem | None = lines.problems.get((0, "lines"))
    if whole is not None:
        raise DomainError(whole.code, whole.message, [whole])
