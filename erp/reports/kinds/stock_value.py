"""What the stock is worth, now or at any moment that was."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from erp.reports.kinds.base import EVERY, Report
from erp.reports.scope import Scope, unknown_costs, valued
from erp.reports.tables import MONEY, PERCENT, Answer, Column, Figure, bars, ratio, total


class StockValue(Report):
    slug = "stock-value"
    icon = "boxes"
    title = _("Stock value")
    lead = _("What is on hand, and what it cost: pieces × average cost.")
    fields = ("at", *EVERY, "location", "by")
    order = "-value"
    columns = (
        Column("pieces", _("Pieces"), history=()),
        Column("cost", _("Average cost"), MONEY, _("The moving average of what a piece cost at each receipt.")),
        Column("value", _("Value"), MONEY, _("Pieces × average cost."), strong=True),
        Column("share", _("Share"), PERCENT, _("Of the value of all stock shown.")),
    )

    def answer(self, scope: Scope) -> Answer:
        at = scope.options.get("at")
        held = {pk: n for pk, n in scope.on_hand(at).items() if n}
        costs = scope.costs(at)
        lines = []
        for key, variants in scope.grouped(held).items():
            pieces = sum(held[pk] for pk in variants)
            value = valued(variants, held, costs)
            known = sum(held[pk] for pk in variants if pk in costs)
            cost = value / known if value is not None and known else None
            lines.append(scope.line(key, {"pieces": pieces, "cost": cost, "value": value}))
        sums: dict[str, Any] = total(lines, "pieces", "value")
        for line in lines:
            line.values["share"] = ratio(line.values["value"], sums["value"])
        figures = [
            Figure(_("Value"), sums["value"], MONEY, _("Pieces × average cost.")),
            Figure(_("Pieces"), sums["pieces"] or 0),
        ]
        chart = bars(_("Where most of the value lies"), lines, "value", kind=MONEY)
        chart = chart or bars(_("Most pieces"), lines, "pieces")
        return Answer(list(self.columns), lines, sums, figures, chart, unknown_costs(held, costs))
