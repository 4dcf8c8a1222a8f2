"""Orders of marketplaces: once, whoever sends them again; nothing dropped; the last piece sold once."""

from __future__ import annotations

from decimal import Decimal

import pytest

from erp.channels.formats.orders import SaidLine, SaidOrder, best_order_template, read_orders
from erp.channels.models import Channel, ChannelOrder
from erp.channels.services.intake import match_sku, settle, take_orders_in, unknown_skus
from erp.core.errors import DomainError
from erp.exchange.products.tables import read_table
from erp.inventory.models import Balance, Location
from erp.inventory.services import receive
from erp.trade.services.orders import cancel_order

State = ChannelOrder.State


def said(number: str, *goods: tuple[str, int], **more) -> SaidOrder:
    lines = [SaidLine(sku, "셔츠", "네이비 / S", quantity, Decimal(12000)) for sku, quantity in goods]
    return SaidOrder(number, lines=lines, **more)


def take(channel, actor, *orders):
    return [taken.order for taken in take_orders_in(channel=channel, said=orders, actor=actor)]


def held(variant) -> int:
    return Balance.objects.get(variant=variant).reserved


def test_an_order_holds_its_goods_once(shop, channel):
    first, last = shop.variants[0], shop.variants[-1]
    order = said("1001", (last.sku.lower(), 3), customer_name="김손님")
    (made,) = take(channel, shop.owner, order)
    assert (made.state, made.order.channel_number, made.order.customer_name) == (State.TAKEN, "1001", "김손님")
    (again,) = take_orders_in(channel=channel, said=[order], actor=shop.owner)
    assert not again.news and held(last) == 3 and held(first) == 0


def test_the_last_piece_goes_to_one_of_two_channels(shop, channel):
    other = Channel.objects.create(brand=shop.brand, kind="cafe24", name="Cafe24")
    variant = shop.variants[0]  # one piece
    (one,) = take(channel, shop.owner, said("1", (variant.sku, 1)))
    (two,) = take(other, shop.owner, said("1", (variant.sku, 1)))
    assert (one.state, two.state) == (State.TAKEN, State.SHORT)
    assert two.order is None and two.problem and held(variant) == 1


def test_an_order_is_taken_from_the_place_that_has_all_of_it(shop, channel):
    first, *_between, last = shop.variants
    second = Location.objects.create(brand=shop.brand, code="SECOND", kind="shop", position=9)
    receive(
        brand=shop.brand, location=second, quantities={first.pk: 3}, actor=shop.owner, idempotency_key="second-place"
    )
    orders = said("1", (first.sku, 1)), said("2", (first.sku, 2)), said("3", (first.sku, 1)), said("4", (first.sku, 1))
    places = [made.order.location.code if made.order else made.state for made in take(channel, shop.owner, *orders)]
    assert places == [shop.main.code, "SECOND", "SECOND", State.SHORT]
    # An order is sent from one place, and what a channel sells from is the channel's to say.
    (both,) = take(channel, shop.owner, said("5", (last.sku, 1), (first.sku, 1)))
    assert both.state == State.SHORT
    channel.location = second
    (there,) = take(channel, shop.owner, said("6", (last.sku, 1)))
    assert there.state == State.SHORT


def test_what_was_sent_before_it_was_told_holds_nothing_until_somebody_says_so(shop, channel):
    variant = shop.variants[-1]
    order = said("1", (variant.sku, 1), is_sent=True)
    (made,) = take(channel, shop.owner, order)
    assert (made.state, made.order, held(variant)) == (State.GONE, None, 0)
    (again,) = take_orders_in(channel=channel, said=[order], actor=shop.owner)
    assert not again.news and not unknown_skus(channel)
    assert settle(order=made, actor=shop.owner).state == State.TAKEN and held(variant) == 1


def test_what_is_sent_from_there_leaves_our_stock_once(shop, channel):
    variant = shop.variants[-1]
    (made,) = take(channel, shop.owner, said("1", (variant.sku, 2)))
    for _time in range(2):
        (made,) = take(channel, shop.owner, said("1", (variant.sku, 2), is_sent=True))
    balance = Balance.objects.get(variant=variant)
    assert (made.state, balance.on_hand, balance.reserved) == (State.SHIPPED, len(shop.variants) - 2, 0)


def test_orders_need_a_place_that_is_open(shop, channel):
    Location.objects.of(shop.brand).filter(is_internal=True).update(is_active=False)
    with pytest.raises(DomainError) as refused:
        take(channel, shop.owner, said("1", (shop.variants[0].sku, 1)))
    assert refused.value.code == "no_open_place" and not ChannelOrder.objects.exists()


def test_unknown_goods_wait_to_be_matched(shop, channel):
    variant = shop.variants[-1]
    take(channel, shop.owner, said("1", ("THEIRS", 1)), said("2", ("THEIRS", 1), (variant.sku, 1)))
    assert list(unknown_skus(channel)) == [
        {"sku": "THEIRS", "title": "셔츠", "options": "네이비 / S", "orders": 2, "pieces": 2, "key": "THEIRS"}
    ]
    assert match_sku(channel=channel, sku="THEIRS", variant=variant, actor=shop.owner) == 2
    assert held(variant) == 3 and not unknown_skus(channel)
    (third,) = take(channel, shop.owner, said("3", ("THEIRS", 1)))
    assert third.state == State.TAKEN


def test_the_same_number_with_other_goods_is_looked_at(shop, channel):
    variant = shop.variants[-1]
    take(channel, shop.owner, said("1", (variant.sku, 1)))
    (told,) = take(channel, shop.owner, said("1", (variant.sku, 2)))
    assert told.state == State.CONFLICT and held(variant) == 1
    assert told.contradiction["lines"][0][3] == 2


def test_payment_and_cancelling_follow(shop, channel):
    variant = shop.variants[-1]
    take(channel, shop.owner, said("1", (variant.sku, 1), is_paid=False))
    (paid,) = take(channel, shop.owner, said("1", (variant.sku, 1)))
    assert paid.is_paid and held(variant) == 1
    (gone,) = take(channel, shop.owner, said("1", (variant.sku, 1), is_cancelled=True))
    assert gone.state == State.CANCELLED and held(variant) == 0


def test_files_of_three_marketplaces():
    shopify = (
        "Name,Created at,Financial Status,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Shipping Name,"
        "Cancelled at\n"
        "#1001,2026-11-20 10:00:00 +0900,paid,2,Shirt - Navy / S,12.50,A-1,Kim,\n"
        "#1001,,,1,Shirt - Navy / M,12.50,A-2,,\n"
        "#1002,2026-11-20 11:00:00 +0900,pending,1,Shirt,12.50,A-1,Lee,2026-11-20 12:00:00 +0900\n"
    )
    table = read_table(shopify.encode())
    assert best_order_template(table.headings) == "shopify"
    (one, two), problems = read_orders("shopify", table)
    assert problems == [] and [line.sku for line in one.lines] == ["A-1", "A-2"] and one.is_paid
    assert two.is_cancelled and not two.is_paid and two.lines[0].unit_price == Decimal("12.50")
    smart = (
        "상품주문번호\t주문번호\t상품명\t옵션정보\t옵션관리코드\t수량\t상품가격\t옵션가격\t수취인명\t결제일\n"
        "1\tN1\t셔츠\t색상: 네이비\tA-1\t1\t12,000\t500\t김\t2026.11.20 10:00\n"
    )
    table = read_table(smart.encode("cp949"))
    assert best_order_template(table.headings) == "smartstore"
    ((order,), problems) = read_orders("smartstore", table)
    assert order.lines[0].unit_price == 12500 and problems == [] and order.placed_at is not None


def test_bad_lines_are_named_and_their_order_left_out_whole():
    text = "Order number,SKU,Quantity,Unit price\n1,A,1,10\n1,B,x,10\n2,A,0,10\n3,A,1,-5\n,A,1,1\n4,A,1,10\n"
    orders, problems = read_orders("generic", read_table(text.encode()))
    assert [order.number for order in orders] == ["4"]
    assert [(p.line, p.field, p.code) for p in problems] == [
        (3, "Quantity", "no_number"),
        (4, "Quantity", "bad_quantity"),
        (5, "Unit price", "negative"),
        (6, "Order number", "no_number"),
    ]
    with pytest.raises(DomainError) as refused:
        read_orders("shopify", read_table(text.encode()))
    assert refused.value.code == "columns_missing"


def test_what_is_paid_after_it_was_given_up_is_for_a_person_and_stops_no_other(shop, channel):
    variant = shop.variants[-1]
    (made,) = take(channel, shop.owner, said("1", (variant.sku, 1), is_paid=False))
    cancel_order(order=made.order, actor=shop.owner, idempotency_key="given-up")
    assert held(variant) == 0
    late, other = take(channel, shop.owner, said("1", (variant.sku, 1)), said("2", (variant.sku, 1)))
    assert (late.state, late.is_paid, other.state) == (State.PROBLEM, True, State.TAKEN) and late.problem
    again = settle(order=late, actor=shop.owner)
    assert again.state == State.TAKEN and again.order != made.order and held(variant) == 2


def test_paid_is_paid_whatever_else_is_told(shop, channel):
    variant = shop.variants[-1]
    take(channel, shop.owner, said("1", (variant.sku, 1), is_paid=False))
    (other,) = take(channel, shop.owner, said("1", (variant.sku, 2)))
    assert (other.state, other.is_paid, other.order.expires_at) == (State.CONFLICT, True, None)


def test_many_orders_that_waited_for_a_match_go_on_together(shop, channel, django_assert_max_num_queries):
    variant = shop.variants[-1]
    shop.stock(variant, 56)
    take(channel, shop.owner, *(said(f"{n}", ("THEIRS", 1)) for n in range(60)))
    with django_assert_max_num_queries(60):
        assert match_sku(channel=channel, sku="THEIRS", variant=variant, actor=shop.owner) == 60
