"""A marketplace's column set as versioned data: which columns, where their values come from, and the target's rules."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parent.parent / "data"


@dataclass(frozen=True, slots=True)
class Column:
    """One column. Without a `value` it is filled from the listing's attribute of the header's name, else `default`.

    `value` is a name of `values.VALUES`; "=text" is the text itself, "variant=text" on the lines of variants. `once`
    leaves the cell blank on the rows after a listing's first. `most` is in characters. `allowed` is what the
    marketplace takes.
    """

    header: str
    value: str = ""
    default: str = ""
    once: bool = False
    required: bool = False
    most: int = 0
    allowed: tuple[str, ...] = ()
    identity: bool = False  # by this the marketplace knows the product again: otherwise it is another one
    key: str = ""  # what matches instead of the header, where headers are translated


@dataclass(frozen=True, slots=True)
class Template:
    """`rows` is what a line stands for: "product", "variant", or "variant_or_picture" (both lists side by side)."""

    key: str
    version: str
    name: str
    file: str  # csv, tsv, xlsx, xml, json
    columns: tuple[Column, ...]
    rows: str = "variant"
    encoding: str = "utf-8-sig"
    sheet: str = "Sheet1"
    above: tuple[tuple[str, ...], ...] = ()  # lines before the headers
    rules: Mapping[str, Any] = field(default_factory=dict)
    pictures: Mapping[str, Any] = field(default_factory=dict)  # see `formats.pictures`
    whole: bool = False  # what is not in the file, the marketplace takes for gone: never only the changes
    blanks_erase: bool = False  # where a file overwrites, what it leaves blank is emptied
    source: str = ""
    unconfirmed: tuple[str, ...] = ()

    @property
    def headers(self) -> list[str]:
        return [column.header for column in self.columns]


def template_of(raw: Mapping[str, Any]) -> Template:
    """From JSON. Raises TypeError or KeyError when the data is no template."""
    columns = tuple(_column(item) for item in raw["columns"])
    rest = {name: value for name, value in raw.items() if name != "columns"}
    for name in ("above", "unconfirmed"):
        rest[name] = tuple(tuple(line) if isinstance(line, list) else line for line in rest.get(name, ()))
    return Template(columns=columns, **rest)


def _column(item: str | Mapping[str, Any]) -> Column:
    """A bare header is a column that nothing of ours fills."""
    if isinstance(item, str):
        return Column(item)
    return Column(**{**item, "allowed": tuple(item.get("allowed", ()))})


@cache
def shipped_template(name: str) -> Template:
    """By the name of its file in `data`: "shopify-2025"."""
    return template_of(json.loads((DATA / f"{name}.json").read_text(encoding="utf-8")))


@dataclass(frozen=True, slots=True)
class TrackingTemplate:
    """The columns in which a marketplace is told tracking numbers, and what it calls couriers (by our codes)."""

    table: Template
    couriers: Mapping[str, str]
    language: str


@cache
def shipped_tracking(name: str) -> TrackingTemplate:
    """By the name of its file in `data/tracking`. A line is a "line" of an order, or the whole "order"."""
    raw = json.loads((DATA / "tracking" / f"{name}.json").read_text(encoding="utf-8"))
    couriers, language = raw.pop("couriers", {}), raw.pop("language", "ko")
    return TrackingTemplate(template_of(raw), couriers, language)


def tracking_names() -> Sequence[str]:
    return sorted(path.stem for path in (DATA / "tracking").glob("*.json"))
