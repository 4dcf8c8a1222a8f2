"""From the lines of a request to lines of the ledger. What cannot be read or found is carried on as what the ledger
refuses, together with everything else that is wrong, so that one answer names all of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.serializers import BaseSerializer

from catalog.models import Brand
from catalog.skus import normal_sku
from erp.core.api.errors import INVALID, problems_of
from erp.core.errors import DomainError, Problem
from erp.inventory.models import Location, MovementKind
from erp.inventory.services import MAX_LINES, Line
from erp.inventory.services.lines import too_many_lines
from erp.inventory.services.locations import STANDARD_KINDS, ensure_locations
from erp.inventory.services.posting import line_refusals, refusal
from erp.inventory.sql.codes import find_codes

Kind = Location.Kind
OURS = frozenset(Location.INTERNAL_KINDS)
ANYWHERE = frozenset(Kind.values)
# Of a request that names no kind there is: its lines are looked at all the same.
UNKNOWN_KIND = ""
# From where and to where goods go in each kind of posting; the first virtual one is meant where none is named.
ROUTES: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    MovementKind.OPENING: (frozenset({Kind.OPENING}), OURS),
    MovementKind.RECEIPT: (frozenset({Kind.SUPPLIER, Kind.CUSTOMER}), OURS),
    MovementKind.SHIPMENT: (OURS, frozenset({Kind.CUSTOMER, Kind.SUPPLIER})),
    MovementKind.RETURN: (frozenset({Kind.CUSTOMER}), OURS),
    MovementKind.TRANSFER: (OURS | {Kind.SAMPLE}, OURS | {Kind.SAMPLE}),
    MovementKind.ADJUSTMENT: (OURS | {Kind.ADJUSTMENT}, OURS | {Kind.ADJUSTMENT}),
    UNKNOWN_KIND: (ANYWHERE, ANYWHERE),
}
OUTSIDE: dict[tuple[str, str], str] = {
    (MovementKind.OPENING, "source"): Kind.OPENING,
    (MovementKind.RECEIPT, "source"): Kind.SUPPLIER,
    (MovementKind.SHIPMENT, "destination"): Kind.CUSTOMER,
    (MovementKind.RETURN, "source"): Kind.CUSTOMER,
    (UNKNOWN_KIND, "source"): Kind.SUPPLIER,
    (UNKNOWN_KIND, "destination"): Kind.CUSTOMER,
}
NAMES = ("variant", "sku", "barcode")
# What stands for a part that could not be read: the ledger refuses each. Two unknown locations are not the same one.
UNREAD: dict[str, Any] = {
    "variant": 0,
    "source": 0,
    "destination": -1,
    "reference": "\0",
    "note": "\0",
    "unit_cost": Decimal(-1),
}


@dataclass
class Entered:
    """The lines for the ledger, and by (line, part) what this side knows better about what the ledger will refuse.

    Line 0 stands for the request as a whole.
    """

    lines: list[Line] = field(default_factory=list)
    problems: dict[tuple[int, str], Problem] = field(default_factory=dict)
    unreadable: set[int] = field(default_factory=set)

    def add(self, number: int, quantity: Any, parts: Mapping[str, Any]) -> None:
        wrong = {part: value for part, value in parts.items() if isinstance(value, Problem)}
        for part, problem in wrong.items():
            self.problems[number, part] = replace(problem, line=number)
        read = {part: UNREAD[part] if part in wrong else value for part, value in parts.items()}
        ends = {"source_id": read["source"], "destination_id": read["destination"]}
        more = {name: read[name] for name in ("reference", "note", "unit_cost")}
        self.lines.append(Line(read["variant"], quantity, **ends, **more))

    def add_unreadable(self, number: int) -> None:
        """What is no line at all is one problem, and nothing else is said of it."""
        message = _("Each line is an object with its own fields.")
        self.problems[number, "lines"] = Problem("not_an_object", message, "lines", number)
        self.unreadable.add(number)
        self.lines.append(Line(UNREAD["variant"], 0, UNREAD["source"], UNREAD["destination"]))

    def explain(self, error: DomainError) -> DomainError:
        """The ledger's refusal with our words for what was not found here."""
        if error.status != 400:
            return error
        problems = self.explained(error.problems)
        first = problems[0]
        return refusal(problems) if first.line else DomainError(first.code, first.message, problems)

    def explained(self, problems: Iterable[Problem]) -> list[Problem]:
        theirs = (p for p in problems if p.line not in self.unreadable)
        theirs = (p for p in theirs if (p.line or 0, p.field or "") not in self.problems)
        return sorted([*theirs, *self.problems.values()], key=lambda problem: problem.line or 0)


def read_lines(brand: Brand, kind: str, entries: Any) -> Entered:
    """Raises nothing: what cannot be read is among the problems. What lines name is looked up for all at once."""
    found = Entered()
    if problem := _no_lines(entries):
        found.problems[0, "lines"] = problem
        return found
    variants, places = VariantNames(brand, [entry for entry in entries if isinstance(entry, dict)]), _places(brand)
    for number, entry in enumerate(entries, start=1):
        if not isinstance(entry, dict):
            found.add_unreadable(number)
            continue
        texts = {part: _text(entry, part) for part in ("reference", "note")}
        parts = {"variant": variants.find(entry), **_route(kind, entry, places), **texts, "unit_cost": _cost(entry)}
        found.add(number, entry.get("quantity"), parts)
    return found


def heading_refusal(brand: Brand, heading: BaseSerializer[Any], entries: Any) -> DomainError:
    """The refusal of a heading that could not be read. It names what is wrong with the lines as well."""
    kind = UNKNOWN_KIND if "kind" in heading.errors else heading.initial_data["kind"]
    entered = read_lines(brand, kind, entries)
    wrong = entered.explained(line_refusals(brand, kind, entered.lines))
    return DomainError("invalid", INVALID, [*problems_of(heading.errors), *wrong])


def _no_lines(entries: Any) -> Problem | None:
    """Why a request holds no lines that could be looked at one by one."""
    if not isinstance(entries, list):
        return Problem("not_a_list", _("Send the lines as a list."), "lines")
    return too_many_lines() if len(entries) > MAX_LINES else None


def _text(entry: Mapping[str, Any], name: str) -> str | Problem:
    text = entry.get(name)
    if not isinstance(text, str | None):
        return Problem("invalid", _("Write this as text, in quotes."), name)
    return text or ""


def _cost(entry: Mapping[str, Any]) -> Decimal | Problem | None:
    """A number, or one in quotes as money is written elsewhere."""
    value = entry.get("unit_cost")
    if value is None:
        return None
    try:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise ValueError
        return Decimal(str(value))
    except (ValueError, ArithmeticError):
        return Problem("invalid_cost", _("Write the cost of one piece as a number."), "unit_cost")


class VariantNames:
    """Every SKU and barcode of a request, looked up in two queries."""

    def __init__(self, brand: Brand, entries: Sequence[Mapping[str, Any]]) -> None:
        wanted = {name: {text for e in entries if (text := _code(e, name))} for name in ("sku", "barcode")}
        # A scanner may read an EAN-13 that begins with 0 as a UPC of twelve digits.
        codes = wanted["barcode"] | {f"0{code}" for code in wanted["barcode"] if len(code) == 12}
        self.skus = find_codes(brand.pk, "sku", {normal_sku(sku) for sku in wanted["sku"]})
        self.codes = find_codes(brand.pk, "barcode", codes)

    def find(self, entry: Mapping[str, Any]) -> int | Problem:
        named = _named(entry)
        if len(named) != 1:
            return Problem("name_one", _("Name the variant by one of variant, sku and barcode."), "variant")
        [name] = named
        return self._by_id(entry["variant"]) if name == "variant" else self._by_code(entry, name)

    def _by_id(self, value: Any) -> int | Problem:
        if type(value) is not int:
            return Problem("invalid", _("The id of a variant is a whole number."), "variant")
        return value

    def _by_code(self, entry: Mapping[str, Any], name: str) -> int | Problem:
        text = _text(entry, name)
        if isinstance(text, Problem):
            return text
        code = _code(entry, name)
        if name == "sku":
            found = self.skus.get(normal_sku(code))
            message = _("There is no SKU “%(code)s” in this brand. Check the spelling.")
        else:
            found = self.codes.get(code) or self.codes.get(f"0{code}")
            message = _("There is no barcode “%(code)s” in this brand. Scan it again.")
        return found or Problem("unknown_variant", message % {"code": code}, name)


def _named(entry: Mapping[str, Any]) -> list[str]:
    return [name for name in NAMES if entry.get(name) not in (None, "")]


def _code(entry: Mapping[str, Any], name: str) -> str:
    """A typed or scanned code; a NUL, which PostgreSQL refuses in a query, makes it one that is not there."""
    text = _text(entry, name)
    return text.strip()[:80].replace("\0", "\ufffd") if isinstance(text, str) else ""


def _places(brand: Brand) -> dict[str, Location]:
    """The brand's locations by code, and the first of each kind by `:kind`."""
    rows = list(Location.objects.of(brand).order_by("position", "pk"))
    if not {row.kind for row in rows}.issuperset(STANDARD_KINDS):
        ensure_locations(brand=brand)
        rows = list(Location.objects.of(brand).order_by("position", "pk"))
    first = {f":{row.kind}": row for row in reversed(rows)}
    return first | {row.code: row for row in rows}


def _route(kind: str, entry: Mapping[str, Any], places: Mapping[str, Location]) -> dict[str, Any]:
    ends = {
        part: _end(kind, part, entry, places, allowed)
        for part, allowed in zip(("source", "destination"), ROUTES[kind], strict=True)
    }
    between = [end for end in ends.values() if isinstance(end, Location) and end.is_internal]
    if kind == MovementKind.ADJUSTMENT and len(between) == 2:
        message = _("Goods that go from one of our locations to another are a transfer, no adjustment.")
        ends["destination"] = Problem("wrong_location", message, "destination")
    return {part: end.pk if isinstance(end, Location) else end for part, end in ends.items()}


def _end(
    kind: str, part: str, entry: Mapping[str, Any], places: Mapping[str, Location], allowed: frozenset[str]
) -> Location | Problem:
    """The location at one end of a line."""
    text = _text(entry, part)
    if isinstance(text, Problem):
        return text
    code = text.strip()
    if not code:
        outside = OUTSIDE.get((kind, part))
        if kind == MovementKind.ADJUSTMENT and (entry.get("source") or entry.get("destination")):
            outside = Kind.ADJUSTMENT
        return places[f":{outside}"] if outside else Problem("required", _missing(kind), part)
    place = None if code.startswith(":") else places.get(code)
    if place is None:
        message = _("There is no location “%(code)s” in this brand.") % {"code": code[:40]}
        return Problem("unknown_location", message, part)
    if place.kind not in allowed:
        message = _("In this kind of posting goods cannot come from %(place)s.")
        if part == "destination":
            message = _("In this kind of posting goods cannot go to %(place)s.")
        return Problem("wrong_location", message % {"place": place.name}, part)
    return place


def _missing(kind: str) -> str:
    if kind == MovementKind.ADJUSTMENT:
        return _("Name a destination for pieces that were found, or a source for pieces that are lost.")
    return _("Name the location by its code.")
