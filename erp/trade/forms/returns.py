"""What came back, sellable or defective, and what goes out for it: three sheets of the same goods."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext

from erp.core.errors import DomainError, Problem
from erp.core.models import User
from erp.inventory.forms.entry import choice, our_locations
from erp.inventory.forms.sheet import Cell, Sheet, build_sheet
from erp.inventory.models import Location
from erp.trade.forms.goods import GoodsForm, keep_cells
from erp.trade.models import AccountEntry, Order, Partner, ReturnLine
from erp.trade.selectors.returns import Effects
from erp.trade.services.once import fingerprint_of
from erp.trade.services.return_draft import SELLING, ReturnEntry
from erp.trade.services.returns import create_return, preview_return

Kind = ReturnLine.Kind


@dataclass(slots=True)
class Part:
    """One of the three sheets, as the templates of a grid know a form."""

    kind: str
    label: Any
    sheet: Sheet
    limited: bool = False
    is_folded: bool = False

    @property
    def prefix(self) -> str:
        return {Kind.SELLABLE: "", Kind.DEFECTIVE: "d-", Kind.SENT: "s-"}[Kind(self.kind)]


class ReturnForm(GoodsForm):
    """A return of `order`, or free. Its buyer is the order's."""

    title = _("Take goods back")
    after = ("settle", "method", "reason", "note")

    buyer = forms.ModelChoiceField(Partner.objects.none(), label=_("Buyer"), required=False)
    defective = forms.ModelChoiceField(
        Location.objects.none(), label=_("Defective goods go to"), empty_label=None, required=False
    )
    settle = forms.ChoiceField(
        label=_("The money"),
        choices=[("account", _("Onto the buyer's account")), ("now", _("Settled now"))],
        required=False,
    )
    method = forms.ChoiceField(label=_("Paid by"), choices=AccountEntry.Method, required=False)
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)
    field_order = ["key", "buyer", "location", "defective", "settle", "method", "reason", "note"]

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        order: Order | None = None,
        draft: QueryDict | None = None,
        products: Any = (),
        **kwargs: Any,
    ) -> None:
        self.order = order
        self.ordered = list(order.lines.select_related("variant").order_by("pk")) if order else []
        products = [*dict.fromkeys([*(line.variant.product_id for line in self.ordered), *products])]
        super().__init__(data, draft=draft, products=products, **kwargs)
        self.effects: Effects | None = None
        self.fields["location"].label = _("Sellable goods go to")
        places = our_locations(self.brand).filter(kind=Location.Kind.DEFECTIVE)
        choice(self, "defective").queryset = places
        self.initial.setdefault("defective", places.first())
        self._fill_buyer()
        self._build_parts(products)
        self.ask_prices(order.buyer if order else None, self._ordered_prices())

    def fill_locations(self, locations: QuerySet[Location]) -> None:
        choice(self, "location").queryset = locations.filter(kind__in=SELLING)

    def _fill_buyer(self) -> None:
        if self.order is not None:
            del self.fields["buyer"]
            if self.order.buyer is None:
                del self.fields["settle"]
            return
        field = choice(self, "buyer")
        field.queryset = Partner.objects.of(self.brand).filter(is_buyer=True, is_active=True)
        field.empty_label = str(_("A customer without an account"))

    def _build_parts(self, products: list[int]) -> None:
        """The first sheet is the form's own; `self.sheet` then holds the cells of all three for the sums."""
        # Products that were typed into any of the sheets are shown in all of them.
        shown = [*dict.fromkeys([*products, *(grid.product.pk for grid in self.sheet.grids)])]
        common: dict[str, Any] = {"products": shown, "location": self.seen_at, "data": self.source}
        defective, sent = (build_sheet(self.brand, prefix=prefix, **common) for prefix in ("d-", "s-"))
        if self.order is not None:
            left: defaultdict[int, int] = defaultdict(int)
            for line in self.ordered:
                left[line.variant_id] += line.shipped - line.returned
            for sheet in (self.sheet, defective):
                keep_cells(sheet, {pk for pk, n in left.items() if n > 0}, left.__getitem__)
        limited = self.order is not None
        self.parts = [
            Part(Kind.SELLABLE, _("Came back, can be sold again"), self.sheet, limited),
            Part(Kind.DEFECTIVE, _("Came back defective"), defective, limited, is_folded=not defective.total),
            Part(Kind.SENT, _("Sent in exchange"), sent, True, is_folded=not sent.total),
        ]

    def _ordered_prices(self) -> dict[int, Decimal]:
        """Of the products that have one price on the order; the others keep each line's own."""
        prices: defaultdict[int, set[Decimal]] = defaultdict(set)
        for line in self.ordered:
            prices[line.variant.product_id].add(line.unit_price)
        return {pk: found.pop() for pk, found in prices.items() if len(found) == 1}

    @property
    def groups(self) -> list[tuple[Any, list[tuple[Part, Any]]]]:
        """The grids product by product, in the order of the three sheets."""
        found: dict[int, tuple[Any, list[tuple[Part, Any]]]] = {}
        for part in self.parts:
            for grid in part.sheet.grids:
                found.setdefault(grid.product.pk, (grid.product, []))[1].append((part, grid))
        return list(found.values())

    @property
    def total(self) -> int:
        return sum(part.sheet.total for part in self.parts)

    @property
    def lead(self) -> Any:
        if self.order is None:
            return _("Scan what came back. What goes out in exchange is typed below it.")
        words = {"number": self.order.number, "buyer": self.order.buyer or self.order.customer_name}
        return _("Of order %(number)s: %(buyer)s") % words

    @property
    def priced(self) -> list[int]:
        return [product.pk for product, _parts in self.groups]

    @property
    def label(self) -> str:
        return self.button(self.total) % {"n": number_format(self.total, force_grouping=True)}

    @property
    def content(self) -> str:
        """What was looked over: it is confirmed only while it is still this."""
        body = [(e.variant.pk, e.kind, e.quantity, e.location.pk, str(e.unit_price)) for e in self.entries()]
        chosen = self.cleaned_data
        return fingerprint_of(body, str(chosen.get("buyer")), chosen.get("settle"), chosen["method"])

    def count_up(self, variant_id: int) -> None:
        """A scan: one more that came back; of an order on which none is left, one more that is sent."""
        part = next((part for part in self.parts[::2] if variant_id in part.sheet.cells), None)
        if part:
            part.sheet.count_up(variant_id)

    def is_enough(self) -> bool:
        return self.total > 0

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.parts[1].sheet.total and not cleaned.get("defective"):
            self.add_error("defective", _("Open a place for defective goods in the settings first."))
        return cleaned

    def count_wrong_cells(self) -> None:
        for part in self.parts[1:]:
            self.sheet.unknown += [item for item in part.sheet.unknown if item not in self.sheet.unknown]
        if wrong := sum(1 for _part, cell in self._cells() if cell.error):
            words = ngettext("%(n)s cell needs mending.", "%(n)s cells need mending.", wrong) % {"n": wrong}
            self.add_error(None, words)
        if any(price.error for price in self.prices.values()):
            self.add_error(None, _("Mend the marked prices. Nothing was saved yet."))

    def _cells(self) -> list[tuple[Part, Cell]]:
        return [(part, cell) for part in self.parts for cell in part.sheet.cells.values()]

    def _typed(self) -> list[tuple[Part, Cell]]:
        """What goes to the service, in the order in which refusals name it."""
        return [(part, cell) for part, cell in self._cells() if cell.quantity]

    def entries(self) -> list[ReturnEntry]:
        chosen = self.cleaned_data
        return [
            ReturnEntry(
                cell.variant,
                part.kind,
                cell.quantity or 0,
                chosen["defective"] if part.kind == Kind.DEFECTIVE else chosen["location"],
                self.prices[cell.variant.product_id].amount,
            )
            for part, cell in self._typed()
        ]

    def asked(self, actor: User, key: str) -> dict[str, Any]:
        chosen = self.cleaned_data
        buyer = self.order.buyer if self.order else chosen.get("buyer")
        settled = buyer is None or chosen.get("settle") == "now"
        return {
            "brand": self.brand,
            "entries": self.entries(),
            "actor": actor,
            "idempotency_key": key,
            "order": self.order,
            "buyer": buyer,
            "paid": None if settled else Decimal(0),
            "method": chosen["method"] or AccountEntry.Method.CASH,
            "reason": chosen["reason"],
            "note": chosen["note"],
        }

    def look_over(self, actor: User) -> None:
        """What it would do, as `effects`; a refusal is marked where it is about."""
        try:
            self.effects = preview_return(**self.asked(actor, str(self.cleaned_data["key"])))
        except DomainError as error:
            self.take(error)

    def post(self, *, actor: User, idempotency_key: str) -> Any:
        return create_return(**self.asked(actor, idempotency_key))

    def take(self, error: DomainError) -> None:
        if error.code == "idempotency_conflict":
            return super().take(error)
        for problem in error.problems:
            if not self._marked(problem):
                name = problem.field if problem.field in self.fields and not problem.line else None
                self.add_error(name, str(problem.message))
        self.add_error(None, str(error.message))
        return None

    def _marked(self, problem: Problem) -> bool:
        typed = self._typed()
        if not problem.line or problem.line > len(typed):
            return False
        cell = typed[problem.line - 1][1]
        if problem.field == "unit_price":
            self.prices[cell.variant.product_id].error = str(problem.message)
        else:
            cell.error = str(problem.message)
        return True

    def button(self, n: int) -> str:
        words = ngettext("Look over %(n)s piece", "Look over %(n)s pieces", n)
        return words if n else pgettext("button", "Look over")
