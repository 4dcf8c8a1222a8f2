"""Composable filters of the ledger."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Self

from django.db.models import Case, F, IntegerField, Max, Min, OuterRef, Prefetch, Q, Subquery, When

from catalog.models import Variant
from catalog.querysets import BrandScopedQuerySet


def of_reference(reference: str) -> Q:
    """Rows that carry exactly this reference. SQLite takes the index, which leaves blank ones out, only if told so."""
    return Q(reference=reference) & ~Q(reference="")


class LocationQuerySet(BrandScopedQuerySet):
    def internal(self) -> Self:
        return self.filter(is_internal=True)

    def open(self) -> Self:
        return self.filter(is_active=True)


class BalanceQuerySet(BrandScopedQuerySet):
    brand_path = "location__brand"


class ReservationQuerySet(BrandScopedQuerySet):
    def open(self) -> Self:
        return self.filter(closed_at=None)

    def expired(self, moment: datetime) -> Self:
        """Holds whose time is over and that still hold something."""
        return self.open().filter(expires_at__lte=moment)


# What a filter finds up to this number of is named by its ids; of more, a walk from the newest on soon meets enough.
FEW = 500
ANY = 8


class MovementQuerySet(BrandScopedQuerySet):
    """Histories are read newest first, page by page. Filters that no index serves in that order look ahead in the index
    they have: what is rare is then named by its ids, and what is frequent begins at its newest movement. Otherwise a
    database walks a million movements to find the ten of a place, or sorts a million for the latest fifty.
    """

    def at(self, *locations: Any) -> Self:
        """Movements into or out of a location, or any of several."""
        if len(locations) > ANY:
            return self.filter(Q(source__in=locations) | Q(destination__in=locations))
        ends = [Q(**{end: location}) for location in locations for end in ("source", "destination")]
        heads = [self._head(end) for end in ends]
        ids = {pk for head in heads for pk in head}
        if not any(len(head) > FEW for head in heads):
            return self.filter(pk__in=ids)
        walked = self.alias(walked_source=F("source_id") + 0, walked_destination=F("destination_id") + 0)
        here = Q(walked_source__in=locations) | Q(walked_destination__in=locations)
        return walked.filter(here, pk__lte=max(ids))

    def of_variants(self, variants: Collection[int]) -> Self:
        """Movements of any of these variants, such as those of a product."""
        if len(variants) == 1:
            return self.filter(variant__in=variants)
        newest = self._fresh().filter(variant=OuterRef("pk")).order_by("-pk").values("pk")[:1]
        heads = Variant.objects.filter(pk__in=variants).values_list(Subquery(newest), flat=True)
        found = [pk for pk in heads.order_by() if pk]
        walked = self.alias(walked_variant=F("variant_id") + 0)
        return walked.filter(walked_variant__in=variants, pk__lte=max(found)) if found else self.none()

    def openings(self) -> Self:
        """Opening stock that stands: what was taken back may be entered again."""
        return self.filter(kind="opening", reversed_by=None)

    def during(self, start: datetime | None, end: datetime | None, brand: Any = None) -> Self:
        """Movements that happened from `start` on and before `end`; `brand` is the one they all are of, if any."""
        period = Q(occurred_at__gte=start) if start else Q()
        period &= Q(occurred_at__lt=end) if end else Q()
        rows = self._fresh().filter(period, Q(brand=brand) if brand else Q())
        ids = list(rows.order_by("occurred_at").values_list("pk", flat=True)[: FEW + 1])
        if len(ids) <= FEW:
            return self.filter(pk__in=ids)
        found = self.filter(period)
        if end:
            # The sum keeps the database from walking the primary key for the least and the largest.
            bounds = rows.order_by().aggregate(oldest=Min(F("pk") + 0), newest=Max(F("pk") + 0))
            found = found.filter(pk__gte=bounds["oldest"], pk__lte=bounds["newest"])
        return found

    def _fresh(self) -> Any:
        """All movements, whatever this queryset was narrowed to."""
        return self.model._default_manager.all()

    def _head(self, condition: Q) -> list[int]:
        rows = self._fresh().filter(condition).order_by("-pk")
        return list(rows.values_list("pk", flat=True)[: FEW + 1])

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
        """With everything a row of a history shows, in as many queries for fifty rows as for one.

        Separate queries and no joins: they cannot lead a planner away from the order of the history.
        """
        variants = Variant.objects.select_related("product", "colour", "size")
        return self.prefetch_related(
            "brand", "posting", "source", "destination", "actor", "reversed_by",
            Prefetch("variant", variants),
        )  # fmt: skip
