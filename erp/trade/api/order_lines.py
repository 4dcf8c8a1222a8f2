"""From the lines of a request to entries of an order. What cannot be read is carried on as what the service refuses, so
that one answer names all that is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from catalog.models import Brand
from erp.core.errors import DomainError, Problem
from erp.inventory.api.lines import VariantNames
from erp.trade.models import Pack
from erp.trade.services.orders import Entry

_UNREAD = -1


@dataclass
class EnteredOrder:
    """The entries, and by (line, field) what this side knows better than the service."""

    entries: list[Entry] = field(default_factory=list)
    problems: dict[tuple[int, str], Problem] = field(default_factory=dict)

    def note(self, number: int, part: str, problem: Problem) -> None:
        self.problems[number, part] = replace(problem, line=number)

    def explain(self, error: DomainError) -> DomainError:
        """The refusal of the service with our words for what could not be read here."""
        if not self.problems:
            return error
        theirs = [
            problem for problem in error.problems if (problem.line or 0, problem.field or "") not in self.problems
        ]
        problems = sorted([*theirs, *self.problems.values()], key=lambda problem: problem.line or 0)
        codes = {problem.code for problem in problems}
        return DomainError(codes.pop() if len(codes) == 1 else "lines_refused", error.message, problems)


def read_entries(brand: Brand, lines: Any) -> EnteredOrder:
    if not isinstance(lines, list):
        message = _("Send the lines as a list.")
        raise DomainError("not_a_list", message, [Problem("not_a_list", message, "lines")])
    found = EnteredOrder()
    rows = [line if isinstance(line, dict) else {} for line in lines]
    names, packs = VariantNames(brand, [row for row in rows if row]), _packs(brand, rows)
    for number, row in enumerate(rows, start=1):
        if not row:
            message = _("Each line is an object with its own fields.")
            found.note(number, "variant", Problem("not_an_object", message, "lines"))
        found.entries.append(_entry(found, number, row, names, packs))
    return found


def _entry(
    found: EnteredOrder, number: int, row: Mapping[str, Any], names: VariantNames, packs: Mapping[Any, int]
) -> Entry:
    quantity, price = row.get("quantity"), _price(row.get("unit_price"))
    if isinstance(price, Problem):
        found.note(number, "unit_price", price)
        price = Decimal(0)
    code = row.get("pack")
    if code is not None:
        return Entry(quantity, pack_id=packs.get(code, 0) if isinstance(code, str | int) else 0, unit_price=price)  # type: ignore[arg-type]
    variant = names.find(row) if row else _UNREAD
    if isinstance(variant, Problem):
        found.note(number, "variant", variant)
        variant = _UNREAD
    return Entry(quantity, variant_id=variant, unit_price=price)  # type: ignore[arg-type]


def _packs(brand: Brand, rows: Sequence[Mapping[str, Any]]) -> dict[Any, int]:
    """Packs in use by id and by code."""
    named = [row["pack"] for row in rows if isinstance(row.get("pack"), str | int)]
    if not named:
        return {}
    packs = Pack.objects.of(brand).filter(is_active=True).values_list("pk", "code")
    return {pk: pk for pk, _code in packs} | {code: pk for pk, code in packs if code}


def _price(value: Any) -> Decimal | Problem | None:
    if value is None:
        return None
    message = _('Write the price as a decimal number in quotes, such as "12000".')
    try:
        price = Decimal(value) if isinstance(value, str | int) and not isinstance(value, bool) else None
    except InvalidOperation:
        price = None
    return Problem("invalid", message, "unit_price") if price is None or not price.is_finite() else price
