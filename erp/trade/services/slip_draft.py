"""What is to go onto a slip, and everything that can be wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _

from catalog.models import Brand, Variant
from erp.core.errors import Problem
from erp.core.models import User
from erp.core.templatetags.jangbu import money
from erp.inventory.models import Posting
from erp.inventory.services.lines import quantity_message, text_problems
from erp.trade.models import AccountEntry, DeliverTo, Order, OrderLine, Partner, Slip, SlipLine
from erp.trade.services.amounts import money_problems
from erp.trade.services.once import fingerprint_of

# How a kind of line counts: goods that were billed before and come now cost nothing any more.
SIGNS = {SlipLine.Kind.SOLD: 1, SlipLine.Kind.OWED: 1, SlipLine.Kind.DELIVERED: 0, SlipLine.Kind.RETURNED: -1}


@dataclass(frozen=True, slots=True)
class SlipEntry:
    """One line for a slip: so many pieces at so much. `kind` is one of `SlipLine.Kind`."""

    variant: Variant
    kind: str
    quantity: int
    unit_price: Decimal
    line: OrderLine | None = None
    pack: str = ""  # blank: the pack of the order's line, if any

    @property
    def amount(self) -> Decimal:
        return SIGNS[SlipLine.Kind(self.kind)] * self.quantity * self.unit_price


@dataclass(frozen=True, slots=True)
class Draft:
    """A slip before it is written."""

    brand: Brand
    buyer: Partner
    kind: str
    entries: Sequence[SlipEntry]
    actor: User
    key: str
    order: Order | None = None
    posting: Posting | None = None
    deliver_to: DeliverTo | None = None
    paid: Decimal = field(default_factory=Decimal)
    method: str = ""
    note: str = ""

    @property
    def total(self) -> Decimal:
        return sum((entry.amount for entry in self.entries), Decimal(0))

    @property
    def content(self) -> str:
        body = [(e.variant.pk, str(e.kind), e.quantity, e.unit_price.normalize(), e.pack) for e in self.entries]
        papers = [paper and paper.pk for paper in (self.order, self.posting, self.deliver_to)]
        heading = (self.buyer.pk, str(self.kind), *papers, self.paid.normalize(), str(self.method), self.note)
        return fingerprint_of(heading, body)


def slip_problems(draft: Draft) -> Iterator[Problem]:
    if not draft.entries:
        yield Problem("no_lines", _("There is nothing on this slip. Enter at least one piece."), "lines")
    for number, entry in enumerate(draft.entries, start=1):
        yield from _entry_problems(number, entry, draft.brand)
    yield from text_problems("", draft.note)
    yield from _place_problems(draft)
    yield from _paid_problems(draft)


def _paid_problems(draft: Draft) -> Iterator[Problem]:
    wrong = list(money_problems(draft.paid, draft.brand.currency, "paid"))
    yield from wrong
    if not wrong and draft.kind == Slip.Kind.SALE and draft.paid < 0:
        yield Problem("negative", _("What was paid is 0 or more."), "paid")
    if not wrong and draft.kind == Slip.Kind.CREDIT and not min(draft.total, Decimal(0)) <= draft.paid <= 0:
        message = _("No more than %(most)s can be paid back.") % {"most": money(-draft.total, draft.brand.currency)}
        yield Problem("paid_back_too_much", message, "paid")
    if draft.paid and draft.method not in AccountEntry.Method.values:
        yield Problem("unknown_method", _("Choose how it was paid."), "method")


def _entry_problems(number: int, entry: SlipEntry, brand: Brand) -> Iterator[Problem]:
    if entry.variant.brand_id != brand.pk:
        message = _("There is no such variant. Check the SKU or scan the barcode again.")
        yield Problem("unknown_variant", message, "variant", number)
    if message := quantity_message(entry.quantity):
        yield Problem("invalid_quantity", message, "quantity", number)
    wrong = list(money_problems(entry.unit_price, brand.currency, "unit_price", number))
    yield from wrong
    if not wrong and entry.unit_price < 0:
        yield Problem("negative", _("A price is 0 or more."), "unit_price", number)


def _place_problems(draft: Draft) -> Iterator[Problem]:
    """Papers of somebody else, and orders in another currency than the buyer's account is kept in."""
    if draft.deliver_to and draft.deliver_to.partner_id != draft.buyer.pk:
        yield Problem("other_shop", _("This shop belongs to another buyer. Choose one of the list."), "deliver_to")
    others = {paper.brand_id for paper in (draft.order, draft.posting) if paper} - {draft.brand.pk}
    if others or (draft.order and draft.order.buyer_id != draft.buyer.pk):
        yield Problem("other_order", _("This order belongs to another buyer."), "order")
    if draft.order and draft.order.currency != draft.brand.currency:
        message = _("Accounts are kept in %(currency)s; this order is in another currency.")
        yield Problem("other_currency", message % {"currency": draft.brand.currency}, "currency")
