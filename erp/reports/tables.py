"""What every report answers with: a table, its sums, a chart, and what is to be said of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

# How a value is shown, exported and documented.
TEXT, PIECES, MONEY, PERCENT, NUMBER, DAYS, DAY = "text", "pieces", "money", "percent", "number", "days", "day"


@dataclass(frozen=True, slots=True)
class Column:
    """`history`: the kinds of movements that made the number, as its link to the stock history; None: no link."""

    key: str
    label: Any
    kind: str = PIECES
    help: Any = ""
    history: Sequence[str] | None = None
    strong: bool = False


@dataclass(slots=True)
class Line:
    """One row. `product`, `variant` and `partner` are ids; `label` names a row of no product.

    `address` narrows the stock history to it.
    """

    values: dict[str, Any]
    product: int | None = None
    variant: int | None = None
    label: str = ""
    address: dict[str, Any] = field(default_factory=dict)
    partner: int | None = None
    # Set for the lines that are shown, by `dress`.
    thing: Any = None


@dataclass(frozen=True, slots=True)
class Figure:
    """One large number above the table."""

    label: Any
    value: Any
    kind: str = PIECES
    help: Any = ""


@dataclass(frozen=True, slots=True)
class Point:
    label: str
    values: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Chart:
    """`columns` stand side by side in time, of two series the second hangs below; `bars` lie one below the other."""

    shape: str
    title: Any
    series: Sequence[Any]
    points: Sequence[Point | LinePoint]
    kind: str = PIECES


@dataclass(frozen=True, slots=True)
class Action:
    """Something to do with what the report found: its button, its page, and what that begins with."""

    label: str
    page: str
    query: dict[str, Any]


@dataclass(slots=True)
class Answer:
    columns: list[Column]
    lines: list[Line]
    totals: dict[str, Any] = field(default_factory=dict)
    figures: list[Figure] = field(default_factory=list)
    chart: Chart | None = None
    notes: list[str] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    first: Any = ""  # what the first column, the name of each line, is headed

    def sort(self, by: str) -> None:
        """By a column, from the least, or from the most with a minus before; lines without the value come last."""
        key = by.removeprefix("-")
        if key not in {column.key for column in self.columns}:
            return
        having = [line for line in self.lines if line.values.get(key) is not None]
        missing = [line for line in self.lines if line.values.get(key) is None]
        having.sort(key=lambda line: line.values[key], reverse=by.startswith("-"))
        self.lines = having + missing


def total(lines: Sequence[Line], *keys: str) -> dict[str, Any]:
    """The sums of columns; None where no line has a value."""
    sums: dict[str, Any] = {}
    for key in keys:
        values = [line.values[key] for line in lines if line.values.get(key) is not None]
        sums[key] = sum(values, values[0] * 0) if values else None
    return sums


def ratio(part: Any, whole: Any) -> float | None:
    return float(Decimal(part) / Decimal(whole)) if part is not None and whole else None


def bars(title: Any, lines: Sequence[Line], key: str, *, kind: str = PIECES, most: int = 10) -> Chart | None:
    """The lines with the most of a column."""
    having = [line for line in lines if line.values.get(key)]
    chosen = sorted(having, key=lambda line: -line.values[key])[:most]
    chosen = [line for line in chosen if line.values[key] > 0]
    points = [LinePoint(line, [line.values[key]]) for line in chosen]
    return Chart("bars", title, [], points, kind) if points else None


class LinePoint:
    """A point that is named as its line is, once that is dressed."""

    def __init__(self, line: Line, values: Sequence[Any]) -> None:
        self.line, self.values = line, values

    @property
    def label(self) -> str:
        """What tells one line from the next comes first: there is little room."""
        thing = self.line.thing
        if thing is not None and self.line.variant:
            return f"{thing.colour.name} {thing.size.code} · {thing.product.name or thing.product.style_number}"
        return name_of(self.line)


def name_of(line: Line) -> str:
    """What a line is called in one text."""
    thing = line.thing
    if thing is None:
        return line.label
    if line.variant:
        name = thing.product.name or thing.product.style_number
        return f"{name} · {thing.colour.name} · {thing.size.code}"
    return str(thing.name or thing.style_number)
