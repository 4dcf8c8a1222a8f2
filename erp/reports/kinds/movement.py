"""What came and went, period by period."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from erp.reports.kinds.base import EVERY, Report
from erp.reports.models import INWARD, Flow
from erp.reports.scope import Scope
from erp.reports.sql.sums import as_day
from erp.reports.tables import Answer, Chart, Column, Figure, Line, Point, total

BOTH_WAYS = (Flow.MOVED_IN, Flow.MOVED_OUT)
# The kinds of movements that each flow is made of, for its link to the history.
KINDS: dict[str, tuple[str, ...]] = {
    Flow.OPENED: ("opening", "reversal"),
    Flow.RECEIVED: ("receipt", "reversal"),
    Flow.RETURNED: ("return", "reversal"),
    Flow.FOUND: ("adjustment", "reversal"),
    Flow.LENT_BACK: (),
    Flow.MOVED_IN: ("transfer", "reversal"),
    Flow.SOLD: ("shipment", "reversal"),
    Flow.SENT_BACK: (),
    Flow.LOST: ("adjustment", "reversal"),
    Flow.LENT: (),
    Flow.MOVED_OUT: ("transfer", "reversal"),
}


FLOWS = tuple(Column(flow.value, flow.label, history=KINDS[flow]) for flow in Flow)
CAME, WENT, NET = (pgettext_lazy("report", "Came"), pgettext_lazy("report", "Went"), pgettext_lazy("report", "Net"))
# What a shop asks for first, and sees also where there was none.
ALWAYS = {Flow.RECEIVED.value, Flow.SOLD.value, Flow.RETURNED.value}


class Movement(Report):
    slug = "movements"
    icon = "transfer"
    title = _("Movement summary")
    lead = _("What came and went, by day, week or month. A reversal is taken off on the day it was made.")
    fields = ("since", "until", "step", *EVERY, "location")
    columns = (*FLOWS, Column("net", NET, help=_("What came, less what went."), strong=True))

    def answer(self, scope: Scope) -> Answer:
        step = scope.options.get("step") or "day"
        found: dict[date, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        rows = scope.flows(counted=True).sums("f.day, f.flow, SUM(f.pieces)", "f.day, f.flow")
        for day, flow, pieces in rows:
            found[_start(as_day(day) or scope.today, step)][flow] += int(pieces)
        # Between our own places, what moved in moved out, unless one place is asked about.
        shown = [flow for flow in Flow if scope.location or flow not in BOTH_WAYS]
        used = {flow for flows in found.values() for flow, pieces in flows.items() if pieces and flow in shown}
        columns = [column for column in self.columns if column.key in used | ALWAYS | {"net"}]
        lines = [_line(scope, day, step, found.get(day, {}), shown) for day in _steps(scope, step)]
        sums = total(lines, *(column.key for column in columns))
        came = sum(sums.get(flow) or 0 for flow in shown if flow in INWARD)
        went = sum(sums.get(flow) or 0 for flow in shown if flow not in INWARD)
        figures = [
            Figure(CAME, came),
            Figure(WENT, went),
            Figure(NET, came - went),
        ]
        points = [Point(line.label, [line.values["came"], line.values["went"]]) for line in lines]
        chart = (
            Chart(
                "columns",
                _("Came and went"),
                [CAME, WENT],
                points,
            )
            if came or went
            else None
        )
        return Answer(columns, lines[::-1], sums, figures, chart, first=pgettext_lazy("report", "Period"))


def _line(scope: Scope, day: date, step: str, flows: Any, shown: list[Flow]) -> Line:
    values = {flow.value: flows.get(flow, 0) for flow in Flow}
    values["came"] = sum(flows.get(flow, 0) for flow in shown if flow in INWARD)
    values["went"] = sum(flows.get(flow, 0) for flow in shown if flow not in INWARD)
    values["net"] = values["came"] - values["went"]
    end = _next(day, step) - timedelta(days=1)
    address = {"since": max(day, scope.first or day), "until": min(end, scope.last or end)}
    return Line(values, label=_label(day, step), address=address)


def _label(day: date, step: str) -> str:
    if step == "month":
        return gettext("%(month)s/%(year)s") % {"month": day.month, "year": day.year}
    word = str(WEEKDAYS_ABBR[day.weekday()])
    after = f" ({word.removesuffix('요일')})" if step == "day" else " ~"
    return gettext("%(month)s/%(day)s") % {"month": day.month, "day": day.day} + after


def _start(day: date, step: str) -> date:
    if step == "month":
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if step == "week" else day


def _next(day: date, step: str) -> date:
    if step == "month":
        return (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return day + timedelta(days=7 if step == "week" else 1)


def _steps(scope: Scope, step: str) -> list[date]:
    """Every period of the span, the empty ones too."""
    day, days = _start(scope.first or scope.today, step), []
    while day <= (scope.last or scope.today):
        days.append(day)
        day = _next(day, step)
    return days
