"""The order as it is typed or scanned: whom for, what at which price, and what happens with it at once."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from catalog.forms import PriceField
from erp.core.errors import DomainError
from erp.core.models import User
from erp.core.money import decimals_of
from erp.inventory.forms.entry import EntryForm, choice
from erp.inventory.forms.quantities import read_quantity
from erp.inventory.forms.sheet import numbers
from erp.inventory.models import Location
from erp.trade.models import AccountEntry, Channel, DeliverTo, Order, Pack, Partner
from erp.trade.selectors.orders import packs_of, usual_prices
from erp.trade.services import orders
from erp.trade.services.orders import Entry, Shortage
from erp.trade.services.orders.write import SELLABLE

PRICE = "price-"
PACK = "p-"
STEPS = ("draft", "place", "sell")
_PRICE = PriceField(max_digits=14, decimal_places=2, min_value=0, required=False)


@dataclass(slots=True)
class Price:
    """What one piece of a product costs on this order, as typed."""

    name: str
    text: str
    amount: Decimal | None = None
    error: str = ""


@dataclass(slots=True)
class PackCell:
    """How many of a pack."""

    pack: Pack
    text: str = ""
    quantity: int | None = None
    error: str = ""

    @property
    def name(self) -> str:
        return f"{PACK}{self.pack.pk}"

    @property
    def pieces(self) -> int:
        return sum(line.quantity for line in self.pack.lines.all())

    def count_up(self) -> None:
        if not self.error:
            self.quantity = (self.quantity or 0) + 1
            self.text = str(self.quantity)


class OrderForm(EntryForm):
    """An order of `buyer`, or without one a sale to a customer in the shop. `order` is the draft that is edited,
    `adds_to` the placed order that gets more goods."""

    promises = True

    deliver_to = forms.ModelChoiceField(DeliverTo.objects.none(), label=_("Deliver to"), required=False)
    customer_name = forms.CharField(label=_("Customer"), max_length=120, required=False)
    shortage = forms.ChoiceField(
        label=_("When pieces are missing"),
        choices=[("", _("Stop and show me")), *Shortage.choices],
        required=False,
    )
    paid = PriceField(label=_("Paid now"), max_digits=14, decimal_places=2, min_value=0, required=False)
    method = forms.ChoiceField(label=_("Paid by"), choices=AccountEntry.Method, required=False)

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        buyer: Partner | None = None,
        order: Order | None = None,
        adds_to: Order | None = None,
        draft: QueryDict | None = None,
        **kwargs: Any,
    ) -> None:
        self.adds_to = adds_to
        if order is not None and data is None and draft is None:
            draft = _typed(order)
        super().__init__(data, draft=draft, **kwargs)
        self.buyer, self.order = buyer, order
        self.saved: Order | None = None
        source = data if data is not None else draft
        del self.fields["reference"]
        self.fields["location"].label = _("Ship from")
        if adds_to is not None:
            for name in ("deliver_to", "customer_name", "shortage", "paid", "method", "note"):
                del self.fields[name]
        elif buyer is None:
            for name in ("deliver_to", "shortage", "paid", "method"):
                del self.fields[name]
        else:
            del self.fields["customer_name"]
            shops = buyer.shops.filter(is_active=True)
            choice(self, "deliver_to").queryset = shops
            choice(self, "deliver_to").empty_label = buyer.name
            if not shops:
                del self.fields["deliver_to"]
        self._read_prices(source)
        self._read_packs(source)

    def fill_locations(self, locations: QuerySet[Location]) -> None:
        places = locations.filter(kind__in=SELLABLE)
        choice(self, "location").queryset = places.filter(pk=self.adds_to.location_id) if self.adds_to else places

    def _read_prices(self, source: QueryDict | None) -> None:
        products = [grid.product.pk for grid in self.sheet.grids]
        usual = usual_prices(self.brand, self.buyer, products)
        if self.adds_to is not None:
            on_it = self.adds_to.lines.filter(pack=None, variant__product__in=products)
            usual |= dict(on_it.values_list("variant__product", "unit_price"))
        self.prices: dict[int, Price] = {}
        for pk in products:
            name = f"{PRICE}{pk}"
            text = source.get(name) if source is not None else None
            self.prices[pk] = price = Price(name, plain(usual.get(pk), self.brand.currency) if text is None else text)
            try:
                price.amount = _PRICE.clean(price.text)
            except ValidationError as error:
                price.error = error.messages[0]

    def _read_packs(self, source: QueryDict | None) -> None:
        typed = {n.removeprefix(PACK): source.get(n, "") for n in source if n.startswith(PACK)} if source else {}
        named = numbers(pk for pk, text in typed.items() if (text or "").strip())
        found = packs_of(self.brand, list(self.prices), named)
        self.packs = {
            pk: [_pack_cell(pack, typed.get(str(pack.pk)) or "") for pack in packs] for pk, packs in found.items()
        }

    @property
    def pack_cells(self) -> dict[int, PackCell]:
        return {cell.pack.pk: cell for cells in self.packs.values() for cell in cells}

    @property
    def pieces(self) -> int:
        packed = sum((cell.quantity or 0) * cell.pieces for cell in self.pack_cells.values())
        return self.sheet.total + packed

    def is_enough(self) -> bool:
        return self.pieces > 0

    def count_wrong_cells(self) -> None:
        super().count_wrong_cells()
        if any(p.error for p in self.prices.values()) or any(cell.error for cell in self.pack_cells.values()):
            self.add_error(None, _("Mend the marked prices and packs. Nothing was saved yet."))

    def entries(self) -> list[Entry]:
        """What goes to the service; the places of cells and packs in it are those that refusals name."""
        cells = self.sheet.cells
        singles = [
            Entry(n, variant_id=pk, unit_price=self.prices[cells[pk].variant.product_id].amount)
            for pk, n in self.quantities().items()
        ]
        return singles + [Entry(cell.quantity, pack_id=pk) for pk, cell in self.pack_cells.items() if cell.quantity]

    @property
    def step(self) -> str:
        step = cast(QueryDict, self.data).get("step", "")
        return step if step in STEPS else "draft"

    def post(self, *, actor: User, idempotency_key: str) -> None:
        if self.adds_to is not None:
            asked: dict[str, Any] = {"entries": self.entries(), "actor": actor, "idempotency_key": idempotency_key}
            orders.add_to_order(order=self.adds_to, **asked)
            self.saved = self.adds_to
            return
        common: dict[str, Any] = {"actor": actor, "entries": self.entries()} | self.common()
        if self.order is not None:
            self.saved = self._save_draft(common, actor)
            return
        common |= {"brand": self.brand, "idempotency_key": idempotency_key}
        if self.step == "sell":
            self.saved = orders.sell_now(**common, **self._money())
        elif self.step == "place":
            self.saved = orders.take_order(partial=True, **common)
        else:
            self.saved = orders.create_order(**common)

    def _save_draft(self, common: dict[str, Any], actor: User) -> Order:
        assert self.order is not None
        del common["actor"]
        saved = orders.update_order(order=self.order, **common)
        return orders.place_order(order=saved, actor=actor) if self.step == "place" else saved

    def common(self) -> dict[str, Any]:
        chosen = self.cleaned_data
        heading: dict[str, Any] = {"location": chosen["location"], "note": chosen["note"], "buyer": self.buyer}
        if self.buyer is None:
            return heading | {"channel": Channel.RETAIL, "customer_name": chosen["customer_name"]}
        return heading | {"channel": Channel.WHOLESALE, "deliver_to": chosen.get("deliver_to")}

    def _money(self) -> dict[str, Any]:
        if self.buyer is None:
            return {}
        chosen = self.cleaned_data
        method = chosen["method"] or AccountEntry.Method.CASH
        return {"paid": chosen["paid"] or Decimal(0), "method": method, "shortage": chosen["shortage"]}

    def take(self, error: DomainError) -> None:
        """A refusal goes to the price, the pack or the cell it is about."""
        by_field = {"paid": "paid", "deliver_to": "deliver_to", "location": "location"}
        for problem in error.problems:
            if problem.field in by_field and by_field[problem.field] in self.fields:
                self.add_error(by_field[problem.field], str(problem.message))
        if error.code == "insufficient_stock" and "shortage" in self.fields:
            self.add_error("shortage", _("Not all of it is there. Choose what becomes of the rest, or sell fewer."))
        own = [p for p in error.problems if p.field not in by_field]
        if own or not error.problems:
            super().take(DomainError(error.code, error.message, [p for p in own if not self._marked(p, error)]))

    def _marked(self, problem: Any, error: DomainError) -> bool:
        """Marks a price or a pack that a problem is about; the rest is for the cells."""
        places: list[Any] = [self.sheet.cells[pk] for pk in self.quantities()]
        stocked = error.code == "insufficient_stock"  # then lines are those of the order, packs exploded
        for cell in self.pack_cells.values():
            if cell.quantity:
                places += [cell] * (len(cell.pack.lines.all()) if stocked else 1)
        if not problem.line or problem.line > len(places):
            return False
        target = places[problem.line - 1]
        if isinstance(target, PackCell):
            target.error = str(problem.message)
        elif problem.field == "unit_price":
            self.prices[target.variant.product_id].error = str(problem.message)
        else:
            return False
        return True

    def button(self, n: int) -> str:
        if self.order is not None:
            return gettext("Save the order")
        if self.adds_to is not None:
            return ngettext("Add %(n)s piece", "Add %(n)s pieces", n) if n else gettext("Add")
        if self.buyer is None:
            return ngettext("Sell %(n)s piece", "Sell %(n)s pieces", n) if n else gettext("Sell")
        return ngettext("Order %(n)s piece", "Order %(n)s pieces", n) if n else gettext("Order")

    @property
    def label(self) -> str:
        return self.button(self.pieces) % {"n": number_format(self.pieces, force_grouping=True)}


def plain(amount: Decimal | None, currency: str) -> str:
    """An amount as it stands in an input."""
    if amount is None:
        return ""
    return number_format(amount, decimal_pos=decimals_of(currency), use_l10n=True, force_grouping=True)


def _pack_cell(pack: Pack, text: str) -> PackCell:
    cell = PackCell(pack, text.strip()[:20])
    try:
        cell.quantity = read_quantity(text)
    except ValidationError as error:
        cell.error = error.messages[0]
    return cell


def _typed(order: Order) -> QueryDict:
    """What a draft says, as if it had just been typed."""
    data = QueryDict(mutable=True)
    packs: dict[int, tuple[Pack, int, int]] = {}
    lines = order.lines.select_related("variant", "pack").prefetch_related("pack__lines")
    for line in lines:
        if line.pack is None:
            data[f"q-{line.variant_id}"] = str(line.quantity)
            data[f"{PRICE}{line.variant.product_id}"] = plain(line.unit_price, order.currency)
        else:
            packs.setdefault(line.pack_id or 0, (line.pack, line.quantity, line.variant_id))
    for pk, (pack, quantity, variant) in packs.items():
        each = next((part.quantity for part in pack.lines.all() if part.variant_id == variant), 1)
        data[f"{PACK}{pk}"] = str(quantity // each)
    data["location"], data["note"] = str(order.location_id), order.note
    data["customer_name"] = order.customer_name
    if order.deliver_to_id:
        data["deliver_to"] = str(order.deliver_to_id)
    for product in {line.variant.product_id for line in lines} | {pack.product_id for pack, *_rest in packs.values()}:
        data.appendlist("product", str(product))
    return data
