"""What a slip shows, on a page and on paper."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from reportlab.graphics.barcode.code128 import Code128

from erp.trade.models import Slip, SlipLine

QUIET = 10  # modules on either side


@dataclass(slots=True)
class SlipRow:
    """One colour of a product at one price: its sizes side by side, as a stall writes them."""

    colour: str
    kind: str
    pack: str
    unit_price: Decimal
    sizes: list[tuple[str, int]] = field(default_factory=list)
    amount: Decimal = Decimal(0)

    @property
    def quantity(self) -> int:
        return sum(quantity for _size, quantity in self.sizes)

    @property
    def words(self) -> str:
        """네이비 / S, or with several sizes how many of each: 네이비 / S 2, M 3."""
        if len(self.sizes) == 1:
            return f"{self.colour} / {self.sizes[0][0]}"
        return f"{self.colour} / " + ", ".join(f"{size} {quantity}" for size, quantity in self.sizes)

    @property
    def mark(self) -> str:
        return mark_of(self.kind)


@dataclass(slots=True)
class SlipGroup:
    """A product on a slip."""

    name: str
    product_id: int
    rows: list[SlipRow] = field(default_factory=list)

    @property
    def quantity(self) -> int:
        return sum(row.quantity for row in self.rows)

    @property
    def amount(self) -> Decimal:
        return sum((row.amount for row in self.rows), Decimal(0))


def mark_of(kind: str) -> str:
    """The word beside a line that is no plain sale."""
    return {
        SlipLine.Kind.OWED.value: pgettext("slip", "Owed"),
        SlipLine.Kind.DELIVERED.value: pgettext("slip", "Owed before"),
        SlipLine.Kind.RETURNED.value: pgettext("slip", "Returned"),
    }.get(kind, "")


def groups_of(lines: Iterable[SlipLine]) -> list[SlipGroup]:
    """The lines by product, in the order in which they were written; `variant` should be joined."""
    groups: dict[tuple[int, str], SlipGroup] = {}
    rows: dict[tuple[Any, ...], SlipRow] = {}
    for line in lines:
        product = (line.variant.product_id, line.name)
        group = groups.setdefault(product, SlipGroup(line.name, line.variant.product_id))
        key = (*product, line.colour, line.kind, line.pack, line.unit_price)
        if key not in rows:
            rows[key] = SlipRow(line.colour, line.kind, line.pack, line.unit_price)
            group.rows.append(rows[key])
        rows[key].sizes.append((line.size, line.quantity))
        rows[key].amount += line.amount
    return list(groups.values())


@dataclass(frozen=True, slots=True)
class Bars:
    """A number as Code 128, in modules: where each bar begins and how wide it is, within `width` with quiet zones."""

    width: int
    bars: list[tuple[int, int]]


def bars_of(number: str) -> Bars:
    """For a page; on paper it is drawn by `erp.trade.pdf.flow.Barcode`."""
    code = Code128(number, barWidth=1, quiet=False)
    for step in (code.validate, code.encode, code.decompose):
        step()
    left, bars = QUIET, []
    for sign in code.decomposed:  # a bar of A to D modules, or a space of a to d
        wide = ord(sign.upper()) - ord("A") + 1
        if sign.isupper():
            bars.append((left, wide))
        left += wide
    return Bars(left + QUIET, bars)


def heading_of(slip: Slip) -> str:
    """What stands on top of it: 장끼, or what kind of slip it is."""
    if slip.reverses_id:
        return _("Slip taken back")
    return str(slip.get_kind_display())


def money_rows(slip: Slip) -> list[tuple[str, Decimal]]:
    """The figures below the lines, in the order of a hand-written slip. The last one is what counts."""
    rows = [
        (pgettext("slip", "This slip"), slip.total),
        (pgettext("slip", "Earlier balance"), slip.earlier_balance),
        (pgettext("slip", "Together"), slip.earlier_balance + slip.total),
    ]
    if slip.paid:
        word = pgettext("slip", "Paid") if slip.paid > 0 else pgettext("slip", "Paid back")
        rows.append((f"{word} ({slip.get_method_display()})", abs(slip.paid)))
    else:
        rows.append((pgettext("slip", "Paid"), Decimal(0)))
    return [*rows, (pgettext("slip", "New balance"), slip.new_balance)]
