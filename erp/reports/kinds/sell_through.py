"""How much of what was received has been sold."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from erp.reports.kinds.base import EVERY, Report
from erp.reports.models import Flow
from erp.reports.scope import Scope
from erp.reports.sql.sums import Span, as_day
from erp.reports.tables import DAY, DAYS, PERCENT, Answer, Column, Figure, bars, ratio, total


class SellThrough(Report):
    slug = "sell-through"
    icon = "check"
    title = _("Sell-through")
    lead = _("Of all that was received since the first receipt, how much is sold: sold ÷ received.")
    fields = ("until", *EVERY, "by")
    order = "-rate"
    columns = (
        Column("received", _("Received"), help=_("Opening stock and receipts, less what went back."),
               history=("opening", "receipt", "reversal")),
        Column("sold", _("Sold"), help=_("Shipped, less returned. Samples are no sale."),
               history=("shipment", "return", "reversal")),
        Column("on_hand", _("On hand"), history=()),
        Column("rate", _("Sell-through"), PERCENT, _("Sold ÷ received."), strong=True),
        Column("since", _("First receipt"), DAY),
        Column("days", _("Days since"), DAYS),
    )  # fmt: skip

    def answer(self, scope: Scope) -> Answer:
        span = Span(None, scope.span.end)
        flows = scope.by_flow(span)
        arrived = {flow: flows[flow] for flow in (Flow.OPENED, Flow.RECEIVED)}
        first = self._first_days(scope, span)
        until = scope.last or scope.today
        held = scope.on_hand(scope.span.end)
        lines = []
        for key, variants in scope.grouped(first).items():
            received = sum(pieces[pk] for pieces in arrived.values() for pk in variants if pk in pieces)
            received -= sum(flows[Flow.SENT_BACK].get(pk, 0) for pk in variants)
            sold = sum(flows[Flow.SOLD].get(pk, 0) - flows[Flow.RETURNED].get(pk, 0) for pk in variants)
            since = min(first[pk] for pk in variants)
            values = {
                "received": received, "sold": sold, "on_hand": sum(held[pk] for pk in variants),
                "rate": ratio(sold, received), "since": since, "days": (until - since).days,
            }  # fmt: skip
            lines.append(scope.line(key, values))
        sums = total(lines, "received", "sold", "on_hand")
        sums["rate"] = ratio(sums["sold"], sums["received"])
        figures = [
            Figure(_("Sell-through"), sums["rate"], PERCENT, _("Sold ÷ received.")),
            Figure(_("Received"), sums["received"] or 0),
            Figure(_("Sold"), sums["sold"] or 0),
        ]
        chart = bars(_("Most sold of what came"), lines, "rate", kind=PERCENT)
        return Answer(list(self.columns), lines, sums, figures, chart)

    def _first_days(self, scope: Scope, span: Span) -> dict:
        """The day of the first receipt that stands, by variant."""
        rows = scope.flows(span).sums(
            "f.variant_id, MIN(f.day)", "f.variant_id", where="f.flow IN ('opened', 'received') AND f.pieces > 0"
        )
        return {pk: as_day(day) for pk, day in rows if pk in scope.owners}
