"""A shop with stock and a count of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest

from catalog.models import Variant
from erp.counting.models import CountEntry, CountLine, StockCount
from erp.counting.services import Entry, add_entries, create_count, post_count, start_review
from erp.inventory.services import ship
from tests.web.shop import Shop, build_shop


@dataclass
class Counted:
    """A shop with 10, 20 and 30 pieces of its first three variants, and an open count of all of it."""

    shop: Shop
    count: StockCount

    def line(self, place: int) -> CountLine:
        return CountLine.objects.get(count=self.count, variant=self.variant(place))

    def variant(self, place: int) -> Variant:
        return self.shop.variants[place]

    def scan(self, place: int, quantity: int = 1, **more: Any) -> UUID:
        return self.enter(Entry(self.variant(place).pk, quantity, **more))

    def type(self, place: int, quantity: int, **more: Any) -> UUID:
        return self.enter(Entry(self.variant(place).pk, quantity, "set", **more))

    def enter(self, entry: Entry, actor: Any = None) -> UUID:
        add_entries(count=self.count, actor=actor or self.shop.clerk, entries=[entry])
        return entry.public_id

    def entry(self, public_id: UUID) -> CountEntry:
        return CountEntry.objects.get(count=self.count, public_id=public_id)

    def sell(self, place: int, quantity: int = 1) -> None:
        ship(
            brand=self.shop.brand,
            location=self.shop.main,
            quantities={self.variant(place).pk: quantity},
            actor=self.shop.owner,
            idempotency_key=str(uuid4()),
        )

    def review(self) -> StockCount:
        self.count = start_review(count=self.count)
        return self.count

    def post(self, **more: Any) -> StockCount:
        words: dict[str, Any] = {
            "actor": self.shop.owner, "idempotency_key": "press", "revision": self.count.revision,
            "leave_uncounted": True,
        }  # fmt: skip
        self.count = post_count(count=self.count, **words | more)
        return self.count


def start(shop: Shop, **more: Any) -> StockCount:
    return create_count(**{"brand": shop.brand, "location": shop.main, "scope": "full", "actor": shop.owner} | more)


def build_counted() -> Counted:
    shop = build_shop()
    shop.brand.refresh_from_db()
    shop.stock(10, 20, 30)
    return Counted(shop, start(shop))


@pytest.fixture
def counted(db: None) -> Counted:
    return build_counted()


@pytest.fixture
def live(transactional_db: None) -> Counted:
    """One that other threads see."""
    return build_counted()
