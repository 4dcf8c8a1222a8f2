"""From the lines of a request to lines of the ledger. What cannot be found is carried on as an id that is none:
the ledger refuses it together with everything else that is wrong, so that one answer names all of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from catalog.models import Brand
from erp.core.errors import DomainError, Problem
from erp.inventory.models import Location, MovementKind
from erp.inventory.services import Line
from erp.inventory.services.locations import ensure_locations
from erp.inventory.services.posting import refusal
from erp.inventory.sql.codes import find_codes

Kind = Location.Kind
OURS = frozenset(Location.INTERNAL_KINDS)
# From where and to where goods go in each kind of posting; the first virtual one is meant where none is named.
ROUTES: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    MovementKind.OPENING: (frozenset({Kind.OPENING}), OURS),
    MovementKind.RECEIPT: (frozenset({Kind.SUPPLIER, Kind.CUSTOMER}), OURS),
    MovementKind.SHIPMENT: (OURS, frozenset({Kind.CUSTOMER, Kind.SUPPLIER})),
    MovementKind.TRANSFER: (OURS | {Kind.SAMPLE}, OURS | {Kind.SAMPLE}),
    MovementKind.ADJUSTMENT: (OURS | {Kind.ADJUSTMENT}, OURS | {Kind.ADJUSTMENT}),
}
OUTSIDE: dict[tuple[str, str], str] = {
    (MovementKind.OPENING, "source"): Kind.OPENING,
    (MovementKind.RECEIPT, "source"): Kind.SUPPLIER,
    (MovementKind.SHIPMENT, "destination"): Kind.CUSTOMER,
}
NAMES = ("variant", "sku", "barcode")
TEXTS = ("sku", "barcode", "source", "destination", "reference", "note")
# Ids that are none, and differ: two unknown locations are not the same one.
NO_ID = {"variant": 0, "source": 0, "destination": -1}


@dataclass
class Entered:
    """The lines for the ledger, and by (line, part) what this side knows better about what the ledger will refuse."""

    lines: list[Line] = field(default_factory=list)
    problems: dict[tuple[int, str], Problem] = field(default_factory=dict)

    def explain(self, error: DomainError) -> DomainError:
        """The ledger's refusal with our words for what was not found here."""
        if error.status != 400:
            return error
        theirs = [p for p in error.problems if (p.line or 0, p.field or "") not in self.problems]
        problems = [*theirs, *self.problems.values()]
        if any(problem.line is None for problem in problems):
            return DomainError(error.code, error.message, problems)
        return refusal(problems)


def read_lines(brand: Brand, kind: str, entries: Any) -> Entered:
    """Raises DomainError for lines that are no lines at all; what they name is looked up for all of them at once."""
    _check_shape(entries)
    variants, places = _Variants(brand, entries), _places(brand)
    found = Entered()
    for number, entry in enumerate(entries, start=1):
        ids = {"variant": variants.find(entry), **_route(kind, entry, places)}
        for part, value in ids.items():
            if isinstance(value, Problem):
                found.problems[number, part] = Problem(value.code, value.message, value.field, number)
                ids[part] = NO_ID[part]
        found.lines.append(
            Line(
                ids["variant"],
                entry.get("quantity"),
                ids["source"],
                ids["destination"],
                reference=entry.get("reference") or "",
                note=entry.get("note") or "",
            )
        )
    return found


def _check_shape(entries: Any) -> None:
    if not isinstance(entries, list):
        message = _("Send the lines as a list.")
        raise DomainError("invalid", message, [Problem("not_a_list", message, field="lines")])
    problems = [p for number, entry in enumerate(entries, start=1) for p in _shape_problems(number, entry)]
    if problems:
        raise refusal(problems)


def _shape_problems(number: int, entry: Any) -> Iterable[Problem]:
    if not isinstance(entry, dict):
        yield Problem("not_an_object", _("Each line is an object with its own fields."), "lines", number)
        return
    for name in TEXTS:
        if not isinstance(entry.get(name), str | None):
            yield Problem("invalid", _("Write this as text, in quotes."), name, number)
    if not isinstance(entry.get("variant"), int | None) or isinstance(entry.get("variant"), bool):
        yield Problem("invalid", _("The id of a variant is a whole number."), "variant", number)
    if len(_named(entry)) != 1:
        yield Problem("name_one", _("Name the variant by one of variant, sku and barcode."), "variant", number)


class _Variants:
    """Every SKU and barcode of a request, looked up in two queries."""

    def __init__(self, brand: Brand, entries: Sequence[Mapping[str, Any]]) -> None:
        wanted = {name: {text for e in entries if (text := _code(e, name))} for name in ("sku", "barcode")}
        skus = wanted["sku"] | {sku.upper() for sku in wanted["sku"]}
        # A scanner may read an EAN-13 that begins with 0 as a UPC of twelve digits.
        codes = wanted["barcode"] | {f"0{code}" for code in wanted["barcode"] if len(code) == 12}
        self.skus = find_codes(brand.pk, "sku", skus)
        self.codes = find_codes(brand.pk, "barcode", codes)

    def find(self, entry: Mapping[str, Any]) -> int | Problem:
        [name] = _named(entry)
        if name == "variant":
            return int(entry["variant"])
        code = _code(entry, name)
        if name == "sku":
            found = self.skus.get(code) or self.skus.get(code.upper())
            message = _("There is no SKU “%(code)s” in this brand. Check the spelling.")
        else:
            found = self.codes.get(code) or self.codes.get(f"0{code}")
            message = _("There is no barcode “%(code)s” in this brand. Scan it again.")
        return found or Problem("unknown_variant", message % {"code": code}, name)


def _named(entry: Mapping[str, Any]) -> list[str]:
    return [name for name in NAMES if entry.get(name) not in (None, "")]


def _code(entry: Mapping[str, Any], name: str) -> str:
    """A typed or scanned code; a NUL, which PostgreSQL refuses in a query, makes it one that is not there."""
    return (entry.get(name) or "").strip()[:80].replace("\0", "\ufffd")


def _places(brand: Brand) -> dict[str, Location]:
    """The brand's locations by code, and the first of each kind by `:kind`."""
    rows = list(Location.objects.of(brand).order_by("position", "pk"))
    if not {row.kind for row in rows}.issuperset(Kind.values):
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
    code = (entry.get(part) or "").strip()
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
