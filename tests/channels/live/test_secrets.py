"""Secrets of channels are kept encrypted, and are seen in no page, log or history."""

from __future__ import annotations

import logging

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from catalog.models import Change
from erp.channels.models import Channel, Credential, WebhookEndpoint
from erp.channels.sealing import unseal
from erp.channels.services.connections import connect, disconnect
from erp.channels.services.credentials import make_signing_key, secret_of, set_credential
from erp.channels.services.hooks import create_endpoint
from erp.channels.services.pushing import run_push, start_push
from erp.core.errors import DomainError
from tests.channels.live.conftest import SECRET
from tests.channels.live.fake_shopify import TOKEN

pytestmark = pytest.mark.django_db


def test_a_secret_is_sealed_replaced_and_forgotten(shop, connection):
    channel = connection.channel
    row = Credential.objects.get(channel=channel, kind="token")
    assert TOKEN.encode() not in bytes(row.sealed) and row.hint == TOKEN[-4:] and row.set_by == shop.owner
    set_credential(channel=channel, kind="token", secret="shpat_another_token_99", actor=shop.owner)
    assert secret_of(channel, "token") == "shpat_another_token_99" and Credential.objects.count() == 2
    assert set_credential(channel=channel, kind="token", secret="short", actor=shop.owner).hint == ""
    for bad in ("", " ", "x" * 4001, "줄", "a\nb"):
        with pytest.raises(DomainError):
            set_credential(channel=channel, kind="token", secret=bad, actor=shop.owner)
    disconnect(channel=channel, actor=shop.owner)
    assert not Credential.objects.exists() and secret_of(channel, "token") == ""


def test_keys_rotate(shop, connection, settings, capsys):
    create_endpoint(brand=shop.brand, name="W", url="https://a.example", events=["order.taken"], actor=shop.owner)
    settings.CREDENTIAL_KEYS = ["new"]
    call_command("reseal_credentials")
    assert capsys.readouterr().out.startswith("3 ")
    settings.SECRET_KEY = "lost"
    assert secret_of(connection.channel, "token") == TOKEN
    assert unseal(WebhookEndpoint.objects.get().sealed).startswith("whsec_")
    settings.CREDENTIAL_KEYS = ["newer"]
    with pytest.raises(CommandError):
        call_command("reseal_credentials")
    settings.CREDENTIAL_KEYS = ["new"]
    assert secret_of(connection.channel, "token") == TOKEN


def test_the_history_says_who_and_when_and_never_what(shop, connection):
    told = list(Change.objects.filter(content_type__model__in=("credential", "connection")))
    assert {change.actor for change in told} == {shop.owner} and all(change.is_private for change in told)
    text = str([change.changes for change in Change.objects.all()])
    assert TOKEN[-4:] in text and TOKEN not in text and SECRET not in text and "sealed" not in text


def test_no_log_holds_a_secret(shop, connection, there, caplog, listing, clock):
    caplog.set_level(logging.DEBUG)
    there.mishaps.extend(["500"] * 9)
    push = start_push(channel=connection.channel, actor=shop.owner)
    run_push(push_id=push.pk, pace=clock.pace)
    assert caplog.records and TOKEN not in caplog.text and SECRET not in caplog.text


def test_another_shop_knows_nothing_of_the_first(shop, connection, listing):
    listing.external_id = "gid://shopify/Product/1"
    listing.save()
    again = connect(
        channel=connection.channel, shop="other.myshopify.com", actor=shop.owner, origin="https://e.example"
    )
    listing.refresh_from_db()
    assert again.place_id == "" and listing.external_id == ""
    for bad in ("127.0.0.1", "evil.example", "a.myshopify.com.evil.example", "a.myshopify.com/x", ""):
        with pytest.raises(DomainError):
            connect(channel=connection.channel, shop=bad, actor=shop.owner, origin="https://e.example")
    with pytest.raises(DomainError):
        connect(channel=connection.channel, shop="a.myshopify.com", actor=shop.owner, origin="x", api_version="2020-01")
    plain = Channel.objects.create(brand=shop.brand, kind="cafe24", name="Cafe24")
    with pytest.raises(DomainError):
        connect(channel=plain, shop="a.myshopify.com", actor=shop.owner, origin="x")


def test_pages_show_the_last_signs_alone(client, shop, connection):
    client.force_login(shop.owner)
    url = reverse("channels:connection", args=[shop.slug, connection.channel.public_id])
    page = client.get(url).content.decode()
    assert TOKEN[-4:] in page and TOKEN not in page and SECRET not in page
    key = make_signing_key(channel=connection.channel, actor=shop.owner)
    assert (
        key
        not in client.get(
            reverse("channels:connection", args=[shop.slug, connection.channel.public_id])
        ).content.decode()
    )
