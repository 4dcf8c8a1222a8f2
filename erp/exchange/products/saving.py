"""Good rows into the catalog and the ledger, through their services."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from catalog.models import Product
from catalog.services import save_listings, set_measures
from erp.core.errors import DomainError, Problem
from erp.core.models import User
from erp.exchange.models import ImportRow
from erp.exchange.products.judging import Verdict
from erp.inventory.services import Count
from erp.inventory.services.stating import state_stock
from erp.inventory.sql.locks import Spot

if TYPE_CHECKING:
    from erp.exchange.products.resource import ListingResource

CHANGING = (ImportRow.Fate.CREATE, ImportRow.Fate.CHANGE)


class RowsRefused(Exception):
    """A service refused rows that looked good a moment ago. Nothing was saved; `errors` are theirs by row number."""

    def __init__(self, errors: dict[int, list[dict[str, Any]]]) -> None:
        super().__init__(f"{len(errors)} rows")
        self.errors = errors


def save(resource: ListingResource, verdicts: Sequence[Verdict]) -> None:
    """Saves what the rows change; raises RowsRefused, and the caller's savepoint undoes the rest."""
    assert resource.actor is not None
    rows = [verdict for verdict in verdicts if verdict.fate in CHANGING]
    entries = {id(verdict.product): verdict.product for verdict in rows if verdict.product}
    try:
        save_listings(brand=resource.brand, actor=resource.actor, entries=list(entries.values()))
    except DomainError as error:
        raise _refused(error, {verdict.number: verdict for verdict in rows}) from error
    _measure(resource.actor, rows)
    stated = _stated(rows)
    if not stated:
        return
    try:
        state_stock(
            brand=resource.brand,
            stated={spot: count for spot, (count, _verdict) in stated.items()},
            actor=resource.actor,
            idempotency_key=resource.key,
            reference=resource.reference,
        )
    except DomainError as error:
        lines = {line: verdict for line, (_count, verdict) in enumerate(stated.values(), start=1)}
        raise _refused(error, lines) from error


def _measure(actor: User, rows: Iterable[Verdict]) -> None:
    """What the rows say of their sizes; other sizes stay as they were measured."""
    told: dict[int, dict[str, dict[str, str]]] = {}
    products: dict[int, Product] = {}
    for verdict in rows:
        if "measures" in verdict.changes and verdict.product and verdict.entry:
            product = verdict.product.product
            products[product.pk] = product
            told.setdefault(product.pk, {})[verdict.entry.size.code] = verdict.row.measures or {}
    for pk in sorted(told):
        set_measures(product=products[pk], actor=actor, sizes=told[pk])


def _stated(rows: Iterable[Verdict]) -> dict[Spot, tuple[Count, Verdict]]:
    """What the rows say lies where, and what the book said when they were read."""
    found: dict[Spot, tuple[Count, Verdict]] = {}
    for verdict in rows:
        row = verdict.row
        variant = verdict.entry.variant if verdict.entry else None
        if "stock" in row.given and row.stock != row.seen and variant and row.stock is not None:
            found[variant.pk, row.location.pk] = Count(counted=row.stock, seen=row.seen), verdict
    return found


def _refused(error: DomainError, lines: dict[int, Verdict]) -> RowsRefused:
    """The rows that the problems are about; all of them where a problem names none."""
    errors: dict[int, list[dict[str, Any]]] = {}
    for problem in error.problems or [Problem(error.code, str(error.message))]:
        those = [lines[problem.line]] if problem.line in lines else list(lines.values())
        for verdict in those:
            field = "stock" if problem.field == "quantity" else problem.field
            told = {"field": field, "code": problem.code, "params": {"message": str(problem.message)}}
            errors.setdefault(verdict.number, []).append(told)
    return RowsRefused(errors)
