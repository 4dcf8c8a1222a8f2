"""The same order told differently, given up there, or tried again: a person decides, our order follows."""

from __future__ import annotations

from decimal import Decimal

import pytest

from erp.channels.models import ChannelOrder, ChannelOrderLine
from erp.channels.services.conflicts import cancel_channel_order, keep_ours, take_theirs
from erp.channels.services.intake import match_sku, settle, take_orders_in, unknown_skus
from erp.channels.services.suggestions import suggest
from erp.core.errors import DomainError
from erp.trade.services.orders import cancel_order, ship_order
from tests.channels.test_intake import held, said, take

State = ChannelOrder.State


@pytest.fixture
def variant(shop):
    return shop.variants[-1]  # four pieces


def test_theirs_is_held_instead_of_ours(shop, channel, variant):
    (first,) = take(channel, shop.owner, said("1", (variant.sku, 1)))
    (told,) = take(channel, shop.owner, said("1", (variant.sku, 3)))
    assert take_orders_in(channel=channel, said=[said("1", (variant.sku, 3))], actor=shop.owner)[0].news is False
    taken = take_theirs(order=told, actor=shop.owner)
    assert (taken.state, held(variant), taken.contradiction) == (State.TAKEN, 3, {})
    assert taken.order.pk != first.order.pk and taken.order.channel_number == "1 (2)"
    assert not take_orders_in(channel=channel, said=[said("1", (variant.sku, 3))], actor=shop.owner)[0].news
    again = take(channel, shop.owner, said("1", (variant.sku, 2)))[0]
    assert take_theirs(order=again, actor=shop.owner).state == State.TAKEN and held(variant) == 2


def test_ours_stays_and_is_not_asked_about_again(shop, channel, variant):
    take(channel, shop.owner, said("1", (variant.sku, 1)))
    (told,) = take(channel, shop.owner, said("1", (variant.sku, 3)))
    kept = keep_ours(order=told, actor=shop.owner)
    assert (kept.state, held(variant), kept.problem) == (State.TAKEN, 1, "")
    assert not take_orders_in(channel=channel, said=[said("1", (variant.sku, 3))], actor=shop.owner)[0].news
    with pytest.raises(DomainError) as refused:
        take_theirs(order=kept, actor=shop.owner)
    assert refused.value.code == "not_contradicted"


def test_what_is_told_as_before_settles_itself(shop, channel, variant):
    take(channel, shop.owner, said("1", (variant.sku, 1)), said("1", (variant.sku, 3)))
    assert ChannelOrder.objects.get().state == State.CONFLICT
    (back,) = take(channel, shop.owner, said("1", (variant.sku, 1)))
    assert (back.state, back.contradiction) == (State.TAKEN, {})


def test_an_order_told_twice_at_once_is_one(shop, channel, variant):
    orders = take(channel, shop.owner, said("1", (variant.sku, 1)), said("1", (variant.sku, 1)))
    assert len({order.pk for order in orders}) == 1 and held(variant) == 1


def test_given_up_there_after_it_went_out(shop, channel, variant):
    (order,) = take(channel, shop.owner, said("1", (variant.sku, 1)))
    ship_order(order=order.order, actor=shop.owner, idempotency_key="s")
    (told,) = take(channel, shop.owner, said("1", (variant.sku, 1), is_cancelled=True))
    assert told.state == State.CONFLICT and "반품으로 받으세요" in told.problem
    with pytest.raises(DomainError) as refused:
        take_theirs(order=told, actor=shop.owner)
    assert refused.value.code == "already_shipped"
    assert keep_ours(order=told, actor=shop.owner).state == State.SHIPPED


def test_our_own_steps_show_there(shop, channel, variant):
    one, two = take(channel, shop.owner, said("1", (variant.sku, 1)), said("2", (variant.sku, 1)))
    ship_order(order=one.order, actor=shop.owner, idempotency_key="s")
    cancel_order(order=two.order, actor=shop.owner, idempotency_key="c")
    states = dict(ChannelOrder.objects.values_list("number", "state"))
    assert states == {"1": State.SHIPPED, "2": State.CANCELLED}
    with pytest.raises(DomainError):
        cancel_channel_order(order=one, actor=shop.owner)


def test_cancelled_here_the_goods_go_back_on_sale(shop, channel, variant):
    (order,) = take(channel, shop.owner, said("1", (variant.sku, 2)))
    assert cancel_channel_order(order=order, actor=shop.owner).state == State.CANCELLED
    assert held(variant) == 0


def test_what_was_short_is_tried_again(shop, channel, variant):
    (order,) = take(channel, shop.owner, said("1", (variant.sku, 9)))
    assert order.state == State.SHORT
    assert settle(order=order, actor=shop.owner).state == State.SHORT
    shop.stock(variant, 5)
    done = settle(order=order, actor=shop.owner)
    assert (done.state, held(variant)) == (State.TAKEN, 9)
    assert settle(order=done, actor=shop.owner).order == done.order and held(variant) == 9


def test_another_currency_waits_to_be_looked_at(shop, channel, variant):
    (order,) = take(channel, shop.owner, said("1", (variant.sku, 1), currency="USD"))
    assert order.state == State.PROBLEM and "USD" in order.problem and order.order is None
    channel.currency = "USD"
    channel.save()
    done = settle(order=order, actor=shop.owner)
    assert (done.state, done.order.currency) == (State.TAKEN, "USD")


def test_what_was_given_up_there_after_it_went_out_is_asked_about_once(shop, channel, variant):
    (made,) = take(channel, shop.owner, said("1", (variant.sku, 1)))
    ship_order(order=made.order, actor=shop.owner, idempotency_key="out")
    given_up = said("1", (variant.sku, 1), is_cancelled=True)
    (told,) = take(channel, shop.owner, given_up)
    assert told.state == State.CONFLICT and keep_ours(order=told, actor=shop.owner).state == State.SHIPPED
    (again,) = take_orders_in(channel=channel, said=[given_up], actor=shop.owner)
    assert (again.news, again.order.state) == (False, State.SHIPPED)


def test_goods_without_a_sku_are_known_by_their_names(shop, channel, variant):
    take(channel, shop.owner, said("1", ("", 1)))
    (waiting,) = unknown_skus(channel)
    assert (waiting["key"], waiting["sku"]) == ("셔츠 / 네이비 / S", "")
    assert match_sku(channel=channel, sku=waiting["key"], variant=variant, actor=shop.owner) == 1
    (second,) = take(channel, shop.owner, said("2", ("", 1)))
    assert second.state == State.TAKEN and held(variant) == 2


def test_unknown_goods_are_suggested_by_code_and_words(shop, channel):
    navy_small = shop.variants[0]
    close = navy_small.sku.replace("-", "_").lower()
    told = [
        {"key": "a", "sku": f"X-{close}", "title": "", "options": ""},
        {"key": "b", "sku": "", "title": "여름 셔츠", "options": "네이비 / S"},
        {"key": "c", "sku": "ZZZ", "title": "양말", "options": ""},
    ]
    found = suggest(shop.brand, told)
    assert [found[key][0].variant for key in ("a", "b")] == [navy_small, navy_small]
    assert found["c"] == []


def test_the_most_wanted_come_first(shop, channel):
    take(channel, shop.owner, said("1", ("A", 1)), said("2", ("B", 2)), said("3", ("B", 1)))
    assert [(row["sku"], row["orders"], row["pieces"]) for row in unknown_skus(channel)] == [("B", 2, 3), ("A", 1, 1)]
    assert ChannelOrderLine.objects.filter(variant=None).count() == 3
    assert {line.unit_price for line in ChannelOrderLine.objects.all()} == {Decimal(12000)}
