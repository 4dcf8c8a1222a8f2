"""Two channels at one last piece, and one file read twice. Threads need a database that lets two of them write."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection  # noqa: F401 - the mark below asks it

from erp.channels.models import Channel, ChannelOrder, OrderFile
from erp.channels.services.intake import take_orders_in
from erp.channels.services.order_files import read_order_file, start_order_file, take_order_file
from erp.inventory.models import Balance
from erp.inventory.verify import verify_ledger
from erp.trade.models import Order
from tests.api.shop import Shop, make_shop
from tests.channels.test_intake import said
from tests.inventory.racers import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@pytest.fixture
def shop(transactional_db) -> Shop:
    made = make_shop("haru")
    made.product.price = Decimal(12000)
    made.product.save()
    return made


def test_the_last_piece_is_sold_once(shop: Shop) -> None:
    """Eight channels want each of three last pieces at the same moment."""
    wanted = shop.variants[:3]
    for variant in wanted:
        shop.stock(variant, 1)
    channels = [Channel.objects.create(brand=shop.brand, kind="generic", name=f"C{n}") for n in range(8)]

    def sell(channel: Channel):
        orders = [said(f"{variant.pk}", (variant.sku, 1)) for variant in wanted]
        return lambda: take_orders_in(channel=channel, said=orders, actor=shop.owner)

    answers = at_once([sell(channel) for channel in channels])
    states = [taken.order.state for answer in answers for taken in answer]
    assert sorted(states) == ["short"] * 21 + ["taken"] * 3
    assert list(Balance.objects.filter(variant__in=wanted).values_list("on_hand", "reserved")) == [(1, 1)] * 3
    assert Order.objects.count() == 3 and verify_ledger(shop.brand) == []


def test_the_same_order_from_two_sides_is_one(shop: Shop) -> None:
    shop.stock(shop.variants[0], 10)
    channel = Channel.objects.create(brand=shop.brand, kind="generic", name="C")
    orders = [said(f"{n}", (shop.variants[0].sku, 1)) for n in range(5)]
    at_once([lambda: take_orders_in(channel=channel, said=orders, actor=shop.owner)] * 4)
    assert ChannelOrder.objects.filter(state="taken").count() == Order.objects.count() == 5


def test_a_file_that_two_workers_were_handed_is_read_by_one(shop: Shop) -> None:
    shop.stock(shop.variants[0], 10)
    channel = Channel.objects.create(brand=shop.brand, kind="generic", name="C")
    data = f"Order number,SKU,Quantity\n1,{shop.variants[0].sku},1\n".encode()
    file = take_order_file(channel=channel, actor=shop.owner, data=data, filename="a.csv")
    start_order_file(file=file, actor=shop.owner, template="generic")
    at_once([lambda: read_order_file(file_id=file.pk)] * 3)
    file.refresh_from_db()
    assert (file.state, file.run, file.counts) == (OrderFile.State.DONE, 1, {"taken": 1})
