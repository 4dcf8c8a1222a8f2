"""How long what is on hand has been lying there: first in, first out."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from catalog.days import business_day
from erp.inventory.models import StockMovement
from erp.reports.kinds.base import EVERY, Report
from erp.reports.scope import Scope, unknown_costs, valued
from erp.reports.tables import MONEY, Answer, Chart, Column, Figure, Point, total

# The buckets: up to so many days, the last without an end.
EDGES = (30, 60, 90, 180)
LABELS = (_("0–30 days"), _("31–60 days"), _("61–90 days"), _("91–180 days"), _("Over 180 days"))
KEYS = tuple(f"age_{edge}" for edge in (*EDGES, "more"))
_LAYERS = ("opened", "received", "found")


class Ageing(Report):
    slug = "ageing"
    icon = "clock"
    title = _("Ageing")
    lead = _("How long the stock has been here. What came first is taken to have gone first.")
    fields = (*EVERY, "by")
    order = "-age_more"
    columns = (
        *(Column(key, label) for key, label in zip(KEYS, LABELS, strict=True)),
        Column("pieces", _("Pieces"), history=(), strong=True),
        Column("value", _("Value"), MONEY, _("Pieces × average cost.")),
    )

    def answer(self, scope: Scope) -> Answer:
        held = {pk: n for pk, n in scope.on_hand().items() if n > 0}
        costs = scope.costs()
        ages = {pk: _allot(n, layers) for (pk, n), layers in _with_layers(scope, held)}
        lines = []
        for key, variants in scope.grouped(held).items():
            values: dict[str, Any] = {name: sum(ages[pk][i] for pk in variants) for i, name in enumerate(KEYS)}
            values |= {"pieces": sum(held[pk] for pk in variants), "value": valued(variants, held, costs)}
            lines.append(scope.line(key, values))
        sums = total(lines, *KEYS, "pieces", "value")
        old = {pk: ages[pk][-1] for pk in held}
        figures = [
            Figure(_("Pieces"), sums["pieces"] or 0),
            Figure(_("Over 180 days"), sums[KEYS[-1]] or 0),
            Figure(_("Value over 180 days"), valued(list(old), old, costs), MONEY),
        ]
        points = [Point(str(label), [sums[key] or 0]) for key, label in zip(KEYS, LABELS, strict=True)]
        chart = Chart("bars", _("Pieces by age"), [], points) if held else None
        return Answer(list(self.columns), lines, sums, figures, chart, unknown_costs(held, costs))


def _allot(pieces: int, arrivals: dict[int, int]) -> list[int]:
    """The latest arrivals are those still here; what no arrival explains is as old as can be."""
    ages = []
    for bucket in range(len(KEYS)):
        here = pieces if bucket == len(EDGES) else min(pieces, max(arrivals.get(bucket, 0), 0))
        ages.append(here)
        pieces -= here
    return ages


def _with_layers(scope: Scope, held: dict[int, int]) -> Any:
    """What arrived of each variant in each bucket; arrivals that were reversed never came."""
    layers: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    edges = [scope.today - timedelta(days=edge) for edge in EDGES]
    for variant, bucket, pieces in _arrivals(scope, edges):
        layers[variant][bucket] += int(pieces)
    for variant, came, undone, pieces in _reversed(scope):
        if variant in held:
            layers[variant][_bucket(undone, edges)] += pieces
            layers[variant][_bucket(came, edges)] -= pieces
    return [(item, layers[item[0]]) for item in held.items()]


def _arrivals(scope: Scope, edges: list[date]) -> list[tuple[int, int, int]]:
    """Pieces by variant and bucket, as the sums have them."""
    older = " + ".join(["CASE WHEN f.day < %s THEN 1 ELSE 0 END"] * len(edges))
    flows = ", ".join(f"'{flow}'" for flow in _LAYERS)
    given = [connection.ops.adapt_datefield_value(edge) for edge in edges]
    columns = f"f.variant_id, {older}, SUM(f.pieces)"
    return scope.flows().sums(columns, "1, 2", where=f"f.flow IN ({flows})", given=given)


def _bucket(day: date, edges: list[date]) -> int:
    return sum(day < edge for edge in edges)


def _reversed(scope: Scope) -> list[tuple[int, date, date, int]]:
    """Arrivals that were taken back: the days they came and were undone, which the sums keep apart."""
    rows = StockMovement.objects.of(scope.brand).filter(
        kind="reversal", reverses__source__kind__in=["supplier", "opening", "adjustment"]
    )
    found = rows.order_by().values_list("variant", "reverses__occurred_at", "occurred_at", "quantity")
    return [
        (variant, business_day(scope.brand, came), business_day(scope.brand, undone), quantity)
        for variant, came, undone, quantity in found
    ]
