"""What a count found: each line against the book, what the differences are worth, and what must be decided first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from catalog.models import Variant
from erp.core.errors import Problem
from erp.core.money import decimals_of
from erp.counting.models import CountLine, StockCount
from erp.inventory.costs import average_costs
from erp.inventory.models import Balance
from erp.inventory.sql.locks import create_balances


@dataclass(frozen=True, slots=True)
class Figure:
    """A line of a count beside the book: `seen` when it was counted, `now` and `reserved` at this moment.

    `cost` is what one piece cost on average; None where it is not known.
    """

    pk: int
    variant_id: int
    counted: int | None
    seen: int | None
    carry: bool
    now: int
    reserved: int
    cost: Decimal | None = None

    @property
    def difference(self) -> int:
        return 0 if self.counted is None or self.seen is None else self.counted - self.seen

    @property
    def is_counted(self) -> bool:
        return self.counted is not None

    @property
    def moved(self) -> bool:
        """Whether stock moved since it was counted. Where the count agreed with the book, that changes nothing."""
        return self.difference != 0 and self.now != self.seen

    @property
    def after(self) -> int:
        """What the book will say: the difference on top of what is there now."""
        return self.now + self.difference

    @property
    def value(self) -> Decimal | None:
        return None if self.cost is None else self.difference * self.cost

    @property
    def trouble(self) -> str:
        """The code of what keeps it from being posted, or nothing."""
        if not self.difference:
            return ""
        if self.after < 0:
            return "below_zero"
        if self.difference < 0 and self.after < self.reserved:
            return "below_reserved"
        return "moved" if self.moved and not self.carry else ""


@dataclass(slots=True)
class Totals:
    """Pieces and value of what was found too much and too little; `unvalued` differences have no known cost."""

    lines: int = 0
    counted: int = 0
    differing: int = 0
    plus: int = 0
    minus: int = 0
    plus_value: Decimal = Decimal(0)
    minus_value: Decimal = Decimal(0)
    unvalued: int = 0

    @property
    def uncounted(self) -> int:
        return self.lines - self.counted

    @property
    def value(self) -> Decimal:
        return self.plus_value - self.minus_value

    def add(self, figure: Figure) -> None:
        self.lines += 1
        self.counted += figure.is_counted
        if not figure.difference:
            return
        self.differing += 1
        worth = figure.value
        self.unvalued += worth is None
        if figure.difference > 0:
            self.plus += figure.difference
            self.plus_value += worth or 0
        else:
            self.minus -= figure.difference
            self.minus_value -= worth or 0

    def stored(self, currency: str) -> dict[str, Any]:
        """As a posted count keeps them; amounts are rounded to the currency and written as text."""
        digits = decimals_of(currency)
        return {name: str(round(v, digits)) if isinstance(v, Decimal) else v for name, v in asdict(self).items()}


def totals_of(count: StockCount) -> Totals | None:
    """What a posted count found, as it stood then; None before."""
    if not count.totals:
        return None
    found = Totals()
    for name, value in count.totals.items():
        if hasattr(found, name):
            setattr(found, name, type(getattr(found, name))(value))
    return found


@dataclass(slots=True)
class Review:
    figures: list[Figure]
    totals: Totals

    def troubled(self) -> list[Figure]:
        return [figure for figure in self.figures if figure.trouble]

    def differing(self) -> list[Figure]:
        """Those that differ, what is worth most first, then what are most pieces."""
        found = [figure for figure in self.figures if figure.difference]
        return sorted(found, key=lambda f: (-abs(f.value or Decimal(0)), -abs(f.difference), f.pk))

    def moved(self) -> list[Figure]:
        return [figure for figure in self.figures if figure.moved]

    def uncounted(self) -> list[Figure]:
        return [figure for figure in self.figures if not figure.is_counted]


def review_of(count: StockCount, *, lock: bool = False) -> Review:
    """Every line of a count against the book, in as many queries for one line as for thousands.

    With `lock` the balances stay as they are read until the transaction ends.
    """
    names = ("pk", "variant_id", "counted", "seen", "carry")
    lines = list(CountLine.objects.filter(count=count).order_by("pk").values_list(*names))
    differing = [variant for _pk, variant, counted, seen, _carry in lines if counted is not None and counted != seen]
    balances = _balances(count, differing, lock=lock)
    costs = average_costs(count.brand, differing)
    figures = [
        Figure(pk, variant, counted, seen, carry, *balances.get(variant, (0, 0)), costs.get(variant))
        for pk, variant, counted, seen, carry in lines
    ]
    totals = Totals()
    for figure in figures:
        totals.add(figure)
    return Review(figures, totals)


def _balances(count: StockCount, differing: Iterable[int], *, lock: bool) -> dict[int, tuple[int, int]]:
    """On hand and reserved by variant."""
    rows = Balance.objects.filter(location=count.location_id, variant__in=count.lines.values("variant"))
    if lock:
        known = set(rows.values_list("variant_id", flat=True))
        create_balances(sorted((pk, count.location_id) for pk in differing if pk not in known))
        rows = rows.order_by("pk").select_for_update(no_key=True)
    return {pk: (on_hand, reserved) for pk, on_hand, reserved in rows.values_list("variant_id", "on_hand", "reserved")}


def problems_of(review: Review) -> Iterator[Problem]:
    """One for each line that cannot be posted as it is. `line` is its place in the count, from 1."""
    troubled = {number: f for number, f in enumerate(review.figures, start=1) if f.trouble}
    skus = skus_of(figure.variant_id for figure in troubled.values())
    for number, figure in troubled.items():
        message = _words(figure.trouble) % _parts(figure, skus)
        yield Problem(figure.trouble, message, "counted", number)


def skus_of(variants: Iterable[int]) -> dict[int, str]:
    return dict(Variant.objects.filter(pk__in=list(variants)).values_list("pk", "sku"))


def _parts(figure: Figure, skus: Mapping[int, str]) -> dict[str, Any]:
    return {
        "sku": skus[figure.variant_id],
        "counted": figure.counted,
        "seen": figure.seen,
        "now": figure.now,
        "after": figure.after,
        "reserved": figure.reserved,
        "release": figure.reserved - figure.after,
    }


def _words(code: str) -> str:
    return {
        "below_zero": _(
            "%(sku)s: %(seen)s in the book when counted, %(now)s now. Less would be left than nothing. Count it again."
        ),
        "below_reserved": _(
            "%(sku)s: %(after)s would be left, but %(reserved)s are reserved for orders. Release %(release)s first."
        ),
        "moved": _(
            "%(sku)s moved while counting: %(seen)s then, %(now)s now. Let the difference stand, or count it again."
        ),
    }[code]
