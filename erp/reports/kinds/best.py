"""What sells best, and what sells worst."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from catalog.models import Product, Variant
from erp.reports.kinds.base import EVERY, Report
from erp.reports.models import Flow
from erp.reports.money import earned
from erp.reports.scope import Scope
from erp.reports.tables import MONEY, PERCENT, Answer, Column, Figure, bars, ratio, total


class BestAndWorst(Report):
    slug = "best"
    icon = "sparkle"
    title = _("Best and worst")
    lead = _("What sold most and least in a period. What came back is taken off.")
    fields = ("since", "until", *EVERY, "location", "by", "end")
    order = "-net"
    columns = (
        Column("net", _("Net sold"), help=_("Sold less returned."), history=("shipment", "return", "reversal"),
               strong=True),
        Column("share", _("Share"), PERCENT, _("Of all pieces sold.")),
        Column("sold", _("Sold"), history=("shipment", "reversal")),
        Column("returned", _("Returned"), history=("return", "reversal")),
        Column("revenue", _("Revenue"), MONEY, _("Pieces on orders × their price, less returns.")),
        Column("margin", _("Margin"), MONEY, _("Revenue less cost of what was sold.")),
        Column("on_hand", _("On hand"), history=()),
    )  # fmt: skip

    def answer(self, scope: Scope) -> Answer:
        worst = scope.options.get("end") == "worst"
        flows = scope.by_flow()
        sold, returned = flows[Flow.SOLD], flows[Flow.RETURNED]
        held, money = scope.on_hand(), earned(scope)
        seen = {pk for pk in scope.owners if sold.get(pk) or returned.get(pk)}
        if worst:
            # What is for sale and there to be sold, also when none of it was.
            on_sale = Variant.objects.of(scope.brand).filter(is_active=True, product__status=Product.Status.ACTIVE)
            seen |= {pk for pk in on_sale.values_list("pk", flat=True) if held.get(pk) and pk in scope.owners}
        lines = []
        for key, variants in scope.grouped(seen).items():
            values: dict[str, Any] = {
                "sold": sum(sold.get(pk, 0) for pk in variants),
                "returned": sum(returned.get(pk, 0) for pk in variants),
                "on_hand": sum(held.get(pk, 0) for pk in variants),
            }
            values["net"] = values["sold"] - values["returned"]
            lines.append(scope.line(key, values | money.of(variants)))
        sums = total(lines, "sold", "returned", "net", "on_hand", "revenue", "margin")
        for line in lines:
            line.values["share"] = ratio(line.values["net"], sums["net"])
        answer = Answer(list(self.columns), lines, sums, [Figure(_("Net sold"), sums["net"] or 0),
                        Figure(_("Revenue"), sums["revenue"], MONEY), Figure(_("Margin"), sums["margin"], MONEY)],
                        bars(_("Most sold"), lines, "net"), money.notes)  # fmt: skip
        answer.sort("net" if worst else "-net")
        return answer
