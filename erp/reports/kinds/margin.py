"""What is left of the price after the cost."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from erp.reports.kinds.base import EVERY, Report
from erp.reports.money import earned
from erp.reports.scope import Scope
from erp.reports.tables import MONEY, PERCENT, Answer, Column, Figure, bars, total


class Margin(Report):
    slug = "margin"
    icon = "link"
    title = _("Margin")
    lead = _("What sales brought in, what those pieces cost, and what is left: revenue − pieces × average cost.")
    fields = ("since", "until", *EVERY, "location", "by")
    order = "-margin"
    columns = (
        Column("pieces", _("Pieces"), help=_("Sold on an order or slip, less returned."),
               history=("shipment", "return", "reversal")),
        Column("revenue", _("Revenue"), MONEY, _("Pieces × the price on the order or slip, less returns.")),
        Column("uncosted", _("Revenue of unknown cost"), MONEY, _("Revenue of pieces without a known cost.")),
        Column("cost", _("Cost"), MONEY, _("Pieces × the average cost at the end of the period.")),
        Column("margin", _("Margin"), MONEY, _("Revenue − revenue of unknown cost − cost."), strong=True),
        Column("rate", _("Margin rate"), PERCENT, _("Margin ÷ the revenue whose cost is known.")),
    )  # fmt: skip

    def answer(self, scope: Scope) -> Answer:
        money = earned(scope)
        seen = [pk for pk in scope.owners if money.pieces.get(pk) or money.revenue.get(pk)]
        lines = []
        for key, variants in scope.grouped(seen).items():
            pieces = {"pieces": sum(money.pieces[pk] for pk in variants)}
            lines.append(scope.line(key, pieces | money.of(variants)))
        sums = total(lines, "pieces") | money.of(seen)
        figures = [
            Figure(_("Revenue"), sums["revenue"], MONEY),
            *([] if sums["uncosted"] is None else [Figure(_("Revenue of unknown cost"), sums["uncosted"], MONEY)]),
            Figure(_("Cost"), sums["cost"], MONEY),
            Figure(_("Margin"), sums["margin"], MONEY),
            Figure(_("Margin rate"), sums["rate"], PERCENT, _("Margin ÷ the revenue whose cost is known.")),
        ]
        columns = [column for column in self.columns if column.key != "uncosted" or sums["uncosted"] is not None]
        chart = bars(_("Most earned"), lines, "margin", kind=MONEY)
        return Answer(columns, lines, sums, figures, chart, money.notes)
