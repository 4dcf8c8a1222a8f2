"""The entries one by one: what is typed apart from the grid, which service posts it, and the words for it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext

from erp.core.models import User
from erp.inventory import services
from erp.inventory.forms.dated import DatedEntryForm
from erp.inventory.forms.entry import choice
from erp.inventory.models import Location, Posting


class ReceiveForm(DatedEntryForm):
    title = _("Receive stock")
    lead = _("Count in what a supplier delivered.")

    field_order = ["key", "location", "reference", "note"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["location"].label = _("Into")
        self.fields["reference"].label = _("Supplier or invoice number")

    def post(self, *, actor: User, idempotency_key: str) -> Posting:
        return services.receive(
            location=self.cleaned_data["location"],
            actor=actor,
            idempotency_key=idempotency_key,
            quantities=self.quantities(),
            **self.common(),
        )

    def button(self, n: int) -> str:
        return ngettext("Receive %(n)s piece", "Receive %(n)s pieces", n) if n else pgettext("button", "Receive")


class ShipForm(DatedEntryForm):
    title = _("Ship stock")
    lead = _("Take out what goes to a customer.")
    limited = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["location"].label = _("Out of")
        self.fields["reference"].label = _("Customer or order number")

    def post(self, *, actor: User, idempotency_key: str) -> Posting:
        return services.ship(
            location=self.cleaned_data["location"],
            actor=actor,
            idempotency_key=idempotency_key,
            quantities=self.quantities(),
            **self.common(),
        )

    def button(self, n: int) -> str:
        return ngettext("Ship %(n)s piece", "Ship %(n)s pieces", n) if n else pgettext("button", "Ship")


class TransferForm(DatedEntryForm):
    title = _("Move stock")
    lead = _("Carry pieces from one of your places to another.")
    limited = True
    places = 2
    too_few = _("Moving takes two open places")

    destination = forms.ModelChoiceField(Location.objects.none(), label=_("To"), empty_label=None)
    field_order = ["key", "location", "destination", "reference", "note"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["location"].label = _("From")

    def fill_locations(self, locations: QuerySet[Location]) -> None:
        super().fill_locations(locations)
        choice(self, "destination").queryset = locations
        second = list(locations[1:2])
        self.initial["destination"] = second[0] if second else None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("destination") and cleaned.get("destination") == cleaned.get("location"):
            self.add_error("destination", _("Choose another place than the one the pieces come from."))
        return cleaned

    def post(self, *, actor: User, idempotency_key: str) -> Posting:
        return services.transfer(
            source=self.cleaned_data["location"],
            destination=self.cleaned_data["destination"],
            actor=actor,
            idempotency_key=idempotency_key,
            quantities=self.quantities(),
            **self.common(),
        )

    def button(self, n: int) -> str:
        return ngettext("Move %(n)s piece", "Move %(n)s pieces", n) if n else pgettext("button", "Move")
