"""The pages of connections and webhooks: for the brand's people, each as far as their role goes."""

from __future__ import annotations

import pytest
from django.urls import reverse

from erp.channels.models import Connection, Credential, Inbound, Push, WebhookDelivery, WebhookEndpoint
from erp.channels.services.hooks import create_endpoint
from erp.channels.services.outbox import announce
from tests.api.shop import make_shop
from tests.channels.live.fake_shopify import PLACE, TOKEN

pytestmark = pytest.mark.django_db


@pytest.fixture
def endpoint(shop):
    made, _key = create_endpoint(
        brand=shop.brand, name="Warehouse", url="https://a.example/h", events=["order.taken"], actor=shop.owner
    )
    announce(brand=shop.brand, event="order.taken", contents=[{"number": "1"}])
    return made


@pytest.fixture
def owner(client, shop):
    client.force_login(shop.owner)
    return client


def url(name, shop, *args):
    return reverse(f"channels:{name}", args=[shop.slug, *args])


def test_a_webhook_is_made_and_its_key_is_seen_once(owner, shop):
    refused = owner.post(url("webhook-new", shop), {"name": "W", "url": "https://10.0.0.1/", "events": "order.taken"})
    assert refused.status_code == 422 and not WebhookEndpoint.objects.exists()
    page = owner.post(url("webhook-new", shop), {"name": "W", "url": "https://a.example/", "events": ["order.taken"]})
    made = WebhookEndpoint.objects.get()
    text = page.content.decode()
    assert "whsec_" in text and text.count(made.hint) and page.headers["Cache-Control"] == "no-store"
    key = text.split('value="whsec_')[1].split('"')[0]
    for name in ("webhook", "webhook-edit"):
        assert key not in owner.get(url(name, shop, made.public_id)).content.decode()
    assert "W" in owner.get(url("webhooks", shop)).content.decode()


def test_it_is_edited_paused_tried_and_deleted(owner, shop, endpoint):
    edited = {"name": "Stock", "url": "https://b.example/", "events": ["stock.changed", "order.taken"]}
    assert owner.post(url("webhook-edit", shop, endpoint.public_id), edited).status_code == 302
    endpoint.refresh_from_db()
    assert (endpoint.name, endpoint.events) == ("Stock", ["order.taken", "stock.changed"])

    def act(name):
        return owner.post(url("webhook-act", shop, endpoint.public_id), {"act": name}, follow=True)

    assert act("try").status_code == 200 and WebhookDelivery.objects.filter(event="test").count() == 1
    act("pause")
    endpoint.refresh_from_db()
    assert not endpoint.is_active
    act("try")
    assert WebhookDelivery.objects.filter(event="test").count() == 1
    act("resume")
    hint = endpoint.hint
    assert "whsec_" in act("key").content.decode()
    endpoint.refresh_from_db()
    assert endpoint.is_active and endpoint.hint != hint
    WebhookDelivery.objects.update(state="dead")
    act("replay")
    assert not WebhookDelivery.objects.filter(state="dead").exists()
    assert act("nonsense").status_code == 200
    act("delete")
    assert not WebhookEndpoint.objects.exists()


def test_deliveries_are_listed_shown_and_sent_again(owner, shop, endpoint, django_assert_max_num_queries):
    announce(brand=shop.brand, event="order.taken", contents=[{"n": n} for n in range(60)])
    row = WebhookDelivery.objects.first()
    WebhookDelivery.objects.filter(pk=row.pk).update(
        state="dead", status=500, answer="<b>no</b>", problem="It answers 500 instead of 200.", duration=12
    )
    with django_assert_max_num_queries(16):
        page = owner.get(url("webhook", shop, endpoint.public_id), {"state": "dead"}).content.decode()
    assert str(row.public_id) in page and "500" in page
    assert owner.get(url("webhook", shop, endpoint.public_id), {"page": 2, "state": "odd"}).status_code == 200
    page = owner.get(url("webhook-delivery", shop, endpoint.public_id, row.public_id)).content.decode()
    assert "&lt;b&gt;no&lt;/b&gt;" in page and str(row.public_id) in page
    owner.post(url("webhook-replay", shop, endpoint.public_id, row.public_id))
    row.refresh_from_db()
    assert row.state == "waiting"


def test_a_shop_is_connected_step_by_step(owner, shop, channel, listing, there):
    page = url("connection", shop, channel.public_id)
    assert owner.get(page).status_code == 200
    odd = owner.post(url("connection-shop", shop, channel.public_id), {"shop": "evil.example"})
    assert odd.status_code == 422 and not Connection.objects.exists()
    owner.post(url("connection-shop", shop, channel.public_id), {"shop": "haru.myshopify.com", "is_automatic": "on"})
    secret = url("connection-secret", shop, channel.public_id)
    assert owner.post(secret, {"kind": "token", "secret": ""}).status_code == 422
    owner.post(secret, {"kind": "token", "secret": TOKEN})
    assert PLACE in owner.get(page, {"places": "1"}).content.decode()
    owner.post(url("connection-place", shop, channel.public_id), {"place": PLACE})
    row = Connection.objects.get()
    assert (row.place_name, row.origin, row.api_version) == ("Seoul", "http://testserver", "2026-10")
    owner.post(url("connection-push", shop, channel.public_id))
    assert Push.objects.get().total == 1
    part = owner.get(page, headers={"HX-Request": "true"}).content.decode()
    assert "hx-get" in part and "<html" not in part
    there.mishaps.append("401")
    assert owner.get(page, {"places": "1"}).status_code == 200
    owner.post(secret, {"kind": "token", "forget": "1"})
    owner.post(url("connection-end", shop, channel.public_id))
    assert not Connection.objects.exists() and not Credential.objects.exists()


def test_a_key_for_signed_orders_is_made(owner, shop, channel):
    channel.kind = "generic"
    channel.save()
    made = owner.post(url("connection-secret", shop, channel.public_id), {"kind": "webhook", "make": "1"})
    assert "whsec_" in made.content.decode() and made.headers["Cache-Control"] == "no-store"
    page = owner.get(url("connection", shop, channel.public_id)).content.decode()
    assert reverse("channels:hook-orders", args=[channel.public_id]) in page and "whsec_" not in page


def test_what_stopped_is_tried_again(owner, shop, channel):
    row = Inbound.objects.create(channel=channel, kind="orders", key="1", digest="1", body=b"{", state="failed")
    assert str(row.public_id) in owner.get(url("connection", shop, channel.public_id)).content.decode()
    owner.post(url("inbound-retry", shop, channel.public_id, row.public_id))
    row.refresh_from_db()
    assert row.state == "waiting"


def test_who_may_do_what(client, shop, channel, endpoint):
    delivery = WebhookDelivery.objects.get()
    hooks = [
        ("get", url("webhooks", shop)),
        ("post", url("webhook-new", shop)),
        ("get", url("webhook", shop, endpoint.public_id)),
        ("post", url("webhook-edit", shop, endpoint.public_id)),
        ("post", url("webhook-act", shop, endpoint.public_id)),
        ("get", url("webhook-delivery", shop, endpoint.public_id, delivery.public_id)),
        ("post", url("webhook-replay", shop, endpoint.public_id, delivery.public_id)),
    ]
    names = ("connection-shop", "connection-secret", "connection-place", "connection-end")
    for_owners = hooks + [("post", url(name, shop, channel.public_id)) for name in names]
    for_workers = [
        ("get", url("connection", shop, channel.public_id)),
        ("post", url("connection-push", shop, channel.public_id)),
    ]
    stranger = make_shop("moon").owner
    before = list(WebhookEndpoint.objects.values())
    for person, owners, workers in ((shop.staff, 403, (200, 302)), (shop.viewer, 403, (403,)), (stranger, 404, (404,))):
        client.force_login(person)
        for method, address in for_owners:
            assert getattr(client, method)(address).status_code == owners, (person, address)
        for method, address in for_workers:
            assert getattr(client, method)(address).status_code in workers, (person, address)
    assert list(WebhookEndpoint.objects.values()) == before and not Connection.objects.exists()
