"""An order as Shopify's webhooks tell it (topics orders/...). The same order from a file of Shopify says the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from erp.channels.formats.cells import price_of, storable_moment
from erp.channels.formats.orders import MOST_PIECES, SaidLine, SaidOrder, order_template
from erp.core.errors import DomainError, Problem
from erp.exchange.products.text import printable

TOPICS = frozenset(
    {
        "orders/create", "orders/updated", "orders/edited", "orders/paid", "orders/cancelled", "orders/fulfilled",
        "orders/partially_fulfilled",
    }
)  # fmt: skip

UNSENT = frozenset({"cancelled", "error", "failure"})


@dataclass(frozen=True, slots=True)
class Told:
    """The order, when Shopify said it, whether all of it was sent from there, and with whom under which number."""

    order: SaidOrder
    at: datetime | None
    is_fulfilled: bool
    courier: str = ""
    tracking_number: str = ""
    parcel_id: str = ""


def read_order(payload: Any) -> Told:
    """Raises DomainError `unreadable_order` for what is no order."""
    try:
        return _read(payload)
    except (KeyError, TypeError, ValueError, AttributeError, InvalidOperation) as error:
        message = _("This is no order of Shopify.")
        raise DomainError("unreadable_order", message, [Problem("unreadable_order", message)]) from error


def _read(payload: dict[str, Any]) -> Told:
    number = _text(payload["name"], 80)
    if not number:
        raise ValueError("an order without a name")
    template, paid = order_template("shopify"), payload.get("financial_status")
    ordered = [(line, line["quantity"]) for line in payload["line_items"] if line["quantity"]]
    left = [(line, count) for line, _quantity in ordered if (count := line.get("current_quantity", line["quantity"]))]
    order = SaidOrder(
        number=number,
        lines=[_line(line, count) for line, count in left or ordered],
        customer_name=_customer(payload),
        currency=_text(payload.get("currency"), 8),
        placed_at=_moment(payload.get("created_at")),
        is_paid=paid in template["paid_if"],
        is_cancelled=bool(payload.get("cancelled_at"))
        or paid in template["cancelled_if"]
        or bool(ordered and not left),
    )
    is_fulfilled = payload.get("fulfillment_status") == "fulfilled"
    return Told(order, _moment(payload.get("updated_at")), is_fulfilled, *_parcel(payload))


def _parcel(payload: dict[str, Any]) -> tuple[str, str, str]:
    """Courier, number and id of the parcel that was sent last."""
    for sent in reversed(payload.get("fulfillments") or []):
        number = _text(sent.get("tracking_number"), 80)
        if number and sent.get("status") not in UNSENT:
            return _text(sent.get("tracking_company"), 80), number, _text(sent.get("admin_graphql_api_id"), 80)
    return "", "", ""


def _line(line: dict[str, Any], quantity: Any) -> SaidLine:
    """`quantity` is what is left of it after edits and refunds."""
    price = price_of(Decimal(str(line["price"])))
    if type(quantity) is not int or not 0 < quantity <= MOST_PIECES:
        raise ValueError("quantity")
    if price is None:
        raise ValueError("price")
    title = _text(line.get("name"), 300) or _text(line.get("title"), 300)
    return SaidLine(_text(line.get("sku"), 120), title, "", quantity, price)


def _customer(payload: dict[str, Any]) -> str:
    for place in ("shipping_address", "billing_address"):
        if name := _text((payload.get(place) or {}).get("name"), 120):
            return name
    customer = payload.get("customer") or {}
    return " ".join(filter(None, (_text(customer.get(part), 60) for part in ("first_name", "last_name"))))


def _text(value: Any, most: int) -> str:
    return "" if value is None else printable(str(value)).strip()[:most]


def _moment(value: Any) -> datetime | None:
    found = parse_datetime(value) if isinstance(value, str) else None
    return storable_moment(found) if found and found.tzinfo else None
