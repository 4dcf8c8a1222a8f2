"""A shop is asked to deliver its orders to us, once, and to stop when it is disconnected."""

from __future__ import annotations

import pytest
from django.urls import reverse

from erp.channels.live.shopify.listening import TOPICS
from erp.channels.live.shopify.orders import TOPICS as TAKEN_IN
from erp.channels.models import Connection, Credential
from erp.channels.services import listening
from erp.channels.services.credentials import remove_credential, set_credential
from erp.channels.services.listening import (
    close_shop,
    hook_address,
    listen_again,
    listen_soon,
    listen_to_shop,
    open_shop,
)
from tests.channels.desk import browser
from tests.channels.live.conftest import SECRET
from tests.channels.live.fake_orders import errors
from tests.channels.live.fake_shopify import TOKEN

pytestmark = pytest.mark.django_db


@pytest.fixture
def listen(connection, clock):
    def go() -> Connection:
        listen_soon(channel=connection.channel)
        listen_to_shop(channel_id=connection.channel_id, pace=clock.pace)
        connection.refresh_from_db()
        return connection

    return go


def told(there) -> list[tuple[str, str]]:
    return sorted((row["topic"], row["uri"]) for row in there.hooks.values())


def expected(connection) -> list[tuple[str, str]]:
    return sorted((topic, hook_address(connection)) for topic in TOPICS)


def test_each_topic_is_asked_for_once(listen, there, connection):
    row = listen()
    assert (row.listening, row.listening_problem) == ("on", "") and told(there) == expected(row)
    assert hook_address(row).startswith("https://erp.example/hooks/")
    assert {topic.lower().replace("_", "/") for topic in TOPICS} <= TAKEN_IN
    there.page_size = 1
    listen()
    assert told(there) == expected(row) and there.asked["webhookSubscriptionCreate"] == len(TOPICS)


def test_what_is_not_ours_stays_and_an_older_address_of_ours_goes(listen, there, connection):
    path = reverse("channels:hook-shopify", args=[connection.channel.public_id])
    there.hook("ORDERS_CREATE", f"https://old.example{path}")
    foreign = there.hook("ORDERS_CREATE", "https://other.example/hooks/")
    there.hook("ORDERS_CREATE", hook_address(connection))
    row = listen()
    kept = there.hooks.pop(foreign)
    assert kept["uri"] == "https://other.example/hooks/" and told(there) == expected(row)


@pytest.mark.parametrize("mishap", ["lost", "half", "500", "html"])
def test_a_lost_answer_makes_nothing_twice(listen, there, mishap):
    there.mishaps.extend(["", mishap])
    row = listen()
    assert row.listening == "on" and told(there) == expected(row)


def test_what_passes_is_asked_again(listen, there, monkeypatch):
    there.mishaps.extend(["html"] * 5)
    row = listen()
    assert row.listening == "waiting" and row.listening_problem
    queued = []
    monkeypatch.setattr(listening, "async_task", lambda *args, **more: queued.append(args))
    assert listen_again() == 1 and queued == [(listening.RUN_TASK, row.channel_id)]
    assert listen_to_shop(channel_id=row.channel_id) == "on" and listen_again() == 0
    assert listen_to_shop(channel_id=row.channel_id) == "on"  # asked twice, nothing is done twice
    assert there.asked["webhookSubscriptionCreate"] == len(TOPICS)


@pytest.mark.parametrize("origin", ["http://erp.example", "https://localhost", "https://10.0.0.7", "https://erp.local"])
def test_without_a_public_address_a_person_is_told(listen, there, connection, origin):
    Connection.objects.update(origin=origin)
    row = listen()
    assert row.listening == "off" and "PUBLIC_URL" in row.listening_problem and not there.hooks and not there.asked


def test_without_its_keys_a_person_is_told(listen, there, connection, shop):
    remove_credential(channel=connection.channel, kind="webhook", actor=shop.owner)
    row = listen()
    assert row.listening == "off" and "key of webhooks" in row.listening_problem and not there.hooks


def test_a_missing_right_and_a_refusal_are_told(listen, there, connection, monkeypatch):
    there.lacking = {"webhookSubscriptionCreate"}
    row = listen()
    assert row.listening == "off" and "read orders" in row.listening_problem and row.problem == ""
    there.lacking, wrong = set(), errors("Address is not allowed")
    monkeypatch.setattr(
        there, "_webhookSubscriptionCreate", lambda *args: {"webhookSubscriptionCreate": {"userErrors": wrong}}
    )
    row = listen()
    assert row.listening == "off" and "Address is not allowed" in row.listening_problem


def test_a_key_that_was_entered_asks_anew(connection, shop, monkeypatch, django_capture_on_commit_callbacks):
    queued = []
    monkeypatch.setattr(listening, "async_task", lambda *args, **more: queued.append(args))
    Connection.objects.update(listening="off", listening_problem="x")
    with django_capture_on_commit_callbacks(execute=True):
        set_credential(channel=connection.channel, kind="webhook", secret=SECRET, actor=shop.owner)
    connection.refresh_from_db()
    assert (connection.listening, connection.listening_problem) == ("waiting", "")
    assert queued == [(listening.RUN_TASK, connection.channel_id)]


def test_a_channel_without_a_connection_asks_nobody(shop, channel):
    set_credential(channel=channel, kind="webhook", secret=SECRET, actor=shop.owner)
    listen_soon(channel=channel)
    assert listen_to_shop(channel_id=channel.pk) == ""


def test_disconnecting_ends_it_there(listen, there, connection, shop):
    listen()
    foreign = there.hook("ORDERS_CREATE", "https://other.example/hooks/")
    assert close_shop(channel=connection.channel, actor=shop.owner) == ""
    assert list(there.hooks) == [foreign]
    assert not Connection.objects.exists() and not Credential.objects.exists()


def test_a_shop_that_does_not_answer_is_disconnected_all_the_same(listen, there, connection, shop, clock):
    listen()
    there.mishaps.extend(["500"] * 5)
    problem = close_shop(channel=connection.channel, actor=shop.owner, pace=clock.pace)
    assert "500" in problem and TOKEN not in problem and not Connection.objects.exists()


def test_another_shop_takes_its_place(listen, there, connection, shop):
    listen()
    again = {"channel": connection.channel, "actor": shop.owner, "origin": "https://erp.example"}
    assert open_shop(shop="haru.myshopify.com", **again) == "" and there.hooks  # the same one
    assert open_shop(shop="new.myshopify.com", **again) == "" and not there.hooks
    connection.refresh_from_db()
    assert (connection.shop, connection.listening) == ("new.myshopify.com", "waiting")


def test_on_the_page(listen, there, connection, shop, settings):
    settings.PUBLIC_URL = "https://erp.example"
    page, save, end = (
        reverse(f"channels:{name}", args=[shop.slug, connection.channel.public_id])
        for name in ("connection", "connection-shop", "connection-end")
    )
    client = browser(shop.owner)
    form = {"shop": "haru.myshopify.com", "api_version": "2026-10", "tells_customers": "on"}
    assert client.post(save, form).status_code == 302
    connection.refresh_from_db()
    assert (connection.origin, connection.tells_customers) == ("https://erp.example", True)
    Connection.objects.update(origin="http://127.0.0.1")
    assert listen().listening_problem.split(":")[0] in client.get(page).content.decode()
    Connection.objects.update(origin="https://erp.example")
    listen()
    assert "Orders come in by themselves" in client.get(page).content.decode()
    Credential.objects.filter(kind="token").delete()
    answer = client.post(end, follow=True)
    assert "Delete its webhooks there" in answer.content.decode() and not Connection.objects.exists()
