"""Composable filters of the ledger."""

from __future__ import annotations

from typing import Self

from django.db.models import Q

from catalog.querysets import BrandScopedQuerySet


class LocationQuerySet(BrandScopedQuerySet):
    def internal(self) -> Self:
        return self.filter(is_internal=True)

    def open(self) -> Self:
        return self.filter(is_active=True)


class BalanceQuerySet(BrandScopedQuerySet):
    brand_path = "location__brand"


class MovementQuerySet(BrandScopedQuerySet):
    def at(self, location: object) -> Self:
        """Movements into or out of a location."""
        return self.filter(Q(source=location) | Q(destination=location))
