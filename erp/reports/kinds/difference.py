"""What changed between two points in time, shown to add up."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from erp.reports.kinds.base import EVERY, Report
from erp.reports.kinds.movement import BOTH_WAYS, FLOWS
from erp.reports.models import INWARD, Flow
from erp.reports.scope import Scope
from erp.reports.tables import Answer, Chart, Column, Figure, Point, total

OPENING, CLOSING = pgettext_lazy("report", "Opening"), pgettext_lazy("report", "Closing")


class Difference(Report):
    slug = "difference"
    icon = "adjust"
    title = _("Two points in time")
    lead = _("What was there, what came, what went, what is there: opening + in − out = closing, for any two moments.")
    fields = ("from_moment", "to_moment", *EVERY, "location", "by")
    order = "-moved"
    columns = (
        Column("opening", OPENING, help=_("What was there at the first moment.")),
        *FLOWS,
        Column("closing", CLOSING, help=_("What was there at the second moment."), strong=True),
    )

    def answer(self, scope: Scope) -> Answer:
        # Both ends are counted back from the balances of now, the flows between are counted by themselves.
        opening, closing = scope.on_hand(scope.span.start), scope.on_hand(scope.span.end)
        flows = scope.by_flow(counted=True)
        seen = {pk for pieces in (opening, closing, *flows.values()) for pk, n in pieces.items() if n}
        shown = [flow for flow in Flow if any(flows[flow].values()) and (scope.location or flow not in BOTH_WAYS)]
        lines, gaps = [], 0
        for key, variants in scope.grouped(seen).items():
            values: dict[str, Any] = defaultdict(int)
            for pk in variants:
                values["opening"] += opening.get(pk, 0)
                values["closing"] += closing.get(pk, 0)
                for flow in Flow:
                    values[flow.value] += flows[flow].get(pk, 0)
            values["came"] = sum(values[flow.value] for flow in Flow if flow in INWARD)
            values["went"] = sum(values[flow.value] for flow in Flow if flow not in INWARD)
            values["moved"] = values["came"] + values["went"]
            gaps += abs(values["opening"] + values["came"] - values["went"] - values["closing"])
            lines.append(scope.line(key, dict(values)))
        columns = [column for column in self.columns if column not in FLOWS or column.key in shown]
        sums = total(lines, "opening", "closing", *(flow.value for flow in shown))
        came = sum(sums.get(flow) or 0 for flow in shown if flow in INWARD)
        went = sum(sums.get(flow) or 0 for flow in shown if flow not in INWARD)
        figures = [
            Figure(OPENING, sums["opening"] or 0),
            Figure(pgettext_lazy("report", "In"), came),
            Figure(pgettext_lazy("report", "Out"), went),
            Figure(CLOSING, sums["closing"] or 0),
        ]
        points = [Point(str(flow.label), [(sums[flow] or 0) * (1 if flow in INWARD else -1)]) for flow in shown]
        chart = Chart("bars", _("What changed it"), [], points) if points else None
        return Answer(columns, lines, sums, figures, chart, [_adds_up(sums, came, went, gaps)])


def _adds_up(sums: dict[str, Any], came: int, went: int, gaps: int) -> str:
    """The sum as one reads it aloud; `gaps` are the pieces by which any line is out."""
    words = {
        "opening": f"{sums['opening'] or 0:,}", "came": f"{came:,}", "went": f"{went:,}",
        "closing": f"{sums['closing'] or 0:,}", "gaps": f"{gaps:,}",
    }  # fmt: skip
    if gaps:
        return str(_("This does not add up by %(gaps)s pieces: have the ledger verified.") % words)
    return str(_("%(opening)s + %(came)s − %(went)s = %(closing)s: it adds up, line by line.") % words)
