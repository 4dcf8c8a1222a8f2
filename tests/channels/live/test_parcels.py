"""Tracking numbers to a shop of Shopify: told once, whatever is lost on the way."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from erp.channels.formats.orders import SaidLine
from erp.channels.models import Connection, Fulfilment
from erp.channels.services import telling_parcels
from erp.channels.services.connections import connect
from erp.channels.services.credentials import set_credential
from erp.channels.services.intake import match_sku
from erp.channels.services.parcels import untold_shipments
from erp.channels.services.telling_parcels import retry_parcels, sweep_parcels, tell_parcel, tell_untold
from erp.inventory.services import reverse_posting
from erp.trade.services.orders import ship_order
from erp.trade.services.tracking import note_tracking
from tests.api.shop import make_shop
from tests.channels.test_intake import said, take

pytestmark = pytest.mark.django_db
CJ = {"courier": "cj", "tracking_number": "1234-5678"}


@pytest.fixture
def order(shop, connection, there):
    """Three pieces of a variant and one of another, here and there."""
    first, last = shop.variants[2:]
    (made,) = take(connection.channel, shop.owner, said("#1001", (last.sku, 3), (first.sku, 1)))
    there.key = there.place("#1001", {last.sku: 3, first.sku: 1})
    there.place("#10012", {last.sku: 9})  # the search finds it too
    return made


@pytest.fixture
def ship(shop, order):
    def go(*pieces: int, key: str = "s", **parcel):
        lines = order.order.lines.order_by("pk").values_list("pk", flat=True)
        quantities = dict(zip(lines, pieces, strict=False)) if pieces else None
        return ship_order(order=order.order, actor=shop.owner, idempotency_key=key, quantities=quantities, **parcel)

    return go


@pytest.fixture
def tell(clock):
    """Works off what waits, and gives the last of it."""

    def go(*, due: bool = False) -> Fulfilment:
        if due:
            Fulfilment.objects.update(not_before=None)
        for row in Fulfilment.objects.filter(state="waiting").order_by("pk"):
            tell_parcel(fulfilment_id=row.pk, pace=clock.pace)
        return Fulfilment.objects.latest("pk")

    return go


def goods_sent(there) -> list[tuple[str, int]]:
    return sorted((row["number"], sum(row["goods"].values())) for row in there.sent.values())


def test_a_shipment_with_a_number_is_told_once(order, ship, tell, there, shop):
    shipment = ship(**CJ)
    made = tell()
    assert (made.state, made.courier, made.tracking_number) == ("done", "cj", "12345678")
    [sent] = there.sent.values()
    assert (sent["number"], sent["company"], sent["order"]) == ("12345678", "CJ Logistics", there.key)
    assert sent["goods"] == {shop.variants[3].sku: 3, shop.variants[2].sku: 1} and made.external_ids == [sent["id"]]
    assert there.mailed == [] and not untold_shipments(order.channel).exists()
    assert tell_parcel(fulfilment_id=made.pk) == "done" and there.asked["fulfillmentCreate"] == 1
    shipment.save()  # nothing new to say
    assert Fulfilment.objects.get().state == "done"


def test_what_has_no_number_and_what_is_no_live_order_is_not_told(order, ship, shop, connection):
    Connection.objects.update(is_automatic=False)
    shipment = ship(1, key="a", **CJ)
    Connection.objects.update(is_automatic=True)
    ship(1, key="b")
    assert not Fulfilment.objects.exists()
    assert tell_untold(channel=connection.channel) == 1  # when a person says so
    assert Fulfilment.objects.get().shipment == shipment


def test_another_shop_is_not_told_of_orders_of_the_one_before(order, ship, tell, there, shop, connection):
    shipment = ship(1, key="a", **CJ)
    connect(channel=connection.channel, shop="new.myshopify.com", actor=shop.owner, origin="https://erp.example")
    assert not Fulfilment.objects.exists() and tell_untold(channel=connection.channel) == 0
    note_tracking(shipment=shipment, actor=shop.owner, courier="dhl", tracking_number="JD014600")
    assert not Fulfilment.objects.exists() and list(untold_shipments(order.channel)) == [shipment]


def test_each_part_with_its_own_pieces_and_a_number_that_comes_later(order, ship, tell, there):
    ship(2, key="a", **CJ)
    tell()
    late = ship(1, 1, key="b")
    assert tell().state == "done" and goods_sent(there) == [("12345678", 2)]
    note_tracking(shipment=late, actor=late.actor, courier="post", tracking_number="99999")
    tell()
    assert goods_sent(there) == [("12345678", 2), ("99999", 2)]
    assert [n for row in there.to_send.values() for _sku, n in row["lines"].values()] == [0, 0, 9]  # another order's


def test_two_parts_under_one_number_are_two(order, ship, tell, there):
    ship(1, key="a", **CJ)
    tell()
    ship(2, 1, key="b", **CJ)
    tell()
    assert goods_sent(there) == [("12345678", 1), ("12345678", 3)]


@pytest.mark.parametrize("mishap", ["lost", "half", "500", "429", "throttled", "html", "empty"])
def test_whatever_is_lost_it_is_sent_once(order, ship, tell, there, mishap):
    ship(2, **CJ)
    asks = ["", "", "", ""]  # the order, what was sent, what is open, its lines
    there.mishaps.extend([*asks, mishap])
    row = tell()
    assert row.state == "waiting" and row.problem and row.failures == 1 and row.not_before > timezone.now()
    assert sweep_parcels() == 0  # not yet
    row = tell(due=True)
    assert row.state == "done" and not row.problem and goods_sent(there) == [("12345678", 2)]
    assert row.external_ids == list(there.sent)


def test_a_kill_between_is_taken_up_and_sent_once(order, ship, tell, there, monkeypatch):
    ship(2, **CJ)

    def die(*args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(telling_parcels, "_done", die)
        with pytest.raises(KeyboardInterrupt):
            tell()
    assert tell().state == "waiting" and there.asked["fulfillmentCreate"] == 1  # somebody may be at it
    Fulfilment.objects.update(not_before=timezone.now() - timedelta(seconds=1))
    assert sweep_parcels() == 1
    assert tell().state == "done" and goods_sent(there) == [("12345678", 2)]


def test_it_is_given_up_after_some_attempts_and_tried_again_by_a_person(order, ship, tell, there, shop):
    ship(2, **CJ)
    for _attempt in range(telling_parcels.MOST_FAILURES):
        there.mishaps.append("html")
        there.mishaps.extend(["html"] * 4)  # each question is asked five times
        row = tell(due=True)
    assert row.state == "failed" and row.problem and sweep_parcels() == 0
    there.mishaps.clear()
    assert retry_parcels(channel=order.channel) == 1 and tell().state == "done"
    assert goods_sent(there) == [("12345678", 2)] and retry_parcels(channel=order.channel) == 0


def test_another_number_changes_what_is_there(order, ship, tell, there):
    shipment = ship(2, **CJ)
    tell()
    note_tracking(shipment=shipment, actor=shipment.actor, courier="dhl", tracking_number="JD014600")
    row = tell()
    [sent] = there.sent.values()
    assert (sent["number"], sent["company"], row.state) == ("JD014600", "DHL Express", "done")
    assert there.asked["fulfillmentCreate"] == 1 and row.tracking_number == "JD014600"


def test_a_number_that_changes_while_it_is_told_goes_after_it(order, ship, tell, there, monkeypatch):
    shipment = ship(2, **CJ)
    done = telling_parcels._done

    def change(*args):
        monkeypatch.undo()
        note_tracking(shipment=shipment, actor=shipment.actor, courier="dhl", tracking_number="JD014600")
        done(*args)

    monkeypatch.setattr(telling_parcels, "_done", change)
    row = tell()
    assert (row.state, row.tracking_number, row.not_before) == ("waiting", "12345678", None)
    row = tell()
    assert row.state == "done" and goods_sent(there) == [("JD014600", 2)]


def test_goods_of_several_places_are_several_fulfilments(order, ship, tell, there, shop):
    there.to_send.clear()
    last, first = shop.variants[3].sku, shop.variants[2].sku
    there.place("#1001", {last: 1}, "Seoul", there.key)
    there.place("#1001", {last: 2, first: 1}, "Busan", there.key)
    there.page_size = 1
    ship(**CJ)
    row = tell()
    assert (
        row.state == "done" and len(row.external_ids) == 2 and goods_sent(there) == [("12345678", 1), ("12345678", 3)]
    )


def test_one_of_two_places_was_told_when_it_broke_off(order, ship, tell, there, shop):
    there.to_send.clear()
    last, first = shop.variants[3].sku, shop.variants[2].sku
    there.place("#1001", {last: 3}, "Seoul", there.key)
    there.place("#1001", {first: 1}, "Busan", there.key)
    ship(**CJ)
    there.mishaps.extend(["", "", "", "", "", "", "500"])
    assert tell().state == "waiting" and goods_sent(there) == [("12345678", 3)]
    row = tell(due=True)
    assert row.state == "done" and goods_sent(there) == [("12345678", 1), ("12345678", 3)]
    assert sorted(row.external_ids) == sorted(there.sent)


def test_sent_there_by_hand_without_a_number_it_gets_ours(order, ship, tell, there, shop):
    goods = {shop.variants[3].sku: 3, shop.variants[2].sku: 1}
    there.to_send.clear()
    name = there.fulfil(there.key, goods)
    ship(**CJ)
    row = tell()
    assert (row.state, row.external_ids) == ("done", [name]) and goods_sent(there) == [("12345678", 4)]
    assert there.asked["fulfillmentCreate"] == 0


def test_it_came_from_there_and_is_not_sent_back(order, ship, tell, there, shop):
    name = there.fulfil(there.key, {shop.variants[3].sku: 3, shop.variants[2].sku: 1}, "1234 5678")
    ship(**CJ)
    row = tell()
    assert (row.state, row.external_ids) == ("done", [name]) and len(there.sent) == 1


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda there: there.orders.clear(), "has no order #1001"),
        (lambda there: there.to_send.clear(), "is left to be sent"),
        (lambda there: [row.update(status="ON_HOLD") for row in there.to_send.values()], "is left to be sent"),
        (lambda there: [row["lines"].popitem() for row in there.to_send.values()], "1 more than"),
    ],
)
def test_what_the_shop_refuses_is_told_to_a_person(order, ship, tell, there, spoil, words):
    there.to_send = {key: row for key, row in there.to_send.items() if row["order"] == there.key}
    spoil(there)
    ship(**CJ)
    row = tell()
    assert row.state == "failed" and words in row.problem and not there.sent
    assert Connection.objects.get().problem == ""


def test_a_missing_right_stops_the_numbers_only(order, ship, tell, there):
    there.lacking = {"orders"}
    ship(**CJ)
    row = tell()
    assert row.state == "failed" and "read orders" in row.problem and Connection.objects.get().problem == ""


def test_a_key_that_does_not_open_waits_for_a_person(order, ship, tell, there, shop):
    set_credential(channel=order.channel, kind="token", secret="shpat_another_0123456789", actor=shop.owner)
    ship(**CJ)
    row = tell()
    assert row.state == "waiting" and Connection.objects.get().problem == row.problem != ""
    assert sweep_parcels() == 0
    Connection.objects.update(problem="")
    assert sweep_parcels() == 1


def test_what_was_taken_back_is_not_told(order, ship, tell, there, shop):
    shipment = ship(2, **CJ)
    reverse_posting(posting=shipment.posting, actor=shop.owner, idempotency_key="r")
    assert tell().state == "done" and not there.sent


def test_matched_goods_go_by_their_names_there(shop, connection, there, tell):
    line = SaidLine("", "Blue shirt - M", "", 2, 12000)
    order = said("#7")
    order.lines = [line]
    (made,) = take(connection.channel, shop.owner, order)
    match_sku(channel=connection.channel, sku=line.known_as, variant=shop.variants[3], actor=shop.owner)
    there.place("#7", {"Blue shirt - M": 2})
    made.refresh_from_db()
    ship_order(order=made.order, actor=shop.owner, idempotency_key="s", **CJ)
    assert tell().state == "done" and goods_sent(there) == [("12345678", 2)]


def test_the_shop_mails_the_customer_where_the_brand_wants_it(order, ship, tell, there):
    Connection.objects.update(tells_customers=True)
    ship(**CJ)
    tell()
    assert there.mailed == list(there.sent)


def test_people_see_it_and_try_again(order, ship, tell, there, shop, client, django_assert_max_num_queries):
    there.orders.clear()
    ship(**CJ)
    tell()
    page, again = (
        reverse(f"channels:{name}", args=[shop.slug, order.channel.public_id])
        for name in ("connection", "connection-parcels")
    )
    client.force_login(shop.staff)
    with django_assert_max_num_queries(25):
        shown = client.get(page).content.decode()
    mine = client.get(reverse("channels:order", args=[shop.slug, order.pk])).content.decode()
    for text in (shown, mine):
        assert "#1001" in text and "12345678" in text and Fulfilment.objects.get().problem in text
    for person, status in ((shop.viewer, 403), (make_shop("stranger").owner, 404)):
        client.force_login(person)
        assert client.post(again).status_code == status and Fulfilment.objects.get().state == "failed"
    client.force_login(shop.staff)
    assert client.post(again).status_code == 302 and Fulfilment.objects.get().state == "waiting"
    assert again not in client.get(page).content.decode()
