"""A marketplace's file as listings again: columns found by their names wherever they moved, every bad cell told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from django.utils.translation import gettext as _

from erp.channels.facts import ListingFacts, PictureFacts, VariantFacts
from erp.channels.formats.cells import number_in
from erp.channels.formats.template import Template
from erp.core.errors import Problem
from erp.exchange.products.tables import Sheet
from erp.exchange.products.text import folded, restored

COLOUR_WORDS = {"color", "colour", "색상", "컬러", "カラー", "色"}
SIZE_WORDS = {"size", "사이즈", "サイズ", "크기"}
# What Shopify writes for a product without options.
NO_OPTION = "default title"


@dataclass(frozen=True, slots=True)
class Matched:
    """Where a template's columns are in a table: place by header, what is missing, and headings nobody asked for."""

    places: dict[str, int]
    missing: list[str]
    extra: list[str]


@dataclass(slots=True)
class Reading:
    """What a file says: its listings, what is wrong with it by line and column, and how its columns matched."""

    listings: list[ListingFacts]
    problems: list[Problem]
    matched: Matched


@dataclass(slots=True)
class Group:
    """The lines of one listing."""

    number: int
    cells: dict[str, str] = field(default_factory=dict)  # the first filled cell of each value
    variants: list[VariantFacts] = field(default_factory=list)
    pictures: dict[str, PictureFacts] = field(default_factory=dict)


def match(template: Template, headings: Sequence[str]) -> Matched:
    """By name, whatever the case, blanks and order; a heading that occurs twice counts once."""
    at = {folded(heading): place for place, heading in reversed(list(enumerate(headings)))}
    wanted = {column.header: {folded(column.header), folded(column.key)} - {""} for column in template.columns}
    places = {
        header: place for header, names in wanted.items() if (place := next((at[n] for n in names if n in at), -1)) >= 0
    }
    known = set(places.values())
    extra = [heading for place, heading in enumerate(headings) if heading and place not in known]
    return Matched(places, [header for header in template.headers if header not in places], extra)


def best_template(templates: Iterable[Template], headings: Sequence[str]) -> Template:
    """The dialect whose columns a table has the most of."""
    return max(templates, key=lambda template: len(match(template, headings).places))


def read(template: Template, table: Sheet) -> Reading:
    """The listings of a table whose lines are variants. Cells that cannot be read are problems, never guesses."""
    matched = match(template, table.headings)
    places = {
        column.value: (matched.places[column.header], column.header)
        for column in template.columns
        if column.value and column.header in matched.places
    }
    reader = _Reader(places)
    for number, row in table.rows:
        reader.take(number, row)
    return Reading([reader.listing(group) for group in reader.groups.values()], reader.problems, matched)


class _Reader:
    def __init__(self, places: Mapping[str, tuple[int, str]]) -> None:
        self.places = places
        self.groups: dict[str, Group] = {}
        self.problems: list[Problem] = []
        self.skus: dict[str, int] = {}

    def take(self, number: int, row: Sequence[str]) -> None:
        cells = {value: restored(row[place]) for value, (place, _header) in self.places.items()}
        name = cells.get("handle") or cells.get("style_number") or cells.get("sku", "")
        if not name:
            self._problem("no_handle", _("This line does not say which product it is of."), "handle", number)
            return
        group = self.groups.setdefault(name, Group(number))
        for value, text in cells.items():
            if text:
                group.cells.setdefault(value, text)
        if url := cells.get("picture", ""):
            group.pictures.setdefault(url, PictureFacts(url, url.rsplit("/", 1)[-1], cells.get("picture_alt", "")))
        if cells.get("sku") or cells.get("colour") or cells.get("size") or cells.get("variant_price"):
            self._take_variant(group, cells, number)

    def _take_variant(self, group: Group, cells: Mapping[str, str], number: int) -> None:
        sku = cells.get("sku", "")
        if sku and sku in self.skus:
            message = _("Line %(line)s has this SKU already.") % {"line": self.skus[sku]}
            self._problem("sku_twice", message, "sku", number)
            return
        self.skus[sku] = number
        price = self._number(cells, "variant_price", number)
        quantity = self._number(cells, "variant_quantity", number)
        if quantity != int(quantity):
            self._problem("no_whole_number", _("Pieces are whole numbers."), "variant_quantity", number)
        url = cells.get("variant_picture", "")
        group.variants.append(
            VariantFacts(
                sku=sku,
                colour=_option(cells.get("colour", "")),
                size=_option(cells.get("size", "")),
                price=price,
                quantity=int(quantity),
                barcode=cells.get("barcode", ""),
                picture=PictureFacts(url, url.rsplit("/", 1)[-1]) if url else None,
            )
        )

    def _number(self, cells: Mapping[str, str], value: str, number: int) -> Decimal:
        text = cells.get(value, "").replace(",", "")
        found = number_in(text)
        if found is not None:
            return found
        self._problem("no_number", _("“%(text)s” is no number.") % {"text": text[:40]}, value, number)
        return Decimal(0)

    def _problem(self, code: str, message: str, value: str, number: int) -> None:
        header = self.places[value][1] if value in self.places else value
        self.problems.append(Problem(code, message, field=header, line=number))

    def listing(self, group: Group) -> ListingFacts:
        cells, variants = group.cells, tuple(group.variants)
        if _turned(cells):
            variants = tuple(replace(v, colour=v.size, size=v.colour) for v in variants)
        style = cells.get("style_number") or cells.get("handle") or cells.get("sku", "")
        compare_at = self._number(cells, "variant_compare_at", group.number)
        return ListingFacts(
            handle=cells.get("handle", style),
            style_number=style,
            title=cells.get("title", ""),
            description=cells.get("description", ""),
            brand=cells.get("brand", ""),
            currency=cells.get("currency", ""),
            price=min((variant.price for variant in variants), default=Decimal(0)),
            compare_at=compare_at or None,
            variants=variants,
            pictures=tuple(group.pictures.values()),
            category_name=cells.get("category", ""),
            target_category=cells.get("target_category", ""),
            pattern_name=cells.get("pattern", ""),
            material=cells.get("material", ""),
            care=cells.get("care", ""),
            published=cells.get("published", "TRUE").upper() == "TRUE",
            colour_option=cells.get("colour_option", "Color"),
            size_option=cells.get("size_option", "Size"),
            tags=tuple(part.strip() for part in cells.get("tags", "").split(",") if part.strip()),
        )


def _turned(cells: Mapping[str, str]) -> bool:
    """Whether the first option is the size and the second the colour."""
    first, second = (folded(cells.get(name, "")) for name in ("colour_option", "size_option"))
    return first in SIZE_WORDS and second not in SIZE_WORDS or second in COLOUR_WORDS and first not in COLOUR_WORDS


def _option(text: str) -> str:
    return "" if text.casefold() == NO_OPTION else text
