"""Channels in the admin: of one's own brands only, and never a secret."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.test import Client

from erp.channels.models import Channel, ChannelListing, ChannelOrder, DescriptionTemplate, Export
from erp.channels.services.credentials import set_credential
from tests.api.shop import make_shop

OURS = [model for model in admin.site._registry if model._meta.app_label == "channels"]


@pytest.fixture
def filled(shop, channel, listing):
    channel.name = "Haru abroad"
    channel.save()
    set_credential(channel=channel, kind="token", secret="shpat_0123456789abcdef", actor=shop.owner)
    Export.objects.create(channel=channel, created_by=shop.owner)
    ChannelOrder.objects.create(channel=channel, number="1001", fingerprint="0")
    return channel


def client_of(person) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(model, *, pk=None) -> str:
    base = f"/admin/channels/{model._meta.model_name}/"
    return base if pk is None else f"{base}{pk}/change/"


def test_lists_and_pages_open_and_show_no_secret(shop, filled):
    shop.owner.is_staff = True
    shop.owner.save()
    client = client_of(shop.owner)
    assert {Channel, ChannelListing, ChannelOrder, Export, DescriptionTemplate} <= set(OURS)
    for model in OURS:
        assert client.get(page(model)).status_code == 200, model
    for model in (Channel, ChannelListing, Export, ChannelOrder):
        answer = client.get(page(model, pk=model.objects.get().pk))
        assert answer.status_code == 200 and "0123456789abcdef" not in answer.content.decode(), model


def test_a_stranger_finds_nothing(shop, filled):
    stranger = make_shop("stranger").owner
    stranger.is_staff = True
    stranger.save()
    client = client_of(stranger)
    for model in (Channel, ChannelListing, Export, ChannelOrder):
        assert filled.name not in client.get(page(model)).content.decode()
        assert client.get(page(model, pk=model.objects.get().pk)).status_code in (302, 403, 404)


def test_a_channel_is_opened_and_mended_by_the_same_rules(shop, filled):
    shop.owner.is_staff = True
    shop.owner.save()
    client = client_of(shop.owner)
    form = {
        "brand": shop.brand.pk, "kind": "cafe24", "name": "Cafe24", "shop_url": "", "language": "ko",
        "currency": "KRW", "price_factor": "1", "price_plus": "0", "price_step": "10", "rounding": "up", "location": "",
        "share": "100", "buffer": "0", "credentials-TOTAL_FORMS": "0", "credentials-INITIAL_FORMS": "0",
    }  # fmt: skip
    answer = client.post("/admin/channels/channel/add/", form)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    made = Channel.objects.get(name="Cafe24")
    refused = client.post(page(Channel, pk=made.pk), form | {"currency": "JPY", "buffer": "5"})
    assert refused.status_code == 200  # 1 won is not 1 yen
    assert client.post(page(Channel, pk=made.pk), form | {"buffer": "5"}).status_code == 302
    made.refresh_from_db()
    assert (made.buffer, made.currency, made.kind) == (5, "KRW", "cafe24")
    assert client.post(f"/admin/channels/channel/{made.pk}/delete/", {"post": "yes"}).status_code == 403
