"""Ten days in the stock of a demonstration brand."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from itertools import count, cycle
from typing import Any

from django.utils import timezone

from catalog.models import Brand, Variant
from erp.core.models import User
from erp.inventory.models import Location, Posting
from erp.inventory.services import adjust, ensure_locations, post_opening, receive, reverse_posting, ship, transfer

DAYS = 10
# Of the selling price, what a piece costs the brand.
COST = Decimal("0.4")
# The positions of the products that sold almost out.
SCARCE = (1, 9)


class Story:
    """Posts a plausible past, day by day; the same `dice` tell the same story."""

    def __init__(
        self, brand: Brand, workers: Sequence[User], shop: dict[str, str], notes: dict[str, str], dice: random.Random
    ) -> None:
        self.brand, self.notes, self.dice = brand, notes, dice
        ensure_locations(brand=brand)
        self.main = Location.objects.of(brand).get(kind=Location.Kind.WAREHOUSE)
        self.shop = Location.objects.create(brand=brand, kind=Location.Kind.SHOP, position=5, **shop)
        self.on_hand: dict[int, Counter[int]] = {self.main.pk: Counter(), self.shop.pk: Counter()}
        self.workers, self.numbers = cycle(workers), count(1)
        self.now = timezone.now() - timedelta(days=DAYS)

    def play(self, products: Sequence[Sequence[Variant]]) -> None:
        variants = [variant.pk for grid in products for variant in grid]
        self.costs = {variant.pk: (variant.product.price or 0) * COST for grid in products for variant in grid}
        self._open(variants)
        for day in range(DAYS - 1, -1, -1):
            self.now = timezone.now() - timedelta(days=day, minutes=90)
            if day % 3 == 2:
                self._receive(self.dice.sample(variants, min(12, len(variants))))
            if day == 6:
                self._fill_shop(variants)
            if day == 3:
                self._count(variants)
            if day == 1:
                self._sell_out([v.pk for n in SCARCE if n < len(products) for v in products[n]])
                self._type_twice(variants[:3])
            self._sell(self.main, "shipment", 5)
            if day < 6:
                self._sell(self.shop, "shop", 3)

    def _post(self, operation: Callable[..., Posting], note: str, **what: Any) -> Posting:
        number = next(self.numbers)
        self.now = min(self.now + timedelta(minutes=self.dice.randint(3, 12)), timezone.now())
        return operation(
            brand=self.brand,
            actor=next(self.workers),
            idempotency_key=f"demo-{number}",
            note=self.notes[note],
            occurred_at=self.now,
            **what,
        )

    def _into(self, operation: Callable[..., Posting], note: str, quantities: Counter[int], **what: Any) -> Posting:
        self.on_hand[self.main.pk] += quantities
        return self._post(operation, note, location=self.main, quantities=dict(quantities), **what)

    def _open(self, variants: Sequence[int]) -> None:
        self._into(post_opening, "opening", Counter({pk: self.dice.randint(6, 24) for pk in variants}))

    def _receive(self, variants: Sequence[int]) -> None:
        quantities = Counter({pk: self.dice.randint(2, 8) * 2 for pk in variants})
        costs = {pk: self.costs[pk] for pk in variants}
        self._into(receive, "receipt", quantities, unit_costs=costs, reference=f"IN-{self.now:%m%d}")

    def _fill_shop(self, variants: Sequence[int]) -> None:
        quantities = Counter(dict.fromkeys(variants[::2], 2))
        self.on_hand[self.main.pk] -= quantities
        self.on_hand[self.shop.pk] += quantities
        self._post(transfer, "transfer", source=self.main, destination=self.shop, quantities=dict(quantities))

    def _count(self, variants: Sequence[int]) -> None:
        lost, found = self.dice.sample(variants, 2)
        self.on_hand[self.main.pk].update({lost: -1, found: 1})
        self._post(adjust, "lost", location=self.main, deltas={lost: -1})
        self._post(adjust, "found", location=self.main, deltas={found: 1})

    def _sell(self, location: Location, note: str, most: int) -> None:
        """A few pieces of a few variants that are there."""
        here = self.on_hand[location.pk]
        there = sorted(pk for pk, quantity in here.items() if quantity > 2)
        chosen = self.dice.sample(there, min(self.dice.randint(2, most), len(there)))
        sold = Counter({pk: self.dice.randint(1, 2) for pk in chosen})
        if sold:
            here.subtract(sold)
            self._post(ship, note, location=location, quantities=dict(sold))

    def _sell_out(self, variants: Sequence[int]) -> None:
        """All but a few pieces."""
        here = self.on_hand[self.main.pk]
        sold = +Counter({pk: here[pk] - self.dice.randint(0, 2) for pk in variants})
        here.subtract(sold)
        self._post(ship, "shipment", location=self.main, quantities=dict(sold))

    def _type_twice(self, variants: Sequence[int]) -> None:
        """A mistake and its reversal, as the history should show them."""
        quantities = dict.fromkeys(variants, 4)
        wrong = self._post(receive, "mistake", location=self.main, quantities=quantities)
        reverse_posting(
            posting=wrong,
            actor=wrong.actor,
            idempotency_key=f"demo-{next(self.numbers)}",
            note=self.notes["mistake"],
            occurred_at=self.now,
        )
