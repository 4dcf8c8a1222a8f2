"""Sums of flows over any span of time: whole days from the rollup, all that it lacks from the movements."""
# ruff: noqa: S608 - the statements are made of constants

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from catalog.days import business_day, day_start
from catalog.models import Brand
from erp.inventory.sql.tables import among
from erp.reports.models import INWARD, Rollup
from erp.reports.sql.legs import legs, moment

# What a flow added to the place it was at.
DELTA = f"CASE WHEN f.flow IN ({', '.join(repr(flow.value) for flow in INWARD)}) THEN f.pieces ELSE -f.pieces END"
_KEPT = "SELECT day, variant_id, location_id, flow, pieces FROM reports_dailyflow WHERE brand_id = %s"
_LIVE = "SELECT day, variant_id, location_id, flow, pieces FROM ({legs}) legs WHERE true"

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` on and before `end`; None: since ever, for ever."""

    start: datetime | None = None
    end: datetime | None = None

    @classmethod
    def of_days(cls, brand: Brand, first: date | None, last: date | None) -> Span:
        """Business days, both included."""
        return cls(
            day_start(brand, first) if first else None, day_start(brand, last + timedelta(days=1)) if last else None
        )


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Which variants and places are summed; None: all."""

    variants: Collection[int] | None = None
    locations: Collection[int] | None = None

    def where(self) -> tuple[str, list[Any]]:
        words, params = "", []
        for column, values in (("variant_id", self.variants), ("location_id", self.locations)):
            if values is not None:
                condition, given = among(values)
                words += f" AND {column} {condition}"
                params += given
        return words, params


def last_rolled_up(brand: Brand) -> int:
    """The movement up to which sums are kept by the brand's clock; 0 where there are none. Read inside a snapshot."""
    kept = Rollup.objects.filter(brand=brand, time_zone=brand.time_zone, day_ends_at=brand.day_ends_at)
    return kept.values_list("movement_id", flat=True).first() or 0


def as_day(value: Any) -> date | None:
    """A day of a sum: SQLite has them as text."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def days_until(last: date) -> tuple[str, list[Any]]:
    """How many days there are from f.day to `last`, both included, as an expression and its parameters."""
    if connection.vendor == "postgresql":
        return "(%s::date - f.day + 1)", [last]
    return "CAST(julianday(%s) - julianday(f.day) + 1 AS integer)", [last.isoformat()]


class Flows:
    """The flows of a brand in a span. Make it, and ask it, inside one `snapshot`."""

    def __init__(
        self, brand: Brand, span: Span, narrowing: Narrowing | None = None, *, mark: int | None = None
    ) -> None:
        self.brand, self.span = brand, span
        self.narrowing = narrowing or Narrowing()
        self.mark = last_rolled_up(brand) if mark is None else mark

    def sums(self, columns: str, group: str = "", *, where: str = "true", given: Collection[Any] = ()) -> Rows:
        """`columns` and `group` are SQL over f.day, f.variant_id, f.location_id, f.flow and f.pieces.

        `given` are the parameters of the columns. Days come as the database keeps them: see `as_day`.
        """
        source, params = self._source()
        grouped = f" GROUP BY {group}" if group else ""
        sql = f"SELECT {columns} FROM ({source}) f WHERE {where}{grouped}"
        with connection.cursor() as cursor:
            cursor.execute(sql, [*given, *params])
            return cursor.fetchall()

    def _source(self) -> tuple[str, list[Any]]:
        parts = [*self._whole_days(), *self._edges()]
        return " UNION ALL ".join(sql for sql, _params in parts), [p for _sql, params in parts for p in params]

    def _whole_days(self) -> list[tuple[str, list[Any]]]:
        first, last = self._days()
        if first and last and first > last:
            return []
        days, bounds = "", []
        for sign, day in ((">=", first), ("<=", last)):
            if day:
                days += f" AND day {sign} %s"
                bounds.append(connection.ops.adapt_datefield_value(day))
        narrowed, wanted = self.narrowing.where()
        live, given = legs(self.brand, "m.brand_id = %s AND m.id > %s", [self.brand.pk, self.mark])
        kept = [(_KEPT + days + narrowed, [self.brand.pk, *bounds, *wanted])] if self.mark else []
        return [*kept, (_LIVE.format(legs=live) + days + narrowed, [*given, *bounds, *wanted])]

    def _edges(self) -> list[tuple[str, list[Any]]]:
        """The parts of days at both ends, straight from the movements."""
        narrowed, wanted = self.narrowing.where()
        found = []
        for start, end in self._parts():
            where = "m.brand_id = %s AND m.occurred_at >= %s AND m.occurred_at < %s"
            live, given = legs(self.brand, where, [self.brand.pk, moment(start), moment(end)])
            found.append((_LIVE.format(legs=live) + narrowed, [*given, *wanted]))
        return found

    def _days(self) -> tuple[date | None, date | None]:
        """The first and the last day that lie wholly inside."""
        first = last = None
        if self.span.start:
            first = business_day(self.brand, self.span.start)
            if day_start(self.brand, first) < self.span.start:
                first += timedelta(days=1)
        if self.span.end:
            last = business_day(self.brand, self.span.end) - timedelta(days=1)
        return first, last

    def _parts(self) -> list[tuple[datetime, datetime]]:
        start, end = self.span.start, self.span.end
        first, last = self._days()
        if first and last and first > last:
            return [(start, end)] if start and end and start < end else []
        head = (start, day_start(self.brand, first)) if start and first else None
        tail = (day_start(self.brand, last + timedelta(days=1)), end) if end and last else None
        return [part for part in (head, tail) if part and part[0] < part[1]]
