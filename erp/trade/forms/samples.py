"""Lending samples, what becomes of them, and another day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from catalog.days import business_day
from erp.core.models import User
from erp.inventory.forms.entry import choice
from erp.trade.forms.goods import GoodsForm, PaidForm, keep_cells
from erp.trade.models import Loan, LoanEvent, Partner
from erp.trade.services import samples

USUAL_DAYS = 7


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class LendForm(GoodsForm):
    title = _("Lend samples")
    lead = _("Pieces for a shoot or a showing, to come back by a day.")
    limited = True

    borrower = forms.ModelChoiceField(Partner.objects.none(), label=_("Borrower"))
    due_on = forms.DateField(label=_("Due back on"), widget=DayInput)
    field_order = ["key", "borrower", "due_on", "location", "note"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["location"].label = _("Out of")
        borrower = choice(self, "borrower")
        borrower.queryset = Partner.objects.of(self.brand).filter(is_active=True)
        borrower.empty_label = gettext("Choose who borrows")
        self.initial.setdefault("due_on", business_day(self.brand) + timedelta(days=USUAL_DAYS))

    def post(self, *, actor: User, idempotency_key: str) -> Any:
        chosen = self.cleaned_data
        return samples.lend(
            borrower=chosen["borrower"],
            location=chosen["location"],
            quantities=self.quantities(),
            due_on=chosen["due_on"],
            actor=actor,
            idempotency_key=idempotency_key,
            note=chosen["note"],
        )

    def button(self, n: int) -> str:
        return ngettext("Lend %(n)s piece", "Lend %(n)s pieces", n) if n else pgettext("button", "Lend")


class LoanForm(PaidForm):
    """What becomes of the pieces of a loan that are out: `kind` is one of `LoanEvent.Kind`."""

    limited = True
    leads = {
        LoanEvent.Kind.RETURNED: _("Count what came back. What is left stays out."),
        LoanEvent.Kind.SOLD: _("The borrower keeps them and buys them: a slip bills them to their account."),
        LoanEvent.Kind.LOST: _("They do not come back and are not paid for: they are written off."),
    }

    def __init__(self, *args: Any, loan: Loan, kind: str, **kwargs: Any) -> None:
        self.loan, self.kind = loan, LoanEvent.Kind(kind)
        out = {line.variant_id: line.out for line in loan.lines.select_related("variant") if line.out}
        products = {line.variant.product_id for line in loan.lines.select_related("variant") if line.out}
        super().__init__(*args, brand=loan.brand, products=sorted(products), **kwargs)
        keep_cells(self.sheet, out, out.__getitem__)
        if self.kind is LoanEvent.Kind.SOLD:
            self.ask_prices(loan.borrower)
        else:
            del self.fields["paid"], self.fields["method"]
        if self.kind is LoanEvent.Kind.RETURNED:
            self.fields["location"].label = _("Into")
        else:
            self.fix_location(loan.location)

    @property
    def title(self) -> str:
        return str(self.kind.label)

    @property
    def lead(self) -> Any:
        return self.leads[self.kind]

    def post(self, *, actor: User, idempotency_key: str) -> Any:
        common: dict[str, Any] = {
            "loan": self.loan,
            "quantities": self.quantities(),
            "actor": actor,
            "idempotency_key": idempotency_key,
            "note": self.cleaned_data["note"],
        }
        if self.kind is LoanEvent.Kind.RETURNED:
            return samples.take_samples_back(location=self.cleaned_data["location"], **common)
        if self.kind is LoanEvent.Kind.SOLD:
            return samples.sell_samples(unit_prices=self.unit_prices(), **self.money(), **common)
        return samples.lose_samples(**common)

    def button(self, n: int) -> str:
        if self.kind is LoanEvent.Kind.RETURNED:
            return (
                ngettext("Take back %(n)s piece", "Take back %(n)s pieces", n) if n else pgettext("button", "Take back")
            )
        if self.kind is LoanEvent.Kind.SOLD:
            return ngettext("Sell %(n)s piece", "Sell %(n)s pieces", n) if n else pgettext("button", "Sell")
        return ngettext("Write off %(n)s piece", "Write off %(n)s pieces", n) if n else pgettext("button", "Write off")


class ExtendForm(forms.Form):
    due_on = forms.DateField(label=_("Due back on"), widget=DayInput)
