"""Orders over the API: taken in, placed, picked, shipped and cancelled by the same services as the pages."""

from __future__ import annotations

from typing import Any, cast

from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.access import Right, visible_brands
from catalog.api.base import BrandViewSet, named_brand
from catalog.models import Brand
from erp.core.api.idempotency import KEY_PARAMETER, REPLAY_PARAMETER, idempotency_key
from erp.core.errors import DomainError, Problem
from erp.core.filters import IdFilter, MadeBetween
from erp.inventory.models import Location
from erp.inventory.services.locations import ensure_locations
from erp.trade.api import order_serializers as shapes
from erp.trade.api.lines import pieces_by
from erp.trade.api.order_lines import read_entries
from erp.trade.models import Channel, DeliverTo, Order, Partner
from erp.trade.selectors.orders import with_figures
from erp.trade.selectors.owed import owing
from erp.trade.services import orders
from erp.trade.services.orders.write import SELLABLE

WHOLESALE = {
    "brand": "haneul",
    "buyer": 12,
    "step": "sell",
    "shortage": "owed",
    "paid": "180000",
    "method": "cash",
    "lines": [{"sku": "HA0001-NV-M", "quantity": 6, "unit_price": "28000"}, {"pack": "GOMI-1", "quantity": 1}],
}
MARKETPLACE = {
    "brand": "haneul",
    "channel": "online",
    "channel_name": "smartstore",
    "channel_number": "2026112012345",
    "customer_name": "김하나",
    "expires_at": "2026-11-21T18:30:00+09:00",
    "lines": [{"sku": "HA0001-NV-M", "quantity": 1}],
}
SHIPMENT = {"lines": [{"line": 31, "quantity": 4, "rest": "owed"}], "paid": "112000", "method": "transfer"}
PARCEL = {"courier": "cj", "tracking_number": "1234-5678-9012"}
ABOUT = """Packs are exploded into their variants. `step` says how far it goes at once; all of it happens, or nothing.

The header `Idempotency-Key` is required. The same key, and the same `channel_number` of the same `channel_name`, answer
the first order again with 200 and `Idempotent-Replay: true`; with other content either is refused with 409."""
UNKNOWN = {
    "buyer": _("There is no such buyer. Choose one of the list."),
    "deliver_to": _("This shop belongs to another buyer. Choose one of the list."),
    "location": _("There is no such location. Choose one of the list."),
    "orders": _("There is no order %(ids)s in this brand."),
}
KEYED: dict[str, Any] = {"parameters": [KEY_PARAMETER]}
FULL = shapes.FullOrderSerializer


class OrderFilter(MadeBetween):
    brand = filters.ModelChoiceFilter(to_field_name="slug", queryset=visible_brands)
    buyer = IdFilter(field_name="buyer_id", label="The id of a buyer.")
    location = filters.CharFilter(field_name="location__code", label="The code of a location.")
    number = filters.CharFilter()
    channel_number = filters.CharFilter()
    sku = filters.CharFilter(field_name="lines__variant__sku", distinct=True)
    owed = filters.BooleanFilter(method="of_owed", label="Pieces of it are owed.")

    class Meta:
        model = Order
        fields = ["brand", "state", "channel", "buyer", "number", "channel_name", "channel_number", "sku", "owed"]

    def of_owed(self, queryset: Any, name: str, wanted: bool) -> Any:
        return queryset.filter(owing()) if wanted else queryset.exclude(owing())


@extend_schema(tags=["orders"])
@extend_schema_view(
    list=extend_schema(summary="Orders, newest first"),
    retrieve=extend_schema(summary="One order with its lines, shipments and steps", responses=FULL),
)
class OrdersViewSet(ListModelMixin, RetrieveModelMixin, BrandViewSet):
    """Orders of buyers, of customers in the shop, and of marketplaces."""

    scope = "trade"
    queryset = with_figures(Order.objects.all()).select_related("brand", "buyer", "location", "created_by")
    serializer_class = shapes.OrderSerializer
    filterset_class = OrderFilter
    orderings = {"number": "number"}
    synced_by = "updated_at"
    lookup_field = "public_id"
    lookup_value_converter = "uuid"

    def get_serializer_class(self) -> Any:
        return FULL if self.action == "retrieve" else shapes.OrderSerializer

    def _full(self, order: Order) -> Any:
        found = self.get_queryset().prefetch_related(
            "lines__variant", "shipments__posting", "shipments__slip", "shipments__reversal", "shipments__actor",
            "events__actor",
        )  # fmt: skip
        row = found.get(pk=order.pk)
        shown = self.get_serializer(row) if self.action == "retrieve" else FULL(row)
        return shown.data

    def _answer(self, order: Order, *, status: int = 200, replayed: bool = False) -> Response:
        headers = {"Idempotent-Replay": "true"} if replayed else None
        return Response(self._full(order), status=200 if replayed else status, headers=headers)

    def _read(self, shape: Any) -> dict[str, Any]:
        entered = shape(data=self.request.data)
        entered.is_valid(raise_exception=True)
        return entered.validated_data

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self._answer(self.get_object())

    @extend_schema(
        summary="Take in an order",
        description=ABOUT,
        parameters=[KEY_PARAMETER, REPLAY_PARAMETER],
        request=shapes.OrderEntrySerializer,
        responses={201: FULL, 200: FULL},
        examples=[
            OpenApiExample("Sold over the counter", value=WHOLESALE, request_only=True),
            OpenApiExample("From a marketplace", value=MARKETPLACE, request_only=True),
        ],
    )
    def create(self, request: Request) -> Response:
        brand, key = named_brand(request, Right.WORK), idempotency_key(request)
        said = self._read(shapes.NewOrderSerializer)
        entered = read_entries(brand, cast(dict, request.data).get("lines"))
        common = {"brand": brand, "actor": self.actor, "idempotency_key": key, "entries": entered.entries}
        common |= heading_of(brand, said)
        try:
            order = _taken(common, said)
        except DomainError as error:
            raise entered.explain(error) from error
        return self._answer(order, status=201, replayed=order.replayed)

    @extend_schema(summary="Change a draft", request=shapes.DraftSerializer, responses=FULL)
    def partial_update(self, request: Request, public_id: Any) -> Response:
        order = self.get_object()
        said = self._read(shapes.OrderHeadingSerializer)
        kept = {"buyer": order.buyer_id, "deliver_to": order.deliver_to_id, "location": order.location.code}
        heading = heading_of(order.brand, kept | {"channel": order.channel} | said)
        entered = read_entries(order.brand, cast(dict, request.data).get("lines"))
        try:
            orders.update_order(order=order, entries=entered.entries, **heading)
        except DomainError as error:
            raise entered.explain(error) from error
        return self._answer(order)

    @extend_schema(summary="Add goods", **KEYED, request=shapes.OrderedLinesSerializer, responses=FULL)
    @action(detail=True, methods=["post"], url_path="lines")
    def add(self, request: Request, public_id: Any) -> Response:
        """More goods for a placed order: what is in stock is held for them, the rest waits. What is on it already
        counts up, at its price."""
        order, key = self.get_object(), idempotency_key(request)
        entered = read_entries(order.brand, cast(dict, request.data).get("lines"))
        try:
            orders.add_to_order(order=order, entries=entered.entries, actor=self.actor, idempotency_key=key)
        except DomainError as error:
            raise entered.explain(error) from error
        return self._answer(order)

    @extend_schema(summary="Place a draft", request=shapes.PlaceSerializer, responses=FULL)
    @action(detail=True, methods=["post"])
    def place(self, request: Request, public_id: Any) -> Response:
        """Holds what is in stock; placed before, nothing happens."""
        order = self.get_object()
        orders.place_order(order=order, actor=self.actor, **self._read(shapes.PlaceSerializer))
        return self._answer(order)

    @extend_schema(summary="Say what is picked", request=shapes.PickSerializer, responses=FULL)
    @action(detail=True, methods=["post"])
    def pick(self, request: Request, public_id: Any) -> Response:
        """Of each line; lines that are not named have none picked."""
        order = self.get_object()
        wanted = _quantities(self._read(shapes.PickSerializer)) or {}
        orders.pick_order(order=order, quantities=wanted, actor=self.actor)
        return self._answer(order)

    @extend_schema(summary="Hold what waits", **KEYED, request=shapes.ReserveSerializer, responses=FULL)
    @action(detail=True, methods=["post"])
    def reserve(self, request: Request, public_id: Any) -> Response:
        order, key = self.get_object(), idempotency_key(request)
        wanted = _quantities(self._read(shapes.ReserveSerializer))
        orders.reserve_waiting(order=order, quantities=wanted, actor=self.actor, idempotency_key=key)
        return self._answer(order)

    @extend_schema(
        summary="Ship all or a part",
        parameters=[KEY_PARAMETER, REPLAY_PARAMETER],
        request=shapes.ShipSerializer,
        responses=FULL,
        examples=[
            OpenApiExample("A part, the rest owed", value=SHIPMENT, request_only=True),
            OpenApiExample("A parcel", value=PARCEL, request_only=True),
        ],
    )
    @action(detail=True, methods=["post"])
    def ship(self, request: Request, public_id: Any) -> Response:
        """The goods leave, and for a buyer the slip is written: all of it, or nothing."""
        order, key = self.get_object(), idempotency_key(request)
        said = self._read(shapes.ShipSerializer)
        rests = {row["line"]: row["rest"] for row in said.get("lines", ()) if "rest" in row}
        if said["rest"] != orders.Shortage.WAIT:
            rests = dict.fromkeys(order.lines.values_list("pk", flat=True), said["rest"]) | rests
        shipment = orders.ship_order(
            order=order,
            actor=self.actor,
            idempotency_key=key,
            quantities=_quantities(said),
            shortages=rests,
            paid=said["paid"],
            method=said["method"],
            note=said["note"],
            courier=said["courier"],
            tracking_number=said["tracking_number"],
        )
        return self._answer(order, replayed=shipment.replayed)

    @extend_schema(summary="Cancel all or a part", **KEYED, request=shapes.CancelSerializer, responses=FULL)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, public_id: Any) -> Response:
        """What is held goes back on sale, and owed goods are credited to the buyer."""
        order, key = self.get_object(), idempotency_key(request)
        said = self._read(shapes.CancelSerializer)
        wanted = _quantities(said)
        orders.cancel_order(order=order, actor=self.actor, idempotency_key=key, quantities=wanted, note=said["note"])
        return self._answer(order)

    @extend_schema(summary="It is paid", request=None, responses=FULL)
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, public_id: Any) -> Response:
        """What is held for it does not expire any more."""
        order = self.get_object()
        orders.confirm_order(order=order, actor=self.actor)
        return self._answer(order)

    @extend_schema(
        operation_id="orders_ship_many",
        summary="Ship what is held of many orders",
        **KEYED,
        request=shapes.ShipManySerializer,
        responses=shapes.ResultsSerializer,
        filters=False,
    )
    @action(detail=False, methods=["post"], url_path="ship", pagination_class=None)
    def ship_many(self, request: Request) -> Response:
        """Each for itself: what cannot go is named and leaves the others alone."""
        brand, key = named_brand(request, Right.WORK), idempotency_key(request)
        wanted = self._read(shapes.ShipManySerializer)["orders"]
        found = Order.objects.of(brand).filter(public_id__in=wanted).order_by("pk")
        missing = set(wanted) - set(found.values_list("public_id", flat=True))
        if missing:
            _refuse_unknown("orders", ids=", ".join(sorted(map(str, missing))))
        results = orders.ship_orders(orders=found, actor=self.actor, idempotency_key=key)
        return Response({"results": shapes.ShippedSerializer(results, many=True).data})


def _taken(common: dict[str, Any], said: dict[str, Any]) -> Order:
    if said["paid"] and said["step"] != "sell":
        message = str(_("Only what is sold at once is paid with the order. Send the payment with the shipment."))
        raise DomainError("paid_needs_sale", message, [Problem("paid_needs_sale", message, "paid")])
    if said["step"] == "draft":
        return orders.create_order(**common)
    if said["step"] == "sell":
        return orders.sell_now(**common, **{name: said[name] for name in ("shortage", "paid", "method")})
    return orders.take_order(**common, partial=said["partial"])


def _quantities(said: dict[str, Any]) -> dict[int, int] | None:
    """Pieces by line; None where no lines are named."""
    return pieces_by("line", said["lines"]) if "lines" in said else None


def heading_of(brand: Brand, said: dict[str, Any]) -> dict[str, Any]:
    """The rows that a request names by id or code; what is not there is refused."""
    buyer = _row(Partner.objects.of(brand).filter(is_buyer=True), said.get("buyer"), "buyer")
    shop = _row(DeliverTo.objects.filter(partner=buyer), said.get("deliver_to"), "deliver_to")
    texts = ("customer_name", "channel_name", "channel_number", "note", "expires_at")
    return {name: said[name] for name in texts if name in said} | {
        "buyer": buyer,
        "deliver_to": shop,
        "channel": said.get("channel") or (Channel.WHOLESALE if buyer else Channel.ONLINE),
        "location": _location(brand, said.get("location", "")),
    }


def _row(rows: Any, pk: int | None, field: str) -> Any:
    if pk is None:
        return None
    return rows.filter(pk=pk).first() or _refuse_unknown(field)


def _location(brand: Brand, code: str) -> Location:
    places = Location.objects.of(brand).open().filter(kind__in=SELLABLE)
    if not places.exists():
        ensure_locations(brand=brand)
    found = places.filter(code=code.replace("\0", "")).first() if code else places.first()
    return found or _refuse_unknown("location")


def _refuse_unknown(field: str, **words: str) -> Any:
    message = str(UNKNOWN[field]) % words if words else str(UNKNOWN[field])
    raise DomainError("does_not_exist", message, [Problem("does_not_exist", message, field)])
