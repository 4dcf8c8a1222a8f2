"""Webhooks to a brand's own systems: signed, repeated, given up, replayed; and never into our own network."""

from __future__ import annotations

import json
import socket
import time
from collections import deque
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from erp.channels.live import guard, hook
from erp.channels.live.guard import Forbidden, check_url, resolve
from erp.channels.live.hook import Outcome, deliver
from erp.channels.models import Channel, ChannelOrder, WebhookDelivery, WebhookEndpoint
from erp.channels.services import delivering
from erp.channels.services.delivering import MOST_ATTEMPTS, deliver_due, pause_after, sweep
from erp.channels.services.hooks import (
    create_endpoint,
    pause_endpoint,
    replay,
    replay_dead,
    resume_endpoint,
    try_endpoint,
    update_endpoint,
)
from erp.channels.services.outbox import Event, announce, announce_stock, catch_up_stock
from erp.channels.signing import RIGHT, judge
from erp.core.errors import DomainError
from erp.trade.services.orders import ship_order
from tests.channels.live.servers import reply, serving
from tests.channels.test_intake import said, take

pytestmark = pytest.mark.django_db
ALL = ["stock.changed", "order.taken", "order.shipped", "order.cancelled", "listing.changed", "export.done"]


class Receiver:
    """Takes deliveries down and answers as it is told, else 200."""

    def __init__(self) -> None:
        self.taken: list[tuple[dict[str, str], bytes]] = []
        self.answers: deque[int] = deque()
        self.body = b"thank you"

    def answer(self, handler, body: bytes) -> None:
        self.taken.append((dict(handler.headers), body))
        status = self.answers.popleft() if self.answers else 200
        more = {"Location": "http://127.0.0.1:1/"} if 300 <= status < 400 else {}
        reply(handler, status, self.body, **more)


@pytest.fixture
def receiver(settings):
    settings.WEBHOOKS_TO_PRIVATE = settings.WEBHOOKS_UNENCRYPTED = True
    found = Receiver()
    with serving(found.answer) as address:
        found.address = f"{address}/hook"
        yield found


@pytest.fixture
def endpoint(shop, receiver):
    made, receiver.key = create_endpoint(
        brand=shop.brand, name="Warehouse", url=receiver.address, events=ALL, actor=shop.owner
    )
    return made


def due_now() -> None:
    WebhookDelivery.objects.update(next_at=timezone.now())


def test_a_delivery_is_signed_and_named(shop, endpoint, receiver):
    announce(brand=shop.brand, event=Event.EXPORT_DONE, contents=[{"file_name": "셔츠.csv"}])
    assert deliver_due(endpoint_id=endpoint.pk) == 1
    ((headers, body),) = receiver.taken
    delivery = WebhookDelivery.objects.get()
    assert delivery.state == "delivered" and (delivery.status, delivery.answer) == (200, "thank you")
    assert headers["Webhook-Id"] == str(delivery.public_id) and headers["Webhook-Event"] == "export.done"
    assert judge(receiver.key, body, headers["Webhook-Signature"]) == RIGHT
    assert judge("whsec_other", body, headers["Webhook-Signature"]) != RIGHT
    told = json.loads(body)
    assert (
        told["data"] == {"file_name": "셔츠.csv"} and told["brand"] == shop.slug and told["id"] == headers["Webhook-Id"]
    )


def test_what_fails_is_sent_again_under_the_same_id(shop, endpoint, receiver):
    announce(brand=shop.brand, event=Event.EXPORT_DONE, contents=[{"n": 1}])
    receiver.answers.extend([500, 301])
    for attempt in (1, 2):
        assert deliver_due(endpoint_id=endpoint.pk) == 1 and deliver_due(endpoint_id=endpoint.pk) == 0
        row = WebhookDelivery.objects.get()
        assert row.state == "waiting" and row.problem and row.attempts == attempt and row.next_at > timezone.now()
        due_now()
    endpoint.refresh_from_db()
    assert endpoint.failing_since and endpoint.problem and endpoint.is_active
    assert deliver_due(endpoint_id=endpoint.pk) == 1
    ids, bodies = ({h["Webhook-Id"] for h, _b in receiver.taken}, {b for _h, b in receiver.taken})
    assert len(receiver.taken) == 3 and len(ids) == len(bodies) == 1
    endpoint.refresh_from_db()
    assert endpoint.failing_since is None and endpoint.problem == ""


def test_pauses_grow_for_a_day_and_some():
    pauses = [pause_after(attempt, 0.5).total_seconds() for attempt in range(1, MOST_ATTEMPTS)]
    assert pauses[:3] == [30, 60, 120] and max(pauses) == delivering.LONGEST_PAUSE
    assert 18 * 3600 <= sum(pauses) <= 30 * 3600
    assert pause_after(3, 0.0) < pause_after(3, 1.0)


def test_what_is_given_up_waits_for_a_person(shop, endpoint, receiver):
    announce(brand=shop.brand, event=Event.EXPORT_DONE, contents=[{"n": 1}, {"n": 2}])
    WebhookDelivery.objects.update(attempts=MOST_ATTEMPTS - 1)
    receiver.answers.extend([500, 500])
    deliver_due(endpoint_id=endpoint.pk)
    assert list(WebhookDelivery.objects.values_list("state", flat=True)) == ["dead", "dead"] and sweep() == 0
    one = WebhookDelivery.objects.first()
    assert replay(delivery=one).state == "waiting" and deliver_due(endpoint_id=endpoint.pk) == 1
    assert replay_dead(endpoint=endpoint) == 1 and deliver_due(endpoint_id=endpoint.pk) == 1
    assert not WebhookDelivery.objects.exclude(state="delivered").exists()


def test_an_endpoint_that_fails_for_days_is_paused_and_people_are_told(shop, endpoint, receiver, client):
    announce(brand=shop.brand, event=Event.EXPORT_DONE, contents=[{}])
    WebhookEndpoint.objects.update(failing_since=timezone.now() - delivering.PATIENCE)
    receiver.answers.append(500)
    deliver_due(endpoint_id=endpoint.pk)
    endpoint.refresh_from_db()
    assert endpoint.is_stopped and deliver_due(endpoint_id=endpoint.pk) == 0
    client.force_login(shop.owner)
    assert f"/b/{shop.slug}/webhooks/" in client.get(f"/b/{shop.slug}/").content.decode()
    resume_endpoint(endpoint=endpoint, actor=shop.owner)
    assert deliver_due(endpoint_id=endpoint.pk) == 1 and WebhookDelivery.objects.get().state == "delivered"


def test_one_that_is_gone_is_paused_at_once(shop, endpoint, receiver):
    announce(brand=shop.brand, event=Event.EXPORT_DONE, contents=[{}])
    receiver.answers.append(410)
    deliver_due(endpoint_id=endpoint.pk)
    endpoint.refresh_from_db()
    assert endpoint.is_stopped


def test_a_worker_that_died_in_it_leaves_it_to_another(shop, endpoint, receiver):
    announce(brand=shop.brand, event=Event.EXPORT_DONE, contents=[{}])

    def die(**call):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        deliver_due(endpoint_id=endpoint.pk, send=die)
    assert deliver_due(endpoint_id=endpoint.pk) == 0 and sweep() == 0
    WebhookDelivery.objects.update(next_at=timezone.now() - timedelta(seconds=1))
    assert sweep() == 1 and deliver_due(endpoint_id=endpoint.pk) == 1


def test_changes_of_stock_are_told_together_with_the_newest_truth(shop, endpoint, receiver):
    variant = shop.variants[0]
    for _change in range(3):
        shop.stock(variant, 1)
        announce_stock(shop.brand.pk, [variant.pk])
    assert WebhookDelivery.objects.count() == 1
    deliver_due(endpoint_id=endpoint.pk)
    told = json.loads(receiver.taken[0][1])["data"]
    assert told["sku"] == variant.sku and (told["on_hand"], told["available"]) == (4, 4)
    announce_stock(shop.brand.pk, [variant.pk])
    assert WebhookDelivery.objects.filter(state="waiting").count() == 1


def test_a_repetition_says_the_same_and_what_came_after_is_told_apart(shop, endpoint, receiver):
    variant = shop.variants[0]
    announce_stock(shop.brand.pk, [variant.pk])
    receiver.answers.append(500)
    deliver_due(endpoint_id=endpoint.pk)
    shop.stock(variant, 1)
    announce_stock(shop.brand.pk, [variant.pk])
    due_now()
    deliver_due(endpoint_id=endpoint.pk)
    assert sorted(json.loads(body)["data"]["on_hand"] for _h, body in receiver.taken) == [1, 1, 2]


def test_the_ledgers_signal_writes_them(shop, endpoint, monkeypatch, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        shop.stock(shop.variants[0], 1)
    assert WebhookDelivery.objects.get().subject == str(shop.variants[0].pk)


def test_stock_that_moved_untold_is_caught_up(shop, endpoint):
    shop.stock(shop.variants[0], 1)  # and the process died before it was noted
    assert catch_up_stock() == 0  # it may be about to be
    assert catch_up_stock(settled=timedelta(0)) == 1 and catch_up_stock(settled=timedelta(0)) == 0


def test_orders_are_announced(shop, endpoint, django_capture_on_commit_callbacks):
    channel = Channel.objects.create(brand=shop.brand, kind="generic", name="Shop")
    variant = shop.variants[3]
    (one, two) = take(channel, shop.owner, said("1", (variant.sku, 1)), said("2", (variant.sku, 1)))
    ship_order(order=one.order, actor=shop.owner, idempotency_key="s")
    take(channel, shop.owner, said("2", (variant.sku, 1), is_cancelled=True))
    events = WebhookDelivery.objects.exclude(event="stock.changed").order_by("pk").values_list("event", flat=True)
    assert list(events) == ["order.taken", "order.taken", "order.shipped", "order.cancelled"]
    assert ChannelOrder.objects.get(number="2").state == "cancelled"


def test_only_what_was_chosen_is_told_and_nothing_while_paused(shop, endpoint):
    update_endpoint(endpoint=endpoint, name="W", url=endpoint.url, events=["order.taken"], actor=shop.owner)
    assert announce(brand=shop.brand, event=Event.EXPORT_DONE, contents=[{}]) == 0
    assert announce(brand=shop.brand, event=Event.ORDER_TAKEN, contents=[{}]) == 1
    pause_endpoint(endpoint=endpoint, actor=shop.owner)
    assert announce(brand=shop.brand, event=Event.ORDER_TAKEN, contents=[{}]) == 0
    endpoint.refresh_from_db()
    with pytest.raises(DomainError):
        try_endpoint(endpoint=endpoint)


def test_what_is_rolled_back_is_not_told(shop, endpoint):
    with transaction.atomic():
        assert announce(brand=shop.brand, event=Event.ORDER_TAKEN, contents=[{}]) == 1
        transaction.set_rollback(True)
    assert not WebhookDelivery.objects.exists()


INNER = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.10", "169.254.169.254", "0.0.0.1", "100.64.0.1", "224.0.0.1",
    "::1", "fe80::1", "fd00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:7f00:1::1", "ff02::1",
    "::7f00:1", "64:ff9b:1::a00:1", "fec0::1",
]  # fmt: skip


@pytest.mark.parametrize("address", INNER)
def test_no_name_leads_into_our_network(address, monkeypatch, settings):
    """However it is written: as itself, or behind a name."""
    settings.WEBHOOKS_TO_PRIVATE = False
    literal = f"[{address}]" if ":" in address else address
    with pytest.raises(Forbidden):
        check_url(f"https://{literal}/hook")
    family = (address, 443, 0, 0) if ":" in address else (address, 443)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: [(0, 0, 0, "", ("8.8.8.8", 443)), (0, 0, 0, "", family)])
    with pytest.raises(Forbidden):
        resolve("inner.example", 443)


@pytest.mark.parametrize(
    "url",
    ["http://a.example/", "ftp://a.example/", "https://", "https://u:p@a.example/", "https://a.example:22/", "x", "https://[::1",
     "https://a.example:99999/"],
)  # fmt: skip
def test_addresses_that_are_none(url, settings):
    settings.WEBHOOKS_UNENCRYPTED = False
    with pytest.raises(Forbidden):
        check_url(url)


def test_the_connection_goes_to_the_address_that_was_judged(receiver, monkeypatch, settings):
    """The name leads to the outside when it is judged; a second look-up would lead inside."""
    settings.WEBHOOKS_TO_PRIVATE = False
    looked, port = [], int(receiver.address.split(":")[2].split("/")[0])
    monkeypatch.setattr(guard, "_is_public", lambda address: True)
    real = socket.getaddrinfo

    def look_up(host, *args, **more):
        looked.append(host)
        return real("127.0.0.1", *args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    found = deliver(url=f"http://rebind.example:{port}/hook", key="k", name="n", event="test", body=b"{}")
    assert (
        found.problem == "" and looked.count("rebind.example") == 1 and set(looked) <= {"rebind.example", "127.0.0.1"}
    )
    assert receiver.taken[0][0]["Host"] == f"rebind.example:{port}"


def test_a_name_behind_which_is_our_network_is_not_called(receiver, settings, monkeypatch):
    settings.WEBHOOKS_TO_PRIVATE = False
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *a, **k: real("127.0.0.1", *a, **k))
    url = receiver.address.replace("127.0.0.1", "inner.example")
    found = deliver(url=url, key="k", name="n", event="test", body=b"{}")
    assert found.status is None and found.problem and receiver.taken == []


def test_redirects_are_not_followed_and_answers_are_cut(receiver):
    receiver.answers.append(302)
    receiver.body = "하".encode() * 100_000
    found = deliver(url=receiver.address, key="k", name="n", event="test", body=b"{}")
    assert found.status == 302 and "302" in found.problem and len(receiver.taken) == 1 and len(found.answer) == 500


def test_who_does_not_answer_is_not_waited_for(monkeypatch, settings):
    settings.WEBHOOKS_TO_PRIVATE = settings.WEBHOOKS_UNENCRYPTED = True
    monkeypatch.setattr(hook, "TIMEOUT", (0.2, 0.2))
    with serving(lambda handler, body: time.sleep(0.5)) as address:
        found = deliver(url=address, key="k", name="n", event="test", body=b"{}")
    assert found.status is None and found.problem
    assert deliver(url=address, key="k", name="n", event="test", body=b"{}").problem  # nobody there any more


def trickling(handler, body):
    for _second in range(60):
        handler.wfile.write(b"X")
        time.sleep(0.05)


def test_headers_that_trickle_are_not_waited_for(monkeypatch, settings):
    """Each byte is in time; all of them never end, and would hold the worker of every brand."""
    settings.WEBHOOKS_TO_PRIVATE = settings.WEBHOOKS_UNENCRYPTED = True
    monkeypatch.setattr(hook, "MOST_SECONDS", 0.3)
    with serving(trickling) as address:
        found = deliver(url=address, key="k", name="n", event="test", body=b"{}")
    assert found.status is None and found.problem and found.milliseconds < 2_000


HALF = [b"Content-Length: 100\r\n\r\nhalf", b"Transfer-Encoding: chunked\r\n\r\nzzz\r\n"]


@pytest.mark.parametrize(("code", "taken"), [(b"200", True), (b"500", False)])
@pytest.mark.parametrize("rest", HALF)
def test_half_an_answer_has_said_its_code(settings, code, taken, rest):
    settings.WEBHOOKS_TO_PRIVATE = settings.WEBHOOKS_UNENCRYPTED = True
    with serving(lambda handler, body: handler.wfile.write(b"HTTP/1.1 " + code + b" X\r\n" + rest)) as address:
        found = deliver(url=address, key="k", name="n", event="test", body=b"{}")
    assert found.status == int(code) and (found.problem == "") is taken


def test_a_key_that_cannot_be_opened_is_told(shop, endpoint, settings):
    announce(brand=shop.brand, event=Event.EXPORT_DONE, contents=[{}])
    settings.SECRET_KEY = "another"
    deliver_due(endpoint_id=endpoint.pk, send=lambda **call: Outcome(200, 1, "", ""))
    assert WebhookDelivery.objects.get().problem
