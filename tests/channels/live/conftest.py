from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from catalog.services import add_image
from erp.channels.live.adapter import Place
from erp.channels.live.pace import Pace
from erp.channels.models import Channel, ChannelListing, Connection
from erp.channels.services.connections import choose_place, connect
from erp.channels.services.credentials import set_credential
from tests import photos
from tests.api.shop import Shop
from tests.channels.conftest import channel, listing, shop  # noqa: F401 - fixtures
from tests.channels.live.fake_shopify import PLACE, TOKEN, FakeShopify
from tests.channels.live.servers import serving

SECRET = "shpss_fedcba9876543210"


@dataclass
class Clock:
    """Time that passes when somebody sleeps."""

    moment: float = 0.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.moment += seconds

    @property
    def pace(self) -> Pace:
        return Pace(now=lambda: self.moment, sleep=self.sleep, jitter=lambda: 1.0)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def there(settings) -> Iterator[FakeShopify]:
    fake = FakeShopify()
    with serving(fake.answer) as address:
        settings.SHOPIFY_ADDRESS = address + "/{shop}"
        yield fake
    fake.let_go.set()


@pytest.fixture
def connection(shop: Shop, channel: Channel, there, monkeypatch) -> Connection:  # noqa: F811
    shop.owner.language = "en"  # what stops the background is said in the language of whoever connected the shop
    shop.owner.save()
    connect(channel=channel, shop="haru.myshopify.com", actor=shop.owner, origin="https://erp.example")
    set_credential(channel=channel, kind="token", secret=TOKEN, actor=shop.owner)
    set_credential(channel=channel, kind="webhook", secret=SECRET, actor=shop.owner)
    return choose_place(channel=channel, place=Place(PLACE, "Seoul"), actor=shop.owner)


@pytest.fixture
def photo(shop: Shop, listing: ChannelListing) -> None:  # noqa: F811
    """Shopify's rules ask for a picture."""
    add_image(product=shop.product, data=photos.jpeg(), filename="front.jpg", actor=shop.owner)
