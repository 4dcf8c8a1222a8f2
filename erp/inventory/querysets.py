"""Composable filters of the ledger."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Self

from django.db.models import Case, F, IntegerField, Q, When

from catalog.querysets import BrandScopedQuerySet


class LocationQuerySet(BrandScopedQuerySet):
    def internal(self) -> Self:
        return self.filter(is_internal=True)

    def open(self) -> Self:
        return self.filter(is_active=True)


class BalanceQuerySet(BrandScopedQuerySet):
    brand_path = "location__brand"


class MovementQuerySet(BrandScopedQuerySet):
    def at(self, *locations: Any) -> Self:
        """Movements into or out of a location, or any of several."""
        return self.filter(Q(source__in=locations) | Q(destination__in=locations))

    def seen_from(self, locations: Collection[Any]) -> Self:
        """Annotates `change`, what each movement added at these locations, and `balance`, what was there after it.

        `balance` is null at virtual locations, where nothing is counted.
        """
        arrives = Q(destination__in=locations)
        change = Case(When(arrives, then=F("quantity")), default=-F("quantity"), output_field=IntegerField())
        return self.annotate(
            change=change, balance=Case(When(arrives, then=F("destination_balance")), default=F("source_balance"))
        )

    def complete(self) -> Self:
        """With everything a row of a history shows, in the same query."""
        return self.select_related(
            "brand", "posting", "variant__product", "variant__colour", "variant__size",
            "source", "destination", "actor", "reversed_by",
        )  # fmt: skip
