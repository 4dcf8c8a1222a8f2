"""What comes back and what goes out for it: read against the order, priced, and all that can be wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from django.utils.translation import gettext as _

from catalog.models import Brand, Variant
from erp.core.errors import Problem
from erp.core.models import User
from erp.inventory.models import Location
from erp.inventory.services.lines import quantity_message, text_problems
from erp.trade.models import AccountEntry, Order, OrderLine, Partner, ReturnLine
from erp.trade.services.once import fingerprint_of
from erp.trade.services.orders.entries import list_price, price_problems

Kind = ReturnLine.Kind
SELLING = (Location.Kind.WAREHOUSE, Location.Kind.SHOP)
# Where goods of each kind come to, or leave from.
PLACES = {Kind.SELLABLE: SELLING, Kind.DEFECTIVE: (Location.Kind.DEFECTIVE,), Kind.SENT: SELLING}


@dataclass(frozen=True, slots=True)
class ReturnEntry:
    """So many pieces of one kind (`ReturnLine.Kind`). Without a `line` they are taken off the order's lines of the
    variant in turn; without a price they have the order's, else the product's. `number` is what refusals name."""

    variant: Variant
    kind: str
    quantity: int
    location: Location
    unit_price: Decimal | None = None
    line: OrderLine | None = None
    number: int = 0

    @property
    def comes_back(self) -> bool:
        return self.kind != Kind.SENT

    @property
    def amount(self) -> Decimal:
        price = self.unit_price or Decimal(0)
        return -price * self.quantity if self.comes_back else price * self.quantity


@dataclass(frozen=True, slots=True)
class ReturnDraft:
    """A return before it is written. The buyer of the order is its buyer."""

    brand: Brand
    entries: Sequence[ReturnEntry]
    actor: User
    key: str
    order: Order | None = None
    buyer: Partner | None = None
    paid: Decimal | None = field(default_factory=Decimal)  # None: the difference is settled on the spot
    method: str = AccountEntry.Method.CASH
    reason: str = ""
    note: str = ""

    @property
    def content(self) -> str:
        body = [
            (e.variant.pk, str(e.kind), e.quantity, e.location.pk, e.unit_price and e.unit_price.normalize(),
             e.line and e.line.pk)
            for e in self.entries
        ]  # fmt: skip
        papers = [paper and paper.pk for paper in (self.order, self.buyer)]
        paid = self.paid and self.paid.normalize()
        return fingerprint_of(papers, paid, str(self.method), self.reason, self.note, body)

    @property
    def total(self) -> Decimal:
        return sum((entry.amount for entry in self.entries), Decimal(0))

    @property
    def currency(self) -> str:
        return self.order.currency if self.order and not self.buyer else self.brand.currency


def resolved(draft: ReturnDraft, lines: Sequence[OrderLine]) -> tuple[ReturnDraft, list[Problem]]:
    """The draft with a line of the order and a price for every entry, and what is wrong with it. `lines` are the
    order's, under its lock."""
    fresh = Variant.objects.filter(pk__in={entry.variant.pk for entry in draft.entries}).select_related("product")
    variants = fresh.in_bulk()
    numbered = [
        replace(entry, number=number, variant=variants[entry.variant.pk])
        for number, entry in enumerate(draft.entries, start=1)
    ]
    problems = list(_problems(draft, numbered))
    left = {line.pk: line.shipped - line.returned for line in lines}
    found: list[ReturnEntry] = []
    for entry in numbered:
        if draft.order and entry.comes_back:
            parts, short = _against(entry, lines, left)
            problems += short
        else:
            parts = [entry]
        found += [_priced(part, lines, draft.currency) for part in parts]
    problems += [problem for entry in found for problem in _price_problems(entry, draft.currency)]
    unique = {(problem.code, problem.field, problem.line): problem for problem in problems}
    return replace(draft, entries=found), sorted(unique.values(), key=lambda problem: problem.line or 0)


def _against(
    entry: ReturnEntry, lines: Sequence[OrderLine], left: dict[int, int]
) -> tuple[list[ReturnEntry], list[Problem]]:
    """The entry in parts, each of one line of the order, never more than was shipped and has not come back."""
    mine = [line for line in lines if line.variant_id == entry.variant.pk and entry.line in (None, line)]
    most, wanted, parts = sum(left[line.pk] for line in mine), entry.quantity, []
    for line in mine:
        if taken := min(left[line.pk], max(wanted, 0)):
            parts.append(replace(entry, quantity=taken, line=line))
            left[line.pk] -= taken
            wanted -= taken
    if wanted <= 0:
        return parts, []
    message = _("%(sku)s: at most %(most)s of this order can come back.") % {"sku": entry.variant.sku, "most": most}
    return parts, [Problem("too_many_returned", message, "quantity", entry.number)]


def _priced(entry: ReturnEntry, lines: Sequence[OrderLine], currency: str) -> ReturnEntry:
    """An exchange of a size costs what the order said of that design."""
    if entry.unit_price is not None:
        return entry
    if entry.line:
        return replace(entry, unit_price=entry.line.unit_price)
    product = entry.variant.product
    ordered = [line.unit_price for line in lines if line.variant.product_id == product.pk]
    return replace(entry, unit_price=ordered[0] if ordered else list_price(product, currency))


def _problems(draft: ReturnDraft, entries: Sequence[ReturnEntry]) -> Iterator[Problem]:
    if not any(entry.comes_back for entry in entries):
        message = _("Nothing came back. Enter at least one piece; a plain sale is an order.")
        yield Problem("nothing_returned", message, "lines")
    if draft.order and draft.buyer and draft.order.buyer_id != draft.buyer.pk:
        yield Problem("other_order", _("This order belongs to another buyer."), "order")
    if draft.method not in AccountEntry.Method.values:
        yield Problem("unknown_method", _("Choose how it was paid."), "method")
    yield from text_problems("", draft.note)
    yield from text_problems("", draft.reason)
    for entry in entries:
        yield from _entry_problems(entry, draft.brand)


def _entry_problems(entry: ReturnEntry, brand: Brand) -> Iterator[Problem]:
    if entry.variant.brand_id != brand.pk:
        message = _("There is no such variant. Check the SKU or scan the barcode again.")
        yield Problem("unknown_variant", message, "variant", entry.number)
    if message := quantity_message(entry.quantity):
        yield Problem("invalid_quantity", message, "quantity", entry.number)
    if entry.kind not in Kind.values:
        yield Problem("unknown_kind", _("Choose whether it can be sold again."), "kind", entry.number)
        return
    place = entry.location
    if place.brand_id != brand.pk or place.kind not in PLACES[Kind(entry.kind)] or not place.is_active:
        message = _("What can be sold again comes to, and what is sent leaves from, a warehouse or shop of yours.")
        if entry.kind == Kind.DEFECTIVE:
            message = _("What is defective comes to a place for defective goods.")
        yield Problem("wrong_location", message, "location", entry.number)


def _price_problems(entry: ReturnEntry, currency: str) -> Iterator[Problem]:
    if entry.unit_price is None:
        message = _("%(sku)s has no price yet. Type what one piece costs.") % {"sku": entry.variant.sku}
        yield Problem("no_price", message, "unit_price", entry.number)
        return
    yield from price_problems(entry.unit_price, currency, entry.number)
