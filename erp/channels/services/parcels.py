"""Tracking numbers for a marketplace: what went out and was not told yet, in its own columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import IO

from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.utils import timezone

from erp.channels.formats.template import TrackingTemplate
from erp.channels.formats.writing import write
from erp.channels.models import Channel, ChannelOrder, ChannelOrderLine, Export, ExportShipment, Fulfilment
from erp.channels.templates import tracking_template
from erp.trade.couriers import OTHER, courier_name, couriers
from erp.trade.models import Shipment

CHUNK = 500


@dataclass(frozen=True, slots=True)
class Parcel:
    """A line of an order that went out with a shipment, and how many of its pieces."""

    order: ChannelOrder
    line: ChannelOrderLine | None
    pieces: int
    shipment: Shipment
    template: TrackingTemplate


VALUES: dict[str, Callable[[Parcel], str]] = {
    "order_number": lambda parcel: parcel.order.number,
    "line_number": lambda parcel: parcel.line.line_number if parcel.line else "",
    "sku": lambda parcel: parcel.line.sku if parcel.line else "",
    "quantity": lambda parcel: str(parcel.pieces),
    "customer_name": lambda parcel: parcel.order.customer_name,
    "courier": lambda parcel: courier_there(parcel.template, parcel.shipment.courier),
    "courier_code": lambda parcel: parcel.shipment.courier,
    "tracking_number": lambda parcel: parcel.shipment.tracking_number,
    "shipped_on": lambda parcel: timezone.localdate(parcel.shipment.recorded_at).isoformat(),
}


def courier_there(template: TrackingTemplate, code: str) -> str:
    """What the marketplace calls a courier; one that it does not list goes by its name."""
    return template.couriers.get(code) or courier_name(code, template.language)


def courier_here(template: TrackingTemplate, name: str) -> str:
    """Our code of a courier as a marketplace, or anybody, names it; one that we do not list is another courier."""
    known = {courier_name(code, language): code for language in ("ko", "en") for code in couriers()}
    known |= {there: code for code, there in template.couriers.items()}
    folded = {"".join(there.casefold().split()): code for there, code in known.items()}
    return folded.get("".join(name.casefold().split()), OTHER)


def untold_shipments(channel: Channel) -> QuerySet[Shipment]:
    """With a tracking number that this channel was not told, or was told otherwise, by a file or over the wire."""
    told = ExportShipment.objects.filter(
        export__state=Export.State.DONE,
        shipment=OuterRef("pk"),
        courier=OuterRef("courier"),
        tracking_number=OuterRef("tracking_number"),
    )
    wired = Fulfilment.objects.filter(
        shipment=OuterRef("pk"), courier=OuterRef("courier"), tracking_number=OuterRef("tracking_number")
    )
    return carried_shipments(channel).exclude(Exists(told)).exclude(Exists(wired))


def carried_shipments(channel: Channel) -> QuerySet[Shipment]:
    """Of the channel's orders, on their way with a number."""
    found = Shipment.objects.filter(order__channel_order__channel=channel, reversal=None)
    return found.exclude(tracking_number="").order_by("pk")


def write_tracking(export: Export, file: IO[bytes]) -> tuple[int, int]:
    """Writes the file and notes what it tells; gives how many shipments and lines."""
    channel, template = export.channel, tracking_template(export.channel.kind)
    found = untold_shipments(channel) if export.only_changes else carried_shipments(channel)
    count = 0

    def rows() -> Iterator[list[str]]:
        nonlocal count
        lines = Prefetch("order__channel_order__lines", ChannelOrderLine.objects.order_by("number"))
        shipments = found.select_related("order__channel_order").prefetch_related(lines, "lines__line")
        waiting = shipments.iterator(chunk_size=CHUNK)
        while chunk := list(islice(waiting, CHUNK)):
            for shipment in chunk:
                yield from _rows(shipment, template)
            ExportShipment.objects.bulk_create(
                ExportShipment(export=export, shipment=row, courier=row.courier, tracking_number=row.tracking_number)
                for row in chunk
            )
            count += len(chunk)

    lines = write(template.table, rows(), file)
    return count, lines


def _rows(shipment: Shipment, template: TrackingTemplate) -> Iterator[list[str]]:
    """A line for each line of the order that is in the parcel, or one for the whole order."""
    for line, pieces in _packed(shipment) if template.table.rows == "line" else [(None, _pieces(shipment))]:
        parcel = Parcel(shipment.order.channel_order, line, pieces, shipment, template)
        yield [VALUES[column.value](parcel) if column.value else column.default for column in template.table.columns]


def _packed(shipment: Shipment) -> Iterator[tuple[ChannelOrderLine, int]]:
    """Goods that are on the order twice are shared out among their lines in the lines' order."""
    left: Counter[int | None] = Counter()
    for row in shipment.lines.all():
        left[row.line.variant_id] += row.quantity
    for line in shipment.order.channel_order.lines.all():
        if pieces := min(left[line.variant_id], line.quantity):
            left[line.variant_id] -= pieces
            yield line, pieces


def _pieces(shipment: Shipment) -> int:
    return sum(row.quantity for row in shipment.lines.all())
