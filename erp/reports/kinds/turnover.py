"""How often the stock renews itself."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from erp.reports.kinds.base import EVERY, Report
from erp.reports.scope import Scope, unknown_costs, valued
from erp.reports.sql.sums import DELTA, days_until
from erp.reports.tables import DAYS, MONEY, NUMBER, Answer, Column, Figure, bars, ratio, total

YEAR = 365


class Turnover(Report):
    slug = "turnover"
    icon = "refresh"
    title = _("Turnover")
    lead = _("How often the stock renews in a year: sold ÷ average stock, carried forward to 365 days.")
    fields = ("since", "until", *EVERY, "by")
    days = 90
    order = "-turns"
    columns = (
        Column("sold", _("Sold"), help=_("Shipped, less returned."), history=("shipment", "return", "reversal")),
        Column("average", _("Average stock"), NUMBER, _("The mean of what was there at the end of each day.")),
        Column("turns", _("Turns a year"), NUMBER, _("Sold ÷ average stock × 365 ÷ days."), strong=True),
        Column("days", _("Days of stock"), DAYS, _("How long it takes to sell the average stock.")),
        Column("cost_sold", _("Cost of sales"), MONEY, _("Sold × average cost.")),
        Column("stock_value", _("Average value"), MONEY, _("Average stock × average cost.")),
    )

    def answer(self, scope: Scope) -> Answer:
        sold, average = scope.sold(), self._average(scope)
        costs = scope.costs(scope.span.end)
        seen = {pk for pk in scope.owners if sold.get(pk) or average.get(pk)}
        lines = []
        for key, variants in scope.grouped(seen).items():
            values: dict[str, Any] = {
                "sold": sum(sold[pk] for pk in variants),
                "average": sum(average[pk] for pk in variants),
                "cost_sold": valued(variants, sold, costs),
                "stock_value": _value(variants, average, costs),
            }
            lines.append(scope.line(key, values | self._rates(scope, values["sold"], values["average"])))
        sums = total(lines, "sold", "average", "cost_sold", "stock_value")
        sums |= self._rates(scope, sums["sold"] or 0, sums["average"] or 0)
        by_value = ratio(sums["cost_sold"], sums["stock_value"])
        figures = [
            Figure(_("Turns a year, in pieces"), sums["turns"], NUMBER),
            Figure(_("Turns a year, by cost"), by_value and by_value * YEAR / scope.days, NUMBER),
            Figure(_("Days of stock"), sums["days"], DAYS),
        ]
        notes = unknown_costs({pk: sold[pk] for pk in seen}, costs)
        return Answer(list(self.columns), lines, sums, figures, bars(_("Fastest"), lines, "turns", kind=NUMBER), notes)

    def _rates(self, scope: Scope, sold: int, average: Any) -> dict[str, Any]:
        once = ratio(sold, average)
        return {
            "turns": None if once is None else once * YEAR / scope.days,
            "days": round(scope.days / once) if once and once > 0 else None,
        }

    def _average(self, scope: Scope) -> dict[int, Decimal]:
        """The mean stock at the ends of the days: what was there before, and each change for the days it was there."""
        left, given = days_until(scope.last or scope.today)
        opening = scope.on_hand(scope.span.start)
        weighed = scope.flows(counted=True).sums(f"f.variant_id, SUM({left} * {DELTA})", "f.variant_id", given=given)
        averages: dict[int, Decimal] = defaultdict(Decimal, {pk: Decimal(n) for pk, n in opening.items()})
        for pk, weight in weighed:
            if pk in scope.owners:
                averages[pk] += Decimal(int(weight)) / scope.days
        return averages


def _value(variants: list[int], pieces: dict[int, Decimal], costs: dict[int, Decimal]) -> Decimal | None:
    known = [pieces[pk] * costs[pk] for pk in variants if pk in costs]
    return sum(known, Decimal(0)) if known else None
