"""Up to which day the books are closed, and opening them again."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.days import business_day
from catalog.models import Brand
from erp.core.errors import DomainError
from erp.core.models import User
from erp.inventory.models import PeriodClose
from erp.inventory.periods import closed_through
from erp.inventory.services.periods import close_period, reopen_period


class PeriodForm(forms.Form):
    """What a refusal names stands at its field."""

    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)

    def __init__(self, data: Any = None, *, brand: Brand) -> None:
        super().__init__(data)
        self.brand = brand

    def save(self, actor: User) -> PeriodClose | None:
        """None where it was refused; the form then has errors."""
        try:
            return self.write(actor)
        except DomainError as error:
            for problem in error.problems:
                self.add_error(problem.field if problem.field in self.fields else None, str(problem.message))
            return None

    def write(self, actor: User) -> PeriodClose:
        raise NotImplementedError


class CloseForm(PeriodForm):
    through = forms.DateField(label=_("Close through"), widget=forms.DateInput(attrs={"type": "date"}))
    field_order = ["through", "reason"]

    def __init__(self, data: Any = None, *, brand: Brand) -> None:
        super().__init__(data, brand=brand)
        self.fields["through"].initial = _usual_day(brand)
        self.fields["reason"].label = _("Note")

    def write(self, actor: User) -> PeriodClose:
        return close_period(brand=self.brand, actor=actor, **self.cleaned_data)


class ReopenForm(PeriodForm):
    through = forms.DateField(
        label=_("Stay closed through"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Blank: everything is open again."),
    )
    field_order = ["through", "reason"]
    prefix = "reopen"

    def write(self, actor: User) -> PeriodClose:
        return reopen_period(brand=self.brand, actor=actor, **self.cleaned_data)


def _usual_day(brand: Brand) -> date:
    """The end of last month, or yesterday once that is closed."""
    today = business_day(brand)
    month, closed = today.replace(day=1) - timedelta(days=1), closed_through(brand)
    return month if closed is None or closed < month else today - timedelta(days=1)
