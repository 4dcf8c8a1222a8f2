"""What the list of orders can be narrowed to."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from catalog.days import FIRST_DAY, day_start
from catalog.models import Brand
from erp.inventory.forms.entry import choice
from erp.trade.models import Channel, Order, OrderLine, Partner
from erp.trade.selectors.owed import owing

_DAY: dict[str, Any] = {
    "required": False,
    "widget": forms.DateInput(attrs={"type": "date", "class": "input"}),
    "validators": [MinValueValidator(FIRST_DAY), MaxValueValidator(date(2999, 12, 31))],
}


class OrderFilter(forms.Form):
    """Whatever is wrong in the address narrows nothing."""

    q = forms.CharField(required=False, max_length=80)
    state = forms.ChoiceField(required=False, choices=[*Order.State.choices, ("owed", _("Owed goods"))])
    channel = forms.ChoiceField(required=False, choices=[("", _("Every channel")), *Channel.choices])
    buyer = forms.ModelChoiceField(Partner.objects.none(), required=False)
    since = forms.DateField(label=_("From day"), **_DAY)
    until = forms.DateField(label=_("To day"), **_DAY)

    def __init__(self, data: Any, *, brand: Brand) -> None:
        super().__init__(data)
        self.brand = brand
        choice(self, "buyer").queryset = Partner.objects.of(brand).filter(is_buyer=True)
        choice(self, "channel").widget.attrs |= {"class": "input", "aria-label": _("Channel")}
        self.is_valid()

    @property
    def chosen(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if value}

    def narrowed(self) -> Any:
        """The orders that fit all filters but the state, which the chips count."""
        chosen, found = self.chosen, Order.objects.of(self.brand)
        for word in chosen.get("q", "").replace("\0", "").split()[:8]:
            found = found.filter(_fits(word))
        for name in ("channel", "buyer"):
            if name in chosen:
                found = found.filter(**{name: chosen[name]})
        if "since" in chosen:
            found = found.filter(created_at__gte=day_start(self.brand, chosen["since"]))
        if "until" in chosen:
            found = found.filter(created_at__lt=day_start(self.brand, chosen["until"] + timedelta(days=1)))
        return found

    def found(self) -> Any:
        state, orders = self.chosen.get("state"), self.narrowed()
        if state == "owed":
            return orders.filter(owing())
        return orders.filter(state=state) if state else orders

    def chips(self) -> list[tuple[str, Any, int]]:
        """Each state with its label and how many orders are in it; "" is all of them."""
        counts = dict(self.narrowed().order_by().values_list("state").annotate(Count("pk")))
        states = [(value, label, counts.get(value, 0)) for value, label in Order.State.choices]
        owed = ("owed", _("Owed goods"), self.narrowed().filter(owing()).count())
        return [("", _("All"), sum(counts.values())), *states, owed]


def _fits(word: str) -> Any:
    lines = OrderLine.objects.filter(order=OuterRef("pk"), variant__sku__istartswith=word)
    return (
        Q(number__icontains=word)
        | Q(channel_number__istartswith=word)
        | Q(customer_name__icontains=word)
        | Q(buyer__name__icontains=word)
        | Exists(lines)
    )
