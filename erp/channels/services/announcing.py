"""What the brand's own systems hear of orders and exports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from erp.channels.models import ChannelOrder, Export
from erp.channels.services.outbox import Event, announce
from erp.trade.models import Order, OrderEvent

STEPS = {
    OrderEvent.Kind.PLACED: Event.ORDER_TAKEN,
    OrderEvent.Kind.SHIPPED: Event.ORDER_SHIPPED,
    OrderEvent.Kind.CANCELLED: Event.ORDER_CANCELLED,
    OrderEvent.Kind.EXPIRED: Event.ORDER_CANCELLED,
}


def announce_step(step: OrderEvent) -> None:
    """A step of an order, in the step's own transaction."""
    if event := STEPS.get(OrderEvent.Kind(step.kind)):
        announce(brand=step.order.brand, event=event, contents=[_order(step.order, step.pieces)])


def announce_taken(rows: Sequence[ChannelOrder]) -> None:
    """Orders of a marketplace that became ours; their steps are written in bulk."""
    taken = [row.order for row in rows if row.order is not None]
    if taken:
        announce(brand=rows[0].channel.brand, event=Event.ORDER_TAKEN, contents=[_order(order) for order in taken])


def announce_export(export: Export) -> None:
    content = {
        "channel": str(export.channel.public_id),
        "export": str(export.public_id),
        "what": str(export.what),
        "products": export.listings_count,
        "left_out": export.left_out,
        "file_name": export.file_name,
        "sha256": export.sha256,
    }
    announce(brand=export.channel.brand, event=Event.EXPORT_DONE, contents=[content])


def _order(order: Order, pieces: int | None = None) -> dict[str, Any]:
    told: dict[str, Any] = {
        "order": str(order.public_id),
        "number": order.number,
        "channel_number": order.channel_number,
        "state": str(order.state),
    }
    return told if pieces is None else told | {"pieces": pieces}
