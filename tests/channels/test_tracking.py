"""Tracking numbers: entered with a shipment, told to the marketplace once, in its own columns."""

from __future__ import annotations

import csv
import io

import pytest
from openpyxl import load_workbook

from erp.channels.formats.template import shipped_tracking, tracking_names
from erp.channels.models import Channel, ChannelOrder
from erp.channels.services.parcels import VALUES, untold_shipments
from erp.core.errors import DomainError
from erp.inventory.services import reverse_posting
from erp.trade.couriers import couriers
from erp.trade.services.orders import ship_order
from erp.trade.services.tracking import note_tracking
from tests.channels.desk import browser, text
from tests.channels.test_exports import sent
from tests.channels.test_intake import said, take


def shipped(shop, order, **more):
    return ship_order(order=order.order, actor=shop.owner, idempotency_key=f"ship-{order.pk}", **more)


def rows_of(export):
    with export.file.open("rb") as file:
        data = file.read()
    if export.file_name.endswith("xlsx"):
        return [list(row) for row in load_workbook(io.BytesIO(data)).active.iter_rows(values_only=True)]
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


@pytest.mark.parametrize("name", tracking_names())
def test_a_template_names_what_there_is(name):
    template = shipped_tracking(name)
    assert {column.value for column in template.table.columns if column.value} <= VALUES.keys()
    assert template.couriers.keys() <= couriers().keys() and template.table.source


def test_what_went_out_is_told_once_in_the_marketplaces_columns(shop):
    channel = Channel.objects.create(brand=shop.brand, kind="smartstore", name="Naver")
    first, last = shop.variants[-2:]
    told = said("N1", (first.sku, 1), (last.sku, 1))
    told.lines = [line.__class__(**{f: getattr(line, f) for f in line.__slots__} | {"line_number": f"P{n}"})
                  for n, line in enumerate(told.lines)]  # fmt: skip
    (order,) = take(channel, shop.owner, told)
    shipment = shipped(shop, order, courier="cj", tracking_number="1234-5678-9012")
    order.refresh_from_db()
    assert order.state == ChannelOrder.State.SHIPPED
    export = sent(channel, shop.owner, what="tracking")
    assert rows_of(export) == [
        ["상품주문번호", "배송방법", "택배사", "송장번호"],
        ["P0", "택배,등기,소포", "CJ대한통운", "123456789012"],
        ["P1", "택배,등기,소포", "CJ대한통운", "123456789012"],
    ]
    assert (export.listings_count, export.lines_count) == (1, 2)
    assert sent(channel, shop.owner, what="tracking").lines_count == 0
    assert sent(channel, shop.owner, what="tracking", only_changes=False).lines_count == 2
    note_tracking(shipment=shipment, actor=shop.owner, courier="hanjin", tracking_number="999999")
    assert [row[2] for row in rows_of(sent(channel, shop.owner, what="tracking"))[1:]] == ["한진택배"] * 2


def test_a_part_of_an_order_is_told_as_that_part(shop):
    channel = Channel.objects.create(brand=shop.brand, kind="generic", name="Ours")
    first, last = shop.variants[-2:]
    (order,) = take(channel, shop.owner, said("N1", (first.sku, 1), (last.sku, 3)))
    line = order.order.lines.get(variant=last)
    parcels = {1: "1111111", 2: "2222222"}
    for pieces, number in parcels.items():
        sent_off = {"quantities": {line.pk: pieces}, "courier": "cj", "tracking_number": number}
        ship_order(order=order.order, actor=shop.owner, idempotency_key=number, **sent_off)
    header, *rows = rows_of(sent(channel, shop.owner, what="tracking"))
    sku, count = header.index("SKU"), header.index("Quantity")
    assert [(row[sku], row[count]) for row in rows] == [(last.sku, "1"), (last.sku, "2")]


def test_a_number_that_comes_later_and_one_that_was_taken_back(shop, channel):
    variant = shop.variants[-1]
    one, two = take(channel, shop.owner, said("1", (variant.sku, 1)), said("2", (variant.sku, 1)))
    first, second = shipped(shop, one), shipped(shop, two, courier="cj", tracking_number="55555")
    assert list(untold_shipments(channel)) == [second]
    note_tracking(shipment=first, actor=shop.owner, courier="dhl", tracking_number="44 444")
    reverse_posting(posting=second.posting, actor=shop.owner, idempotency_key="r")
    (row,) = rows_of(sent(channel, shop.owner, what="tracking"))[1:]
    assert row[:3] == ["1", "44444", "DHL Express"]
    two.refresh_from_db()
    assert two.state == ChannelOrder.State.TAKEN
    with pytest.raises(DomainError) as refused:
        note_tracking(shipment=second, actor=shop.owner, courier="cj", tracking_number="77777")
    assert refused.value.code == "not_shipped"


@pytest.mark.parametrize(
    ("courier", "number", "fields"),
    [("cj", "", {"tracking_number"}), ("", "12345", {"courier"}), ("nobody", "1", {"courier", "tracking_number"})],
)
def test_half_a_number_is_refused_and_nothing_ships(shop, channel, courier, number, fields):
    (order,) = take(channel, shop.owner, said("1", (shop.variants[-1].sku, 1)))
    with pytest.raises(DomainError) as refused:
        shipped(shop, order, courier=courier, tracking_number=number)
    assert {problem.field for problem in refused.value.problems} == fields
    assert not order.order.shipments.exists()


def test_it_is_entered_on_the_orders_pages(shop, channel):
    (order,) = take(channel, shop.owner, said("1", (shop.variants[-1].sku, 1)))
    clerk, base = browser(shop.staff), f"/b/{shop.slug}/orders/{order.order.public_id}/"
    page = text(clerk.get(f"{base}ship/"))
    assert "CJ Logistics" in page
    line = order.order.lines.get()
    key = page.split('name="key" value="')[1][:36]
    typed = {"key": key, f"n-{line.pk}": "1", "courier": "cj", "tracking_number": "1"}
    assert clerk.post(f"{base}ship/", typed).status_code == 422
    assert clerk.post(f"{base}ship/", typed | {"tracking_number": "123456"}).status_code == 302
    shown = text(clerk.get(base))
    assert "123456" in shown and f"/channels/orders/{order.pk}/" in shown
    shipment = order.order.shipments.get()
    change = f"/b/{shop.slug}/shipments/{shipment.pk}/tracking/"
    assert browser(shop.viewer).post(change, {"courier": "cj", "tracking_number": "99999"}).status_code == 403
    clerk.post(change, {"courier": "dhl", "tracking_number": "99999"})
    shipment.refresh_from_db()
    assert (shipment.courier, shipment.tracking_number) == ("dhl", "99999")
