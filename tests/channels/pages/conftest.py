from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from erp.channels.models import Channel, ChannelListing
from tests.api.shop import Shop


def browser(person: Any) -> Client:
    """Somebody's browser, reading English."""
    client = Client()
    client.force_login(person)
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def owner(shop: Shop) -> Client:
    return browser(shop.owner)


@pytest.fixture
def staff(shop: Shop) -> Client:
    return browser(shop.staff)


@pytest.fixture
def url(shop: Shop) -> Callable[..., str]:
    """The address of a page of channels, by its name."""
    return lambda name, *args: reverse(f"channels:{name}", args=[shop.slug, *args])


@pytest.fixture
def smartstore(shop: Shop) -> Channel:
    return Channel.objects.create(brand=shop.brand, kind="smartstore", name="스마트스토어", price_step=10)


@pytest.fixture
def korean(shop: Shop, smartstore: Channel) -> ChannelListing:
    return ChannelListing.objects.create(channel=smartstore, product=shop.product, status="ready")
