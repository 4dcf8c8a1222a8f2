"""Picking, shipping and cancelling, line by line."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext

from catalog.forms import PriceField
from erp.core.errors import DomainError
from erp.core.models import User
from erp.inventory.forms.entry import words_of
from erp.inventory.forms.quantities import read_quantity
from erp.trade.couriers import courier_choices
from erp.trade.models import AccountEntry, Order, OrderLine, Shipment
from erp.trade.services import orders
from erp.trade.services.orders import Shortage


def courier_options() -> list[tuple[str, Any]]:
    return [("", _("No parcel")), *courier_choices()]


class TrackingForm(forms.Form):
    """Who carries a shipment that went out already."""

    courier = forms.ChoiceField(label=_("Courier"), choices=courier_options, required=False)
    tracking_number = forms.CharField(label=_("Tracking number"), max_length=60, required=False)


@dataclass(slots=True)
class Row:
    """One line of an order and what is typed for it."""

    line: OrderLine
    number: int
    most: int
    text: str
    quantity: int = 0
    rest: str = ""
    error: str = ""

    @property
    def name(self) -> str:
        return f"n-{self.line.pk}"

    @property
    def rest_name(self) -> str:
        return f"rest-{self.line.pk}"


class StepForm(forms.Form):
    """Quantities for the lines of one order, each with its own error."""

    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data: QueryDict | None = None, *, order: Order) -> None:
        super().__init__(data, initial={"key": uuid.uuid4()})
        self.order = order
        lines = order.lines.select_related("variant__product", "variant__colour", "variant__size", "pack")
        found = lines.order_by("pk").prefetch_related("variant__product__images")
        self.rows = [self.row(line, number) for number, line in enumerate(found, start=1)]
        self.shown = [row for row in self.rows if self.is_shown(row.line)]
        if data is not None:
            self._read(data)

    def row(self, line: OrderLine, number: int) -> Row:
        most, first = self.most(line), self.first(line)
        return Row(line, number, most, str(first) if first else "", first)

    def is_shown(self, line: OrderLine) -> bool:
        return bool(line.open)

    def most(self, line: OrderLine) -> int:
        raise NotImplementedError

    def first(self, line: OrderLine) -> int:
        """What stands in the input before anybody typed."""
        raise NotImplementedError

    def _read(self, data: QueryDict) -> None:
        for row in self.rows:
            row.text, row.rest = data.get(row.name, "").strip()[:20], data.get(row.rest_name, "")
            try:
                row.quantity = read_quantity(row.text) or 0
            except ValidationError as error:
                row.error = error.messages[0]

    def count_up(self, variant_id: int) -> bool:
        """A scan without the page's script: one more of a line that wants one. False: none does."""
        fits = [row for row in self.shown if row.line.variant_id == variant_id and row.quantity < row.most]
        for row in fits[:1]:
            row.quantity += 1
            row.text = str(row.quantity)
        return bool(fits)

    @property
    def total(self) -> int:
        return sum(row.quantity for row in self.rows)

    def clean(self) -> dict[str, Any]:
        if "key" in self.errors:
            self._start_anew(_("This page was incomplete. Look it over and press again."))
        if any(row.error for row in self.rows):
            self.add_error(None, _("Mend the marked lines. Nothing was saved yet."))
        return self.cleaned_data

    def quantities(self) -> dict[int, int]:
        return {row.line.pk: row.quantity for row in self.rows if row.quantity}

    def save(self, actor: User) -> Any:
        """Takes the step; None where it was refused and the form has errors."""
        try:
            return self.take_step(actor, str(self.cleaned_data["key"]))
        except DomainError as error:
            self._take(error)
            return None

    def take_step(self, actor: User, key: str) -> Any:
        raise NotImplementedError

    def _take(self, error: DomainError) -> None:
        if error.code == "idempotency_conflict":
            self._start_anew(_("This page was sent before, with other numbers. To do this as well, press again."))
            return
        for problem in error.problems:
            row = self.rows[problem.line - 1] if problem.line and problem.line <= len(self.rows) else None
            if row:
                row.error = str(problem.message)
            elif problem.field in self.fields:
                self.add_error(problem.field, str(problem.message))
            else:
                self.add_error(None, str(problem.message))
        if not self.non_field_errors():
            self.add_error(None, str(error.message))

    def _start_anew(self, reason: Any) -> None:
        data = cast(QueryDict, self.data).copy()
        data["key"] = str(uuid.uuid4())
        self.data = data
        self.add_error(None, reason)

    def button(self, n: int) -> str:
        raise NotImplementedError

    @property
    def label(self) -> str:
        return self.button(self.total) % {"n": self.total}

    @property
    def words(self) -> dict[str, str]:
        return words_of(self.button)


class PickForm(StepForm):
    """What is off the shelf, of what is held."""

    def is_shown(self, line: OrderLine) -> bool:
        return bool(line.reserved)

    def most(self, line: OrderLine) -> int:
        return line.reserved

    def first(self, line: OrderLine) -> int:
        return line.picked

    def take_step(self, actor: User, key: str) -> Order:
        return orders.pick_order(order=self.order, quantities=self.quantities(), actor=actor)

    def button(self, n: int) -> str:
        return ngettext("%(n)s piece picked", "%(n)s pieces picked", n) if n else pgettext("button", "Nothing picked")


class ShipOrderForm(StepForm):
    """What goes out now, and what becomes of the rest: of each line, or of all that name nothing else."""

    rest = forms.ChoiceField(label=_("What does not go out now"), choices=Shortage, required=False)
    paid = PriceField(label=_("Paid now"), max_digits=14, decimal_places=2, min_value=0, required=False)
    method = forms.ChoiceField(label=_("Paid by"), choices=AccountEntry.Method, required=False)
    note = forms.CharField(label=_("Note"), max_length=200, required=False)
    courier = forms.ChoiceField(label=_("Courier"), choices=courier_options, required=False)
    tracking_number = forms.CharField(label=_("Tracking number"), max_length=60, required=False)

    def __init__(self, data: QueryDict | None = None, *, order: Order) -> None:
        super().__init__(data, order=order)
        self.choices = [(value, label) for value, label in Shortage.choices if order.buyer_id or value != Shortage.OWED]
        cast(forms.ChoiceField, self.fields["rest"]).choices = self.choices
        if not order.buyer_id:
            del self.fields["paid"], self.fields["method"]

    def most(self, line: OrderLine) -> int:
        return line.open

    def first(self, line: OrderLine) -> int:
        return line.picked or (0 if self.order.state == Order.State.PICKED else line.reserved)

    def take_step(self, actor: User, key: str) -> Shipment:
        return orders.ship_order(
            order=self.order,
            actor=actor,
            idempotency_key=key,
            quantities=self.quantities(),
            shortages=dict(self._rests()),
            paid=self.cleaned_data.get("paid") or Decimal(0),
            method=self.cleaned_data.get("method") or AccountEntry.Method.CASH,
            note=self.cleaned_data["note"],
            courier=self.cleaned_data["courier"],
            tracking_number=self.cleaned_data["tracking_number"],
        )

    def _rests(self) -> Iterator[tuple[int, str]]:
        for row in self.shown:
            if row.quantity < row.line.open:
                yield row.line.pk, row.rest or self.cleaned_data["rest"] or Shortage.WAIT

    def button(self, n: int) -> str:
        return ngettext("Ship %(n)s piece", "Ship %(n)s pieces", n) if n else pgettext("button", "Ship")


class CancelForm(StepForm):
    """What is given up."""

    note = forms.CharField(label=_("Reason"), max_length=200, required=False)

    def most(self, line: OrderLine) -> int:
        return line.open

    def first(self, line: OrderLine) -> int:
        return line.open

    def take_step(self, actor: User, key: str) -> Order:
        note = self.cleaned_data["note"]
        return orders.cancel_order(
            order=self.order, actor=actor, idempotency_key=key, quantities=self.quantities(), note=note
        )

    def button(self, n: int) -> str:
        return ngettext("Cancel %(n)s piece", "Cancel %(n)s pieces", n) if n else pgettext("button", "Cancel")
