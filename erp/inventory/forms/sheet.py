"""The cells of one entry: a colour x size grid for each product, what was typed, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db.models import Prefetch, Q
from django.utils.translation import gettext_lazy as _

from catalog.models import Brand, Product, ProductColour, Size, Variant
from erp.inventory.forms.quantities import read_quantity
from erp.inventory.models import Balance, Location
from erp.inventory.services import MAX_QUANTITY

PREFIX = "q-"
SEEN = "seen-"
SEEN_AT = "seen-at"  # the location whose balances were seen
MOST_PRODUCTS = 60
UNKNOWN = _("“%(key)s” is no variant of this brand. Scan its code or look it up by name, then type %(text)s there.")


@dataclass(slots=True)
class Cell:
    """One variant. `seen` is the balance that the person saw when they typed; `note` is shown in its place. A page with
    several sheets tells their inputs apart by `prefix`."""

    variant: Variant
    on_hand: int = 0
    available: int = 0
    text: str = ""
    quantity: int | None = None
    seen: int | None = None
    error: str = ""
    done: str = ""
    note: str = ""
    prefix: str = PREFIX

    @property
    def name(self) -> str:
        return f"{self.prefix}{self.variant.pk}"

    @property
    def seen_name(self) -> str:
        return f"{SEEN}{self.variant.pk}"

    @property
    def shown(self) -> int:
        """The balance the page shows: what the person saw when they typed, else what is there."""
        return self.on_hand if self.seen is None else self.seen


@dataclass(slots=True)
class Row:
    """A colour of a product; a cell is None where the product has no such variant."""

    name: str
    swatch: str
    cells: list[Cell | None]

    @property
    def total(self) -> int:
        return sum(cell.quantity or 0 for cell in self.cells if cell)


@dataclass(slots=True)
class Grid:
    product: Product
    sizes: list[Size]
    rows: list[Row]

    @property
    def totals(self) -> list[int]:
        """The sum of each size's column."""
        columns = zip(*(row.cells for row in self.rows), strict=True)
        return [sum(cell.quantity or 0 for cell in column if cell) for column in columns]

    @property
    def total(self) -> int:
        return sum(row.total for row in self.rows)


@dataclass(slots=True)
class Sheet:
    """All grids of an entry. `unknown` are inputs whose variant is not of this brand, with what was typed there."""

    grids: list[Grid] = field(default_factory=list)
    cells: dict[int, Cell] = field(default_factory=dict)
    unknown: list[tuple[str, str]] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(cell.quantity or 0 for cell in self.cells.values())

    @property
    def errors(self) -> int:
        return sum(1 for cell in self.cells.values() if cell.error) + len(self.unknown)

    def entered(self) -> dict[int, int]:
        """The quantity of each variant that has one, a typed 0 too, in the order of the page."""
        return {pk: cell.quantity for pk, cell in self.cells.items() if cell.quantity is not None}

    def count_up(self, variant_id: int) -> None:
        """A scan: one more in the cell; text that is no number is left for the person to mend."""
        cell = self.cells.get(variant_id)
        if cell is None or cell.error or cell.done or (cell.quantity or 0) >= MAX_QUANTITY:
            return
        cell.quantity = (cell.quantity or 0) + 1
        cell.text = str(cell.quantity)


def numbers(texts: Iterable[str]) -> list[int]:
    """Those of the texts that can be a primary key, once each, in their order."""
    fine = (text for text in texts if text.isascii() and text.isdecimal() and len(text) < 19)
    return list(dict.fromkeys(int(text) for text in fine))


def build_sheet(
    brand: Brand,
    *,
    products: Iterable[int],
    location: Location | None,
    data: Mapping[str, str] | None = None,
    prefix: str = PREFIX,
) -> Sheet:
    """The grids of `products` and of every variant named in `data`, with what is at `location` now.

    `data` maps input names (`q-<variant id>`, or with another `prefix`) to the typed text. Nothing is raised: what is
    wrong lies in the cells.
    """
    typed = {name.removeprefix(prefix): text for name, text in (data or {}).items() if name.startswith(prefix)}
    owners = Variant.objects.of(brand).filter(pk__in=numbers(typed)).values_list("product_id", flat=True)
    wanted = list(dict.fromkeys([*products, *owners]))[:MOST_PRODUCTS]
    sheet = Sheet()
    variants = _variants(brand, wanted, numbers(text for text in typed if typed[text].strip()))
    sheet.cells = {variant.pk: Cell(variant, prefix=prefix) for variant in variants}
    fill_balances(sheet, location)
    sheet.grids = _grids(brand, wanted, sheet.cells)
    _read(sheet, typed)
    if location and data and data.get(SEEN_AT) == str(location.pk):
        _read_seen(sheet, data)
    return sheet


def _variants(brand: Brand, products: list[int], typed: list[int]) -> list[Variant]:
    """Variants for sale, and retired ones where some are left or something was typed."""
    held = Balance.objects.of(brand).filter(variant__product__in=products, on_hand__gt=0).values("variant")
    wanted = Q(is_active=True) | Q(pk__in=typed) | Q(pk__in=held)
    found = Variant.objects.of(brand).filter(wanted, product__in=products).select_related("colour", "size")
    return sorted(found, key=lambda v: (products.index(v.product_id), v.colour.position, v.size.position, v.pk))


def fill_balances(sheet: Sheet, location: Location | None) -> None:
    """What is at `location` at this moment, in every cell."""
    rows = Balance.objects.filter(location=location, variant__in=list(sheet.cells)) if location else ()
    balances = {balance.variant_id: balance for balance in rows}
    for pk, cell in sheet.cells.items():
        balance = balances.get(pk)
        cell.on_hand, cell.available = (balance.on_hand, balance.available) if balance else (0, 0)


def _grids(brand: Brand, wanted: list[int], cells: Mapping[int, Cell]) -> list[Grid]:
    colours = Prefetch("product_colours", ProductColour.objects.select_related("colour"))
    found = Product.objects.of(brand).filter(pk__in=wanted).prefetch_related(colours, "images").in_bulk()
    return [_grid(found[pk], [c for c in cells.values() if c.variant.product_id == pk]) for pk in wanted if pk in found]


def _grid(product: Product, cells: list[Cell]) -> Grid:
    """Rows in the product's own order of colours, columns in the order of its sizes."""
    sizes = sorted({c.variant.size for c in cells}, key=lambda size: (size.run_id, size.position, size.pk))
    chosen = {pc.colour_id: pc for pc in product.product_colours.all()}
    order = {pk: n for n, pk in enumerate(chosen)}
    colours = {c.variant.colour_id: c.variant.colour for c in cells}
    place = {(c.variant.colour_id, c.variant.size_id): c for c in cells}
    rows = [
        Row(
            name=colour.name,
            swatch=chosen[pk].swatch if pk in chosen else colour.hex,
            cells=[place.get((pk, size.pk)) for size in sizes],
        )
        for pk, colour in sorted(colours.items(), key=lambda item: order.get(item[0], len(order)))
    ]
    return Grid(product, sizes, rows)


def _read(sheet: Sheet, typed: Mapping[str, str]) -> None:
    for key, text in typed.items():
        cell = sheet.cells.get(int(key)) if key.isascii() and key.isdecimal() else None
        if cell is None:
            if text.strip():
                sheet.unknown.append((key[:20], text[:20]))
            continue
        cell.text = text.strip()[:20]
        try:
            cell.quantity = read_quantity(text)
        except ValidationError as error:
            cell.error = error.messages[0]


def _read_seen(sheet: Sheet, data: Mapping[str, str]) -> None:
    for cell in sheet.cells.values():
        seen = data.get(cell.seen_name, "")
        cell.seen = int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 11 else None
