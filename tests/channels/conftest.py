from __future__ import annotations

from decimal import Decimal

import pytest

from erp.channels.models import Channel, ChannelListing
from erp.channels.services.exports import make_export, start_export
from erp.channels.services.outbox import listened_to
from erp.channels.services.staleness import sells_elsewhere
from tests.api.shop import Shop, make_shop


@pytest.fixture(autouse=True)
def _asked_anew(monkeypatch) -> None:
    """Brands of other tests had the same ids."""
    for answers in (sells_elsewhere, listened_to):
        monkeypatch.setattr(answers, "known", {})


@pytest.fixture
def shop(db) -> Shop:
    made = make_shop("haru")
    made.product.price, made.product.name_en = Decimal(12000), "Navy shirt"
    made.product.save()
    for number, variant in enumerate(made.variants, start=1):
        made.stock(variant, number)
    return made


@pytest.fixture
def channel(shop: Shop) -> Channel:
    return Channel.objects.create(brand=shop.brand, kind="shopify", name="Shopify", language="en")


@pytest.fixture
def listing(shop: Shop, channel: Channel) -> ChannelListing:
    return ChannelListing.objects.create(channel=channel, product=shop.product, status="ready")


def picture_url(image) -> str:
    return f"https://shop.example/{image.public_id}.jpg"


@pytest.fixture
def export_now(shop: Shop):
    """Sends the listings of a channel to its marketplace."""

    def send(channel: Channel):
        export = start_export(channel=channel, actor=shop.owner)
        return make_export(export=export, picture_url=picture_url)

    return send
