"""The purchase order as it is typed, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext, npgettext, pgettext
from django.utils.translation import gettext_lazy as _

from catalog.forms import PriceField
from catalog.models.brand import Currency
from erp.core.errors import DomainError, Problem
from erp.core.models import User
from erp.inventory.forms.entry import EntryForm, choice
from erp.inventory.forms.sheet import MOST_PRODUCTS, Cell, Grid, Row
from erp.trade.models import Delivery, Partner, PurchaseLine, PurchaseOrder
from erp.trade.services import purchases
from erp.trade.services.purchases import Arrival, PurchaseEntry, PurchaseHeading
from erp.trade.services.purchases.receive import OVER

COST = "cost-"  # of a product
OWN_COST = "own-cost-"  # of one variant, where it differs
_COST = PriceField(max_digits=13, decimal_places=4, min_value=0, required=False)


@dataclass(slots=True)
class Cost:
    """What one piece costs, as typed."""

    name: str
    text: str = ""
    amount: Decimal | None = None
    error: str = ""
    label: str = ""


@dataclass(slots=True)
class Costs:
    """The cost of a product's pieces, and of the variants that differ: a row for each colour of its grid."""

    main: Cost
    rows: list[tuple[Row, list[Cost | None]]] = field(default_factory=list)

    @property
    def differ(self) -> bool:
        return any(cost and cost.text for _row, costs in self.rows for cost in costs)


class PurchaseForm(EntryForm):
    """An order to a supplier. `order` is the one that is changed."""

    title = _("New purchase order")
    lead = _("What a factory or a shop is to deliver: pieces by colour and size, and what one costs.")
    below_grid = "trade/purchase_costs.html"

    supplier = forms.ModelChoiceField(Partner.objects.none(), label=_("Supplier"))
    currency = forms.ChoiceField(label=_("Currency"), choices=Currency)
    exchange_rate = forms.DecimalField(
        label=_("Exchange rate"), max_digits=14, decimal_places=6, required=False, widget=forms.TextInput,
        help_text=_("What one unit of the currency is worth in your own. Your own currency: leave it blank."),
    )  # fmt: skip
    expected_on = forms.DateField(
        label=_("Expected on"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        order: PurchaseOrder | None = None,
        draft: QueryDict | None = None,
        **kwargs: Any,
    ) -> None:
        if order is not None and data is None and draft is None:
            draft = typed_order(order)
        super().__init__(data, draft=draft, **kwargs)
        self.order = order
        self.saved: PurchaseOrder | None = None
        del self.fields["reference"]
        self.fields["location"].label = _("Deliver to")
        self.initial.setdefault("currency", self.brand.currency)
        suppliers = Partner.objects.of(self.brand).filter(is_supplier=True, is_active=True)
        choice(self, "supplier").queryset = suppliers
        choice(self, "supplier").empty_label = gettext("Choose a supplier")
        self.costs = _read_costs(self.sheet.grids, data if data is not None else draft)

    @property
    def all_costs(self) -> Iterator[Cost]:
        for costs in self.costs.values():
            yield costs.main
            yield from (cost for _row, row in costs.rows for cost in row if cost)

    def count_wrong_cells(self) -> None:
        super().count_wrong_cells()
        if any(cost.error for cost in self.all_costs):
            self.add_error(None, _("Mend the marked costs. Nothing was saved yet."))

    def entries(self) -> list[PurchaseEntry]:
        return [PurchaseEntry(pk, quantity, self._cost(pk)) for pk, quantity in self.quantities().items()]

    def _cost(self, variant_id: int) -> Decimal | None:
        own = self._own_cost(variant_id)
        main = self.costs[self.sheet.cells[variant_id].variant.product_id].main
        return main.amount if own is None or own.amount is None else own.amount

    def _own_cost(self, variant_id: int) -> Cost | None:
        name = f"{OWN_COST}{variant_id}"
        return next((cost for cost in self.all_costs if cost.name == name), None)

    def heading(self) -> PurchaseHeading:
        chosen = self.cleaned_data
        return PurchaseHeading(
            supplier=chosen["supplier"],
            location=chosen["location"],
            currency=chosen["currency"],
            exchange_rate=chosen["exchange_rate"] or Decimal(1),
            expected_on=chosen["expected_on"],
            note=chosen["note"],
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        foreign = cleaned.get("currency") not in (None, self.brand.currency)
        if foreign and not cleaned.get("exchange_rate") and "exchange_rate" not in self.errors:
            self.add_error("exchange_rate", _("Say what one unit of this currency is worth in your own."))
        return cleaned

    def post(self, *, actor: User, idempotency_key: str) -> None:
        given: dict[str, Any] = {"heading": self.heading(), "entries": self.entries()}
        if self.order is not None:
            self.saved = purchases.update_purchase(order=self.order, **given)
        else:
            given |= {"brand": self.brand, "actor": actor, "idempotency_key": idempotency_key}
            self.saved = purchases.create_purchase(**given)
        if self.saved.state == PurchaseOrder.State.DRAFT and cast(QueryDict, self.data).get("step") == "order":
            self.saved = purchases.order_purchase(order=self.saved)

    def take(self, error: DomainError) -> None:
        """A refusal goes to the field, the cost or the cell it is about."""
        rest = []
        for problem in error.problems:
            if problem.field in self.fields and not problem.line:
                self.add_error(problem.field, str(problem.message))
            elif not self._is_of_cost(problem):
                rest.append(problem)
        if rest or not error.problems:
            super().take(DomainError(error.code, error.message, rest))
        else:
            self.count_wrong_cells()

    def _is_of_cost(self, problem: Problem) -> bool:
        """Marks the cost that a problem is about."""
        if problem.field != "unit_cost" or not problem.line:
            return False
        variant_id = list(self.quantities())[problem.line - 1]
        own = self._own_cost(variant_id)
        main = self.costs[self.sheet.cells[variant_id].variant.product_id].main
        target = own if own is not None and own.text else main
        target.error = str(problem.message)
        return True

    def button(self, n: int) -> str:
        if self.order is not None and self.order.state != PurchaseOrder.State.DRAFT:
            return pgettext("purchase order", "Save the order")
        if not n:
            return pgettext("purchase order", "Order")
        return npgettext("purchase order", "Order %(n)s piece", "Order %(n)s pieces", n)


class DeliveryForm(EntryForm):
    """What came of an order. With `counting` the cells are blank, for the scanner to count; else they hold what is
    still to come, to be taken in as a whole."""

    title = _("Receive a delivery")
    lead = _("Compare what came with what was ordered.")

    confirmed = forms.BooleanField(label=_("It is right: more came than was ordered"), required=False)

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        order: PurchaseOrder,
        counting: bool = False,
        draft: QueryDict | None = None,
        products: Any = (),
        **kwargs: Any,
    ) -> None:
        self.order = order
        self.counting = counting
        self.lines = {line.variant_id: line for line in order.lines.select_related("variant")}
        awaited = list(dict.fromkeys(line.variant.product_id for line in self.lines.values() if line.to_come))
        every = list(dict.fromkeys(line.variant.product_id for line in self.lines.values()))
        self.left_out = max(len(awaited) - MOST_PRODUCTS, 0)
        if data is None and draft is None:
            draft = self._typed(awaited[:MOST_PRODUCTS])
            products = awaited or every
        super().__init__(data, draft=draft, products=products, **kwargs)
        del self.fields["reference"]
        self.fields["location"].label = _("Into")
        self.is_over = bool(data is not None and data.get("confirmed"))
        for pk, cell in self.sheet.cells.items():
            cell.note = _note(self.lines.get(pk))

    def _typed(self, products: list[int]) -> QueryDict:
        data = QueryDict(mutable=True)
        data["location"] = str(self.order.location_id)
        if not self.counting:
            for pk, line in self.lines.items():
                if line.to_come and line.variant.product_id in products:
                    data[f"q-{pk}"] = str(line.to_come)
        return data

    def post(self, *, actor: User, idempotency_key: str) -> Delivery:  # type: ignore[override]
        return purchases.receive_delivery(
            order=self.order,
            arrivals=[Arrival(pk, quantity) for pk, quantity in self.quantities().items()],
            location=self.cleaned_data["location"],
            actor=actor,
            idempotency_key=idempotency_key,
            allow_over=self.cleaned_data["confirmed"],
            note=self.cleaned_data["note"],
        )

    def take(self, error: DomainError) -> None:
        self.is_over = self.is_over or any(problem.code == OVER for problem in error.problems)
        super().take(error)
        if self.is_over:
            self.add_error(None, str(error.message))

    def at_cell(self, problem: Problem, cell: Cell) -> str:
        return str(problem.message)

    def button(self, n: int) -> str:
        return ngettext("Receive %(n)s piece", "Receive %(n)s pieces", n) if n else pgettext("button", "Receive")


def typed_order(order: PurchaseOrder) -> QueryDict:
    """What an order says, as if it had just been typed."""
    data = QueryDict(mutable=True)
    lines = [line for line in order.lines.select_related("variant") if line.quantity]
    by_product: dict[int, list[PurchaseLine]] = {}
    for line in lines:
        data[f"q-{line.variant_id}"] = str(line.quantity)
        by_product.setdefault(line.variant.product_id, []).append(line)
    for product, rows in by_product.items():
        costs = [line.unit_cost for line in rows]
        usual = max(set(costs), key=costs.count)
        data[f"{COST}{product}"] = _plain(usual)
        for line in rows:
            if line.unit_cost != usual:
                data[f"{OWN_COST}{line.variant_id}"] = _plain(line.unit_cost)
    data["supplier"], data["location"] = str(order.supplier_id), str(order.location_id)
    data["currency"], data["note"] = order.currency, order.note
    data["exchange_rate"] = "" if order.exchange_rate == 1 else _plain(order.exchange_rate)
    data["expected_on"] = order.expected_on.isoformat() if order.expected_on else ""
    return data


def _plain(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount.normalize():f}"


def _note(line: PurchaseLine | None) -> str:
    if line is None or not line.quantity:
        return gettext("not ordered")
    if not line.to_come:
        return gettext("all here")
    return gettext("%(n)s to come") % {"n": number_format(line.to_come, force_grouping=True)}


def _read_costs(grids: list[Grid], source: QueryDict | None) -> dict[int, Costs]:
    def read(name: str, label: str) -> Cost:
        cost = Cost(name, (source.get(name) or "").strip()[:20] if source is not None else "", label=label)
        try:
            cost.amount = _COST.clean(cost.text)
        except ValidationError as error:
            cost.error = error.messages[0]
        return cost

    found = {}
    for grid in grids:
        costs = found[grid.product.pk] = Costs(read(f"{COST}{grid.product.pk}", grid.product.name))
        for row in grid.rows:
            labels = [f"{row.name} {cell.variant.size.code}" if cell else "" for cell in row.cells]
            names = [f"{OWN_COST}{cell.variant.pk}" if cell else "" for cell in row.cells]
            pairs = zip(names, labels, strict=True)
            costs.rows.append((row, [read(name, label) if name else None for name, label in pairs]))
    return found
