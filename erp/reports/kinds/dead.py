"""What lies there and does not sell."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext_lazy as _

from erp.reports.kinds.base import EVERY, Report
from erp.reports.scope import Scope, unknown_costs, valued
from erp.reports.sql.sums import Span, as_day
from erp.reports.tables import DAY, DAYS, MONEY, PERCENT, Answer, Column, Figure, Line, bars, ratio, total


class DeadStock(Report):
    slug = "dead-stock"
    icon = "archive"
    title = _("Dead stock")
    lead = _("What has been here and not sold for so many days, with the money that lies in it.")
    empty = _("All that is here has sold within that time.")
    fields = ("idle", *EVERY, "by")
    order = "-value"
    columns = (
        Column("pieces", _("Pieces"), history=()),
        Column("value", _("Value"), MONEY, _("Pieces × average cost."), strong=True),
        Column("last_sold", _("Last sold"), DAY, history=("shipment",)),
        Column("first_came", _("First receipt"), DAY),
        Column("days", _("Days without a sale"), DAYS, _("Since the last sale, or the first receipt.")),
    )

    def answer(self, scope: Scope) -> Answer:
        idle = scope.options.get("idle") or 90
        held, costs = {pk: n for pk, n in scope.on_hand().items() if n > 0}, scope.costs()
        came, sold = self._days(scope, "'opened', 'received'", "MIN"), self._days(scope, "'sold'", "MAX")
        last: dict[int, date] = {pk: sold.get(pk) or came.get(pk) or scope.today for pk in held}
        lines: list[Line] = []
        dead: dict[int, int] = {}
        for key, variants in scope.grouped(held).items():
            since = max(last[pk] for pk in variants)
            if (scope.today - since).days < idle:
                continue
            sales = [sold[pk] for pk in variants if pk in sold]
            values = {
                "pieces": sum(held[pk] for pk in variants),
                "value": valued(variants, held, costs),
                "last_sold": max(sales) if sales else None,
                "first_came": min((came[pk] for pk in variants if pk in came), default=None),
                "days": (scope.today - since).days,
            }
            lines.append(scope.line(key, values))
            dead |= {pk: held[pk] for pk in variants}
        sums = total(lines, "pieces", "value")
        worth = valued(list(held), held, costs)
        figures = [
            Figure(_("Value"), sums["value"], MONEY, _("Pieces × average cost.")),
            Figure(_("Share of the stock's value"), ratio(sums["value"], worth), PERCENT),
            Figure(_("Pieces"), sums["pieces"] or 0),
        ]
        chart = bars(_("Where the money lies"), lines, "value", kind=MONEY) or bars(_("Most pieces"), lines, "pieces")
        return Answer(list(self.columns), lines, sums, figures, chart, unknown_costs(dead, costs))

    def _days(self, scope: Scope, flows: str, which: str) -> dict[int, date]:
        """The first or the last day on which pieces flowed, by variant."""
        rows = scope.flows(Span()).sums(
            f"f.variant_id, {which}(f.day)", "f.variant_id", where=f"f.flow IN ({flows}) AND f.pieces > 0"
        )
        return {pk: day for pk, value in rows if pk in scope.owners and (day := as_day(value))}
