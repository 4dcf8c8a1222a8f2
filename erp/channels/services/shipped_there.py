"""What was sent from the marketplace's own side: it goes out of our stock too, with the number it goes under."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from erp.channels.live.shopify.orders import Told
from erp.channels.models import Channel, ChannelOrder
from erp.channels.services.parcels import courier_here
from erp.channels.services.telling_parcels import note_told
from erp.channels.templates import tracking_template
from erp.core.errors import DomainError
from erp.core.models import User
from erp.trade.models import Shipment
from erp.trade.services.orders import ship_order
from erp.trade.services.tracking import checked_tracking, note_tracking


@dataclass(frozen=True, slots=True)
class Parcel:
    id: str = ""
    courier: str = ""
    number: str = ""


NO_PARCEL = Parcel()


@transaction.atomic
def follow_shipping(*, channel: Channel, told: Told, person: User) -> None:
    """Ships what we hold of an order that left whole from there; what is short is told. A number that came later is
    noted where nobody noted one: what a person typed is never written over."""
    rows = ChannelOrder.objects.select_for_update(of=("self",)).select_related("order")
    row = rows.filter(channel=channel, number=told.order.number).first()
    if row is None or row.order is None:
        return
    parcel = _parcel(channel, told)
    if told.is_fulfilled and row.state == ChannelOrder.State.TAKEN:
        ship_here(row, person, parcel)
    elif parcel.number:
        _note(row, parcel, person)


def ship_here(row: ChannelOrder, person: User, parcel: Parcel = NO_PARCEL) -> None:
    """What we hold of an order goes out as well. Where that cannot be, the order says why."""
    assert row.order is not None
    try:
        with transaction.atomic():
            shipment = ship_order(
                order=row.order,
                actor=person,
                idempotency_key=f"channel-ship-{row.pk}",
                courier=parcel.courier,
                tracking_number=parcel.number,
            )
    except DomainError as error:
        row.problem = str(error.message)[:300]
    else:
        row.state, row.problem = ChannelOrder.State.SHIPPED, ""
        _told(row, shipment, parcel)
    row.save()


def _note(row: ChannelOrder, parcel: Parcel, person: User) -> None:
    """Of several shipments nobody can tell which one it is."""
    assert row.order is not None
    shipments = list(row.order.shipments.filter(reversal=None).exclude(posting=None)[:2])
    if len(shipments) == 1 and not shipments[0].tracking_number:
        noted = note_tracking(
            shipment=shipments[0], actor=person, courier=parcel.courier, tracking_number=parcel.number
        )
        _told(row, noted, parcel)


def _told(row: ChannelOrder, shipment: Shipment, parcel: Parcel) -> None:
    """The marketplace is not told what it told us."""
    if parcel.id and shipment.tracking_number:
        note_told(channel=row.channel, shipment=shipment, ids=[parcel.id])


def _parcel(channel: Channel, told: Told) -> Parcel:
    """As we keep it; blank where there is no number, or none that we could keep."""
    courier = courier_here(tracking_template(channel.kind), told.courier)
    try:
        return Parcel(told.parcel_id, *checked_tracking(courier, told.tracking_number))
    except DomainError:
        return Parcel()
