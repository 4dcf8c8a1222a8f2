"""What shops deliver: nothing without the right signature, everything once, nothing lost by a kill."""

from __future__ import annotations

import json
import time
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from erp.channels.models import Channel, ChannelOrder, Fulfilment, Inbound
from erp.channels.services import inbound as services
from erp.channels.services.credentials import make_signing_key, remove_credential
from erp.channels.services.inbound import retry_inbound, sweep_inbound, work_off
from erp.channels.views.hooks_in import MOST_BYTES
from erp.inventory.models import Balance
from erp.trade.models import Shipment
from erp.trade.services.orders import ship_order
from erp.trade.services.tracking import note_tracking
from tests.channels.live.conftest import SECRET
from tests.channels.live.payloads import post, shopify_headers, shopify_order, signed

pytestmark = pytest.mark.django_db


@pytest.fixture
def tell(client, connection):
    """Delivers an order as Shopify does, and works it off."""
    url = reverse("channels:hook-shopify", args=[connection.channel.public_id])

    def go(order, topic="orders/create", secret=SECRET, work=True, **headers):
        body = order if isinstance(order, bytes) else json.dumps(order).encode()
        answer = post(client, url, body, shopify_headers(secret, body, topic) | headers)
        if work:
            for row in Inbound.objects.filter(state="waiting"):
                work_off(inbound_id=row.pk)
        return answer

    return go


@pytest.fixture
def own(shop):
    """A channel of any shop, its address and its key."""
    channel = Channel.objects.create(brand=shop.brand, kind="generic", name="My shop")
    key = make_signing_key(channel=channel, actor=shop.owner)
    return reverse("channels:hook-orders", args=[channel.public_id]), key, channel


def order(number: str, *goods: tuple[str, int], **more):
    lines = [{"sku": sku, "title": "Shirt", "quantity": count, "unit_price": "12000"} for sku, count in goods]
    return {"number": number, "lines": lines} | more


def held(variant) -> int:
    return Balance.objects.get(variant=variant).reserved


def test_an_order_of_shopify_is_taken_in_once(tell, shop, connection):
    variant = shop.variants[3]
    told = shopify_order("#1001", (variant.sku, 2))
    first = tell(told)
    assert first.status_code == 200 and first.json() == {"duplicate": False}
    made = ChannelOrder.objects.get()
    assert (made.number, made.state, made.customer_name) == ("#1001", "taken", "Jane Doe") and held(variant) == 2
    assert tell(told).json() == {"duplicate": True}  # the same content under another id
    again = Inbound.objects.get()
    assert again.state == "done" and bytes(again.body) == b"" and again.results[0]["state"] == "taken"
    tell(told | {"updated_at": "2026-11-20T11:00:00+09:00"}, "orders/updated")
    assert held(variant) == 2 and ChannelOrder.objects.count() == 1


def test_it_is_kept_before_it_is_acknowledged(tell, shop, monkeypatch, django_capture_on_commit_callbacks):
    queued = []
    monkeypatch.setattr(services, "async_task", lambda *args, **more: queued.append(args))
    with django_capture_on_commit_callbacks(execute=True):
        start = time.monotonic()
        assert tell(shopify_order("#1", (shop.variants[0].sku, 1)), work=False).status_code == 200
        assert time.monotonic() - start < 1
    kept = Inbound.objects.get()
    assert kept.state == "waiting" and queued == [(services.WORK_TASK, kept.pk)] and not ChannelOrder.objects.exists()


def test_a_broker_that_is_down_loses_nothing(tell, shop, monkeypatch, django_capture_on_commit_callbacks):
    def down(*args, **more):
        raise ConnectionError

    monkeypatch.setattr(services, "async_task", down)
    with django_capture_on_commit_callbacks(execute=True):
        assert tell(shopify_order("#1", (shop.variants[0].sku, 1)), work=False).status_code == 200
    assert Inbound.objects.get().state == "waiting"


def test_a_wrong_signature_writes_nothing(tell, shop):
    refused = tell(shopify_order("#1", (shop.variants[0].sku, 1)), secret="shpss_another_secret_1")
    assert refused.status_code == 401 and refused.json()["code"] == "bad_signature"
    assert not Inbound.objects.exists() and SECRET not in refused.content.decode()


@pytest.mark.parametrize(("size", "status"), [(MOST_BYTES + 1, 413), (MOST_BYTES, 401)])
def test_a_body_of_more_than_ten_megabytes_is_not_read(client, connection, size, status):
    url = reverse("channels:hook-shopify", args=[connection.channel.public_id])
    answer = post(client, url, b" " * size, {"X-Shopify-Hmac-Sha256": "x", "X-Shopify-Topic": "orders/create"})
    assert answer.status_code == status and not Inbound.objects.exists()


def test_a_body_of_ten_megabytes_that_is_signed_is_kept(tell, connection):
    body = json.dumps(shopify_order("#1", ("A", 1), note="x" * (MOST_BYTES - 2000))).encode()
    assert tell(body, work=False).status_code == 200 and Inbound.objects.get().size == len(body)


def test_what_came_late_does_not_undo_what_was_said_later(tell, shop):
    variant = shop.variants[3]
    later = "2026-11-20T12:00:00+09:00"
    tell(shopify_order("#1", (variant.sku, 1), updated_at=later))
    tell(shopify_order("#1", (variant.sku, 3)), "orders/updated")
    assert ChannelOrder.objects.get().state == "taken" and held(variant) == 1
    assert Inbound.objects.first().results[0]["state"] == "older"


def test_paid_cancelled_and_fulfilled_follow(tell, shop):
    variant = shop.variants[3]
    tell(shopify_order("#1", (variant.sku, 1), financial_status="pending"))
    assert not ChannelOrder.objects.get().is_paid
    tell(shopify_order("#1", (variant.sku, 1), updated_at="2026-11-20T11:00:00+09:00"), "orders/paid")
    assert ChannelOrder.objects.get().is_paid
    gone = {"cancelled_at": "2026-11-20T12:00:00+09:00", "updated_at": "2026-11-20T12:00:00+09:00"}
    tell(shopify_order("#1", (variant.sku, 1)) | gone, "orders/cancelled")
    assert ChannelOrder.objects.get().state == "cancelled" and held(variant) == 0
    sent = {"fulfillment_status": "fulfilled", "updated_at": "2026-11-20T13:00:00+09:00"}
    tell(shopify_order("#2", (variant.sku, 2)))
    tell(shopify_order("#2", (variant.sku, 2)) | sent, "orders/fulfilled")
    assert ChannelOrder.objects.get(number="#2").state == "shipped"
    assert Balance.objects.get(variant=variant).on_hand == 2 and held(variant) == 0


def sent_there(number: str = "1Z 999-AA1", company: str = "UPS", status: str = "success"):
    name = f"gid://shopify/Fulfillment/{number}"
    row = {"id": 1, "admin_graphql_api_id": name, "status": status}
    return row | {"tracking_company": company, "tracking_number": number}


def later(hour: int, *parcels, **more):
    told = {"fulfillments": list(parcels), "updated_at": f"2026-11-20T{hour}:00:00+09:00"}
    return {"fulfillment_status": "fulfilled"} | told | more


@pytest.mark.parametrize(
    ("parcels", "kept"),
    [
        ([sent_there()], ("ups", "1Z999AA1")),
        ([sent_there(company="CJ Logistics")], ("cj", "1Z999AA1")),
        ([sent_there(company="우체국 택배")], ("post", "1Z999AA1")),
        ([sent_there(company="Somebody")], ("other", "1Z999AA1")),
        ([sent_there(company=None)], ("other", "1Z999AA1")),
        ([sent_there("11111"), sent_there("22222"), sent_there("33333", status="cancelled")], ("ups", "22222")),
        ([sent_there("?!")], ("", "")),
        ([sent_there("")], ("", "")),
        ([], ("", "")),
    ],
)
def test_what_was_sent_there_keeps_its_courier_and_number(tell, shop, parcels, kept):
    told = shopify_order("#1", (shop.variants[3].sku, 2))
    tell(told)
    tell(told | later(13, *parcels), "orders/fulfilled")
    shipment = Shipment.objects.get()
    assert (shipment.courier, shipment.tracking_number) == kept
    rows = Fulfilment.objects.values_list("state", "courier", "tracking_number")
    assert list(rows) == ([("done", *kept)] if kept[1] else [])  # the shop is not told what it told us
    assert ChannelOrder.objects.get().state == "shipped" and Inbound.objects.first().state == "done"


def test_a_number_that_came_later_is_noted_once_and_never_over_a_persons(tell, shop):
    told = shopify_order("#1", (shop.variants[3].sku, 2))
    tell(told)
    tell(told | later(13), "orders/fulfilled")
    tell(told | later(14, sent_there("11111")), "orders/updated")
    shipment = Shipment.objects.get()
    assert (shipment.courier, shipment.tracking_number) == ("ups", "11111")
    note_tracking(shipment=shipment, actor=shop.owner, courier="cj", tracking_number="77777")
    tell(told | later(15, sent_there("22222")), "orders/updated")
    shipment.refresh_from_db()
    assert (shipment.courier, shipment.tracking_number) == ("cj", "77777")
    row = Fulfilment.objects.get()  # and goes there instead of the first
    assert (row.state, row.external_ids) == ("waiting", ["gid://shopify/Fulfillment/11111"])


def test_of_two_shipments_nobody_guesses(tell, shop):
    told = shopify_order("#1", (shop.variants[3].sku, 2))
    tell(told)
    order = ChannelOrder.objects.get().order
    for key in ("a", "b"):
        ship_order(order=order, actor=shop.owner, idempotency_key=key, quantities={order.lines.get().pk: 1})
    tell(told | later(14, sent_there("11111")), "orders/updated")
    assert {row.tracking_number for row in Shipment.objects.all()} == {""}


def test_unknown_goods_are_parked(tell, shop):
    tell(shopify_order("#1", ("THEIRS", 1)))
    assert ChannelOrder.objects.get().state == "unknown"


@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", b'{"name": ""}', b'{"name": "1", "line_items": [{"quantity": 1, "price": "NaN"}]}', b"1"],
)
def test_what_is_no_order_is_kept_and_told(tell, body):
    assert tell(body).status_code == 200
    row = Inbound.objects.get()
    assert row.state == "failed" and row.problem and bytes(row.body) == body


def test_other_topics_are_acknowledged_and_forgotten(tell):
    assert tell({"id": 1}, "products/update").status_code == 204 and not Inbound.objects.exists()


def test_a_kill_leaves_it_to_the_sweep(tell, shop, monkeypatch, django_capture_on_commit_callbacks):
    tell(shopify_order("#1", (shop.variants[0].sku, 1)), work=False)
    row = Inbound.objects.get()

    def die(*args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setitem(services.WORKERS, "shopify", die)
        with pytest.raises(KeyboardInterrupt):
            work_off(inbound_id=row.pk)
    assert work_off(inbound_id=row.pk) == "waiting" and sweep_inbound() == 0  # somebody may be at it
    Inbound.objects.update(updated_at=timezone.now() - timedelta(minutes=10))
    assert sweep_inbound() == 1 and work_off(inbound_id=row.pk) == "done"
    assert ChannelOrder.objects.count() == 1


def test_what_fails_unexpectedly_is_tried_again_and_then_shown(tell, shop, monkeypatch):
    tell(shopify_order("#1", (shop.variants[0].sku, 1)), work=False)
    row = Inbound.objects.get()
    with monkeypatch.context() as patch:
        patch.setitem(services.WORKERS, "shopify", lambda *args: 1 / 0)
        for _attempt in range(services.MOST_ATTEMPTS):
            Inbound.objects.update(updated_at=timezone.now() - timedelta(minutes=10))
            work_off(inbound_id=row.pk)
    row.refresh_from_db()
    assert row.state == "failed" and row.problem
    retry_inbound(inbound=row)
    assert work_off(inbound_id=row.pk) == "done"


def test_signed_orders_of_any_shop(client, own, shop):
    url, key, channel = own
    variant = shop.variants[3]
    content = {"orders": [order("A-1", (variant.sku, 1)), order("A-2", ("THEIRS", 1), is_paid=False)]}
    answer = signed(client, url, key, content)
    assert answer.status_code == 202 and answer.json()["duplicate"] is False
    assert work_off(inbound_id=Inbound.objects.get().pk) == "done"
    told = client.get(answer.json()["status_url"]).json()
    assert told["state"] == "done" and [o["state"] for o in told["orders"]] == ["taken", "unknown"]
    assert signed(client, url, key, content).json()["duplicate"] is True
    assert held(variant) == 1 and ChannelOrder.objects.filter(channel=channel).count() == 2


def test_clocks_that_differ_are_told_apart_from_wrong_keys(client, own):
    url, key, _channel = own
    content = {"orders": [order("A-1", ("X", 1))]}
    for moment, status_code, code in (
        (int(time.time()) - 400, 401, "signature_expired"),
        (int(time.time()) + 400, 401, "signature_expired"),
        (int(time.time()) - 100, 202, None),
    ):
        answer = signed(client, url, key, content, moment=moment)
        assert (answer.status_code, answer.json().get("code")) == (status_code, code)
    assert signed(client, url, "whsec_wrong", content).json()["code"] == "bad_signature"
    assert Inbound.objects.count() == 1


def test_an_id_with_other_content_is_refused(client, own):
    url, key, _channel = own
    first = signed(client, url, key, {"orders": [order("A-1", ("X", 1))]}, **{"Webhook-Id": "one"})
    other = signed(client, url, key, {"orders": [order("A-2", ("X", 1))]}, **{"Webhook-Id": "one"})
    assert (first.status_code, other.status_code) == (202, 409) and Inbound.objects.count() == 1


def test_every_order_that_is_wrong_is_named_and_nothing_is_kept(client, own):
    url, key, _channel = own
    wrong = [
        order("A-1", ("X", 0)),
        order("", ("X", 1)),
        {"number": "A-3", "lines": []},
        order("A-4", ("X", 1), placed_at="yesterday", is_paid="yes"),
        {"number": "A-5", "lines": [{"sku": "X", "quantity": 1, "unit_price": "-1"}]},
        order("A-6", ("X", 1)),
        order("A-6", ("X", 1)),
    ]
    answer = signed(client, url, key, {"orders": wrong})
    found = {(e["line"], e["code"]) for e in answer.json()["errors"]}
    assert answer.status_code == 400 and found == {
        (1, "bad_quantity"), (2, "no_number"), (3, "bad_lines"), (4, "bad_moment"), (4, "no_boolean"),
        (5, "bad_price"), (6, "twice"), (7, "twice"),
    }  # fmt: skip
    for body in (b"", b"[]", b"{}", b'{"orders": []}', b'{"orders": 5}', b"[" * 100_000, b'{"orders": ["\\ud800"]}'):
        assert signed(client, url, key, body).status_code == 400
    assert not Inbound.objects.exists()


def test_a_channel_without_a_key_or_out_of_use_is_not_there(client, own, shop):
    url, key, channel = own
    content = {"orders": [order("A-1", ("X", 1))]}
    Channel.objects.filter(pk=channel.pk).update(is_active=False)
    assert signed(client, url, key, content).status_code == 404
    Channel.objects.filter(pk=channel.pk).update(is_active=True)
    remove_credential(channel=channel, kind="webhook", actor=shop.owner)
    assert signed(client, url, key, content).status_code == 404
    assert client.get(url, headers={"Accept-Language": "en"}).status_code == 405


def test_no_csrf_token_is_asked_for(own):
    url, key, _channel = own
    strict = Client(enforce_csrf_checks=True)
    assert signed(strict, url, key, {"orders": [order("A-1", ("X", 1))]}).status_code == 202


def test_what_was_refunded_or_removed_is_not_held(tell, shop):
    first, second = shop.variants[2], shop.variants[3]
    told = shopify_order("#1", (first.sku, 1), (second.sku, 2))
    told["line_items"][0]["current_quantity"] = 0
    told["line_items"][1]["current_quantity"] = 1
    tell(told)
    assert (held(first), held(second)) == (0, 1)
    refunded = {"financial_status": "refunded", "updated_at": "2026-11-20T12:00:00+09:00"}
    tell(told | refunded, "orders/updated")
    assert ChannelOrder.objects.get().state == "cancelled" and held(second) == 0
    gone = shopify_order("#2", (first.sku, 1))
    gone["line_items"][0]["current_quantity"] = 0
    tell(gone)
    assert ChannelOrder.objects.get(number="#2").state == "cancelled" and held(first) == 0


def test_what_no_database_holds_stops_no_order_of_shopify(tell, shop):
    told = shopify_order("#1", (shop.variants[3].sku, 1), created_at="0001-01-01T00:00:00+09:00")
    told["shipping_address"]["name"] = "Jane \ud800\x00Doe"
    tell(told)
    made = ChannelOrder.objects.get()
    assert (made.state, made.customer_name, made.placed_at) == ("taken", "Jane Doe", None)


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+09:00", "9999-12-31T23:59:59-12:00"])
def test_moments_that_no_database_holds_are_named(client, own, moment):
    url, key, _channel = own
    refused = signed(client, url, key, {"orders": [order("1", ("A", 1), placed_at=moment)]})
    assert refused.status_code == 400 and refused.json()["errors"][0]["field"] == "placed_at"
    assert not Inbound.objects.exists()


def test_a_price_that_is_rounded_beyond_any_price_is_named(client, own):
    url, key, _channel = own
    told = order("1", ("A", 1))
    told["lines"][0]["unit_price"] = "9999999999.999"
    refused = signed(client, url, key, {"orders": [told]})
    assert refused.status_code == 400 and refused.json()["errors"][0]["field"] == "unit_price"


def test_a_name_that_is_there_twice_drops_no_orders(client, own):
    url, key, _channel = own
    one, other = (json.dumps([order(number, ("A", 1))]) for number in ("1", "2"))
    refused = signed(client, url, key, f'{{"orders": {one}, "orders": {other}}}'.encode())
    assert refused.status_code == 400 and not Inbound.objects.exists()
