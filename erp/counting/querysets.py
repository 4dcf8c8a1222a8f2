"""Composable filters of counts."""

from __future__ import annotations

from typing import Any, Self

from django.apps import apps
from django.db.models import Count, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from catalog.querysets import BrandScopedQuerySet


class CountQuerySet(BrandScopedQuerySet):
    def active(self) -> Self:
        """Not over yet."""
        return self.filter(state__in=("open", "reviewing"))

    def with_progress(self) -> Self:
        """Annotates `total` and `done`, the variants in all and those counted, and `pieces`, what was counted.

        Subqueries: of a page of counts each reads its own lines only.
        """
        lines = apps.get_model("counting", "CountLine").objects.filter(count=OuterRef("pk"))
        grouped = lines.order_by().values("count")

        def figure(aggregate: Any) -> Any:
            return Coalesce(Subquery(grouped.annotate(n=aggregate).values("n")), 0)

        return self.annotate(
            total=figure(Count("pk")),
            done=figure(Count("pk", filter=Q(counted__isnull=False))),
            pieces=figure(Sum("counted", default=0)),
        )


class CountLineQuerySet(BrandScopedQuerySet):
    brand_path = "count__brand"

    def counted(self) -> Self:
        return self.filter(counted__isnull=False)

    def uncounted(self) -> Self:
        return self.filter(counted__isnull=True)


class CountEntryQuerySet(BrandScopedQuerySet):
    brand_path = "count__brand"
