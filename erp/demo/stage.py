"""What the steps of a demonstration share: the brand, who works there, and what earlier steps made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import cycle
from typing import Any

from catalog.models import Brand, Product, Variant
from erp.core.models import User
from erp.inventory.models import Location

# As the file says them: number of the product, colours, sizes, pieces of each, and a price or a kind.
Row = Sequence[Any]


class Stage:
    def __init__(self, brand: Brand, workers: Sequence[User], products: Sequence[Sequence[Variant]]) -> None:
        self.brand = brand
        self.products: list[Product] = [grid[0].product for grid in products]
        self.variants = {
            (number, variant.colour.slug, variant.size.code): variant
            for number, grid in enumerate(products)
            for variant in grid
        }
        places = Location.objects.of(brand)
        self.places = {
            "main": places.get(kind=Location.Kind.WAREHOUSE),
            "shop": places.get(kind=Location.Kind.SHOP),
            "defective": places.get(kind=Location.Kind.DEFECTIVE),
        }
        self.made: dict[str, Any] = {}
        self._workers, self._number = cycle(workers), 0
        self.actor = next(self._workers)

    def next_step(self) -> None:
        self._number += 1
        self.actor = next(self._workers)

    @property
    def key(self) -> str:
        """The same for the same step, whenever it is told."""
        return f"demo-paper-{self._number}"

    def said(self) -> dict[str, Any]:
        """Who does this step, and its key."""
        return {"actor": self.actor, "idempotency_key": self.key}

    def lines(self, rows: Sequence[Row]) -> Iterator[tuple[Variant, int, Any]]:
        """(variant, pieces, what else the row says) of each colour and size."""
        for product, colours, sizes, pieces, *rest in rows:
            for colour in colours:
                for size in sizes:
                    yield self.variants[product, colour, size], pieces, rest[0] if rest else None

    def pieces(self, rows: Sequence[Row]) -> dict[int, int]:
        return {variant.pk: pieces for variant, pieces, _rest in self.lines(rows)}

    def prices(self, rows: Sequence[Row]) -> dict[int, Decimal]:
        return {variant.pk: Decimal(price) for variant, _pieces, price in self.lines(rows)}
