"""Charts as shapes to draw: heights and lengths in percent of the plot, words beside it for those who cannot see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from erp.reports.shown import shown
from erp.reports.tables import Chart


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle of the plot, in its own units of 0 to 100, with the number that it stands for."""

    x: float
    y: float
    width: float
    height: float
    series: int
    title: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a chart of bars: a name, its bars and their numbers."""

    label: str
    bars: list[Bar]
    values: list[str]
    minus: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    chart: Chart
    rows: list[Row]
    columns: list[Bar]
    axis: float
    most: str
    least: str
    ticks: list[str]
    words: str


def draw(chart: Chart | None, currency: str) -> Drawing | None:
    """None where there is nothing to draw."""
    if chart is None or not chart.points:
        return None
    if chart.shape == "columns":
        return _columns(chart, currency)
    most = max((abs(float(value)) for point in chart.points for value in point.values), default=0) or 1
    rows = [_row(chart, place, most, currency) for place in range(len(chart.points))]
    return Drawing(chart, rows, [], 0, "", "", [], _words(chart, currency))


def _row(chart: Chart, place: int, most: float, currency: str) -> Row:
    point = chart.points[place]
    texts = [shown(value, chart.kind, currency) for value in point.values]
    lengths = [max(abs(float(value)) / most * 100, 0.4 if value else 0) for value in point.values]
    drawn = [
        Bar(0, n, round(length, 2), 1, n, text) for n, (length, text) in enumerate(zip(lengths, texts, strict=True))
    ]
    return Row(point.label, drawn, texts, any(value < 0 for value in point.values))


def _columns(chart: Chart, currency: str) -> Drawing:
    """The first series stands on the axis, the second hangs below it."""
    above = max(max(float(point.values[0]), -float(point.values[1]), 0) for point in chart.points)
    below = max(max(float(point.values[1]), -float(point.values[0]), 0) for point in chart.points)
    whole = (above + below) or 1
    axis, width = above / whole * 100, 100 / len(chart.points)
    drawn = []
    for place, point in enumerate(chart.points):
        for series, value in enumerate(point.values):
            height = abs(float(value)) / whole * 100
            up = (value >= 0) == (series == 0)
            title = f"{point.label}: {chart.series[series]} {shown(value, chart.kind, currency)}"
            x, y = place * width + width * 0.15, axis - height if up else axis
            drawn.append(Bar(round(x, 3), round(y, 3), round(width * 0.7, 3), round(height, 3), series, title))
    labels = [point.label for point in chart.points]
    ticks = list(dict.fromkeys([labels[0], labels[len(labels) // 2], labels[-1]]))
    return Drawing(
        chart, [], drawn, round(axis, 3), shown(above, chart.kind, currency), shown(below, chart.kind, currency), ticks,
        _words(chart, currency),
    )  # fmt: skip


def _words(chart: Chart, currency: str) -> str:
    """What the chart shows in one sentence; every number is in the table below it."""
    points = sorted(chart.points, key=lambda point: -abs(float(point.values[0])))[:3]
    named = "; ".join(f"{point.label} {_values(chart, point.values, currency)}" for point in points)
    return _("%(title)s. Most: %(named)s. All numbers are in the table.") % {"title": chart.title, "named": named}


def _values(chart: Chart, values: Any, currency: str) -> str:
    texts = [shown(value, chart.kind, currency) for value in values]
    return (
        ", ".join(f"{name} {text}" for name, text in zip(chart.series, texts, strict=True))
        if chart.series
        else texts[0]
    )
