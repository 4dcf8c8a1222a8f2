"""The lines of an order as they are entered, exploded into variants, with everything that can be wrong with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from catalog.models import Brand, Product, Variant
from erp.core.errors import DomainError, Problem
from erp.inventory.services.lines import is_id, quantity_message, too_many_lines
from erp.trade.models import OrderLine, Pack
from erp.trade.services.amounts import money_problems

MOST_ENTRIES = 2_000


@dataclass(frozen=True, slots=True)
class Entry:
    """So many pieces of a variant, or so many packs. `unit_price` is of one piece; None takes the product's price.

    Refusals name an entry by its place from 1.
    """

    quantity: int
    variant_id: int | None = None
    pack_id: int | None = None
    unit_price: Decimal | None = None


class Goods:
    """The packs and variants of a brand that some entries name."""

    def __init__(self, brand: Brand, entries: Iterable[Entry]) -> None:
        named = list(entries)
        packs = Pack.objects.of(brand).filter(pk__in=_ids(entry.pack_id for entry in named))
        self.packs = packs.prefetch_related("lines").select_related("product").in_bulk()
        wanted = {line.variant_id for pack in self.packs.values() for line in pack.lines.all()}
        wanted |= _ids(entry.variant_id for entry in named)
        self.variants = Variant.objects.of(brand).filter(pk__in=wanted).select_related("product").in_bulk()


class Explosion:
    """From entries to the lines of an order of `brand`; those that are on it already (`standing`) count up."""

    def __init__(
        self,
        brand: Brand,
        entries: Sequence[Entry],
        standing: Iterable[OrderLine] = (),
        *,
        goods: Goods | None = None,
    ) -> None:
        self.brand = brand
        self.problems: list[Problem] = []
        if len(entries) > MOST_ENTRIES:
            self._refuse([too_many_lines()])
        goods = goods or Goods(brand, entries)
        self.packs, self.variants = goods.packs, goods.variants
        self.lines: dict[tuple[int | None, int], OrderLine] = {
            (line.pack_id, line.variant_id): line for line in standing
        }
        for number, entry in enumerate(entries, start=1):
            self._read(number, entry)
        if not entries:
            message = _("There is nothing on this order. Enter at least one piece.")
            self.problems.append(Problem("no_lines", message, "lines"))
        self._refuse(self.problems)

    def _refuse(self, problems: list[Problem]) -> None:
        if problems:
            codes = {problem.code for problem in problems}
            code = codes.pop() if len(codes) == 1 else "lines_refused"
            raise DomainError(code, _("Nothing was saved. Mend the lines named below and send it again."), problems)

    def _read(self, number: int, entry: Entry) -> None:
        wrong = list(self._wrong(number, entry))
        self.problems += wrong
        if wrong:
            return
        pack = self.packs.get(entry.pack_id or 0)
        if pack is None:
            self._add(number, self.variants[entry.variant_id or 0], entry.quantity, entry.unit_price, None)
            return
        price = entry.unit_price if entry.unit_price is not None else piece_price(pack)
        for part in pack.lines.all():
            self._add(number, self.variants[part.variant_id], part.quantity * entry.quantity, price, pack)

    def _wrong(self, number: int, entry: Entry) -> Iterator[Problem]:
        if (entry.pack_id is None) == (entry.variant_id is None):
            yield Problem("name_one", _("Name either a variant or a pack."), "variant", number)
        elif entry.pack_id is not None and entry.pack_id not in self.packs:
            yield Problem("unknown_pack", _("There is no such pack. Choose one of the list."), "pack", number)
        elif entry.variant_id is not None and entry.variant_id not in self.variants:
            message = _("There is no such variant. Check the SKU or scan the barcode again.")
            yield Problem("unknown_variant", message, "variant", number)
        if message := quantity_message(entry.quantity):
            yield Problem("invalid_quantity", message, "quantity", number)
        if entry.unit_price is not None:
            yield from price_problems(entry.unit_price, self.brand.currency, number)

    def _add(self, number: int, variant: Variant, quantity: int, price: Decimal | None, pack: Pack | None) -> None:
        if variant.product.status == Product.Status.DRAFT:
            message = _("This belongs to a draft, which cannot be sold yet. Finish its listing first.")
            self.problems.append(Problem("draft_product", message, "variant", number))
            return
        key = (pack.pk if pack else None, variant.pk)
        if price is None:
            on_it = self.lines.get(key)
            price = on_it.unit_price if on_it else list_price(variant.product, self.brand.currency)
        if price is None:
            message = _("“%(name)s” has no price yet. Type what one piece costs.") % {"name": variant.product.name}
            self.problems.append(Problem("price_missing", message, "unit_price", number))
            return
        line = self.lines.setdefault(key, OrderLine(variant=variant, pack=pack, quantity=0, unit_price=price))
        line.quantity += quantity
        if line.unit_price != price:
            message = _("This is on the order twice, at two prices. Give both the same.")
            self.problems.append(Problem("two_prices", message, "unit_price", number))
        if message := quantity_message(line.quantity):
            self.problems.append(Problem("invalid_quantity", message, "quantity", number))


def price_problems(price: Decimal, currency: str, number: int | None = None) -> Iterator[Problem]:
    yield from money_problems(price, currency, "unit_price", number)
    if price.is_finite() and price < 0:
        yield Problem("negative", _("A price is 0 or more."), "unit_price", number)


def list_price(product: Product, currency: str) -> Decimal | None:
    """The product's own price, where it is in this currency."""
    return product.price if product.currency == currency else None


def piece_price(pack: Pack) -> Decimal | None:
    """What one piece of a pack costs; None: what its product costs. Whole packs divide into pieces exactly."""
    return pack.price / sum(line.quantity for line in pack.lines.all()) if pack.price is not None else None


def _ids(values: Iterable[int | None]) -> set[int]:
    return {value for value in values if is_id(value)}
