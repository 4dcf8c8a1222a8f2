"""Packs, orders, slips, payments and returns."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django.db.models import F, Sum
from django.utils import timezone

from erp.demo.stage import Row, Stage
from erp.trade.models import Channel, Order, Pack, ReturnLine
from erp.trade.services.accounts import record_payment
from erp.trade.services.orders import Entry, Shortage, create_order, pick_order, place_order, ship_order
from erp.trade.services.orders.write import Heading
from erp.trade.services.packs import save_pack
from erp.trade.services.return_draft import ReturnEntry
from erp.trade.services.returns import create_return


def pack(stage: Stage, *, name: str, product: int, price: str, lines: list[Row], code: str = "") -> Pack:
    return save_pack(
        product=stage.products[product], name=name, quantities=stage.pieces(lines), code=code, price=Decimal(price)
    )


def order(
    stage: Stage,
    *,
    lines: list[Row],
    packs: list[tuple[str, int]] | None = None,
    buyer: str = "",
    shop: str = "",
    hold_days: int = 0,
    place: bool = True,
    **heading: str,
) -> Order:
    entries = [Entry(pieces, pack_id=stage.made[name].pk) for name, pieces in packs or []]
    entries += [
        Entry(pieces, variant_id=variant.pk, unit_price=Decimal(price)) for variant, pieces, price in stage.lines(lines)
    ]
    said = Heading(location=stage.places["main"], channel=Channel.WHOLESALE)
    said.update(heading)  # type: ignore[typeddict-item]
    if buyer:
        said["buyer"] = stage.made[buyer]
    if shop:
        said["deliver_to"] = stage.made[shop]
    if hold_days:
        said["expires_at"] = timezone.now() + timedelta(days=hold_days)
    made = create_order(brand=stage.brand, entries=entries, **stage.said(), **said)
    return place_order(order=made, actor=stage.actor) if place else made


def pick(stage: Stage, *, of: str) -> None:
    made = stage.made[of]
    pick_order(order=made, quantities=dict(made.lines.values_list("pk", "reserved")), actor=stage.actor)


def ship(stage: Stage, *, of: str, paid: str = "0", method: str = "cash", owed: bool = False) -> None:
    """Sends what is held. The rest is `owed`: billed now and sent later; `paid` "all" is what the lines come to."""
    lines = stage.made[of].lines.all()
    if paid == "all":
        paid = lines.aggregate(total=Sum(F("quantity") * F("unit_price")))["total"]
    shortages = {line.pk: Shortage.OWED for line in lines} if owed else None
    ship_order(order=stage.made[of], shortages=shortages, paid=Decimal(paid), method=method, **stage.said())


def pay(stage: Stage, *, partner: str, amount: str, method: str, note: str) -> None:
    record_payment(partner=stage.made[partner], amount=Decimal(amount), method=method, note=note, **stage.said())


def take_back(stage: Stage, *, of: str, reason: str, lines: list[Row]) -> None:
    """Pieces of an order come back: sound ones to the shelf, others to the place for defects."""
    entries = [
        ReturnEntry(variant, kind, pieces, stage.places["main" if kind == ReturnLine.Kind.SELLABLE else "defective"])
        for variant, pieces, kind in stage.lines(lines)
    ]
    create_return(brand=stage.brand, order=stage.made[of], entries=entries, reason=reason, **stage.said())
