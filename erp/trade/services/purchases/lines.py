"""The lines of a purchase order as they are entered, with everything that can be wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from catalog.models import Brand, Product, Variant
from erp.core.errors import DomainError, Problem
from erp.inventory.services.lines import MAX_COST, is_id, quantity_message

MOST_LINES = 2_000
COST_DECIMALS = 4


@dataclass(frozen=True, slots=True)
class PurchaseEntry:
    """So many pieces of a variant at `unit_cost` a piece, in the order's currency; None: the cost is not known yet.

    Refusals name an entry by its place from 1.
    """

    variant_id: int
    quantity: int
    unit_cost: Decimal | None = None


def check_entries(brand: Brand, entries: Sequence[PurchaseEntry]) -> None:
    """Raises DomainError that names every line to mend."""
    problems = list(_problems(brand, entries))
    if problems:
        codes = {problem.code for problem in problems}
        code = codes.pop() if len(codes) == 1 else "lines_refused"
        raise DomainError(code, _("Nothing was saved. Mend the lines named below and send it again."), problems)


def _problems(brand: Brand, entries: Sequence[PurchaseEntry]) -> Iterator[Problem]:
    if not entries:
        message = _("There is nothing on this order. Enter at least one piece.")
        yield Problem("no_lines", message, "lines")
    if len(entries) > MOST_LINES:
        yield too_many()
        return
    wanted = {entry.variant_id for entry in entries if is_id(entry.variant_id)}
    rows = Variant.objects.of(brand).filter(pk__in=wanted)
    statuses = dict(rows.values_list("pk", "product__status"))
    seen: set[int] = set()
    for number, entry in enumerate(entries, start=1):
        yield from _variant_problems(number, entry, statuses, seen)
        if message := quantity_message(entry.quantity):
            yield Problem("invalid_quantity", message, "quantity", number)
        if entry.unit_cost is not None:
            yield from cost_problems(entry.unit_cost, number)


def too_many() -> Problem:
    message = _("At most %(most)s lines on one paper. Make several of it.") % {"most": f"{MOST_LINES:,}"}
    return Problem("too_many_lines", message, "lines")


def _variant_problems(number: int, entry: PurchaseEntry, statuses: dict[int, str], seen: set[int]) -> Iterator[Problem]:
    if not is_id(entry.variant_id) or entry.variant_id not in statuses:
        message = _("There is no such variant. Check the SKU or scan the barcode again.")
        yield Problem("unknown_variant", message, "variant", number)
    elif statuses[entry.variant_id] == Product.Status.DRAFT:
        message = _("This belongs to a draft, which holds no stock yet. Finish its listing first.")
        yield Problem("draft_product", message, "variant", number)
    elif entry.variant_id in seen:
        yield Problem("twice", _("This variant is on the order twice. Give it one line."), "variant", number)
    else:
        seen.add(entry.variant_id)


def cost_problems(cost: Decimal, number: int | None = None) -> Iterator[Problem]:
    if not cost.is_finite() or not 0 <= cost <= MAX_COST:
        message = _("A cost is 0 or more, and at most %(most)s a piece.") % {"most": f"{MAX_COST:,}"}
        yield Problem("invalid_cost", message, "unit_cost", number)
    elif cost != round(cost, COST_DECIMALS):
        message = _("A cost has at most %(most)s decimals.") % {"most": COST_DECIMALS}
        yield Problem("decimals", message, "unit_cost", number)
