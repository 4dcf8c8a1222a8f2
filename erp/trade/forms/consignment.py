"""Goods that go to a partner, come back, or were sold there."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext

from erp.core.models import User
from erp.inventory.forms.entry import choice, our_locations
from erp.inventory.models import Balance, Location
from erp.trade.forms.goods import GoodsForm, PaidForm, keep_cells
from erp.trade.models import Partner
from erp.trade.selectors.consignment import agreed_prices
from erp.trade.services import consignment

OURS = (Location.Kind.WAREHOUSE, Location.Kind.SHOP, Location.Kind.DEFECTIVE)


class PlaceForm(GoodsForm):
    title = _("Send goods")
    lead = _("They stay yours until the partner reports them sold.")
    limited = True

    def __init__(self, *args: Any, partner: Partner, **kwargs: Any) -> None:
        self.partner = partner
        super().__init__(*args, brand=partner.brand, **kwargs)
        self.fields["location"].label = _("Out of")

    def fill_locations(self, locations: Any) -> None:
        choice(self, "location").queryset = locations.filter(kind__in=OURS[:2])

    def post(self, *, actor: User, idempotency_key: str) -> Any:
        return consignment.place_goods(
            partner=self.partner,
            source=self.cleaned_data["location"],
            quantities=self.quantities(),
            actor=actor,
            idempotency_key=idempotency_key,
            note=self.cleaned_data["note"],
        )

    def button(self, n: int) -> str:
        return ngettext("Send %(n)s piece", "Send %(n)s pieces", n) if n else pgettext("button", "Send")


class ThereForm(PaidForm):
    """An entry of what lies at the partner."""

    limited = True

    def __init__(self, *args: Any, partner: Partner, **kwargs: Any) -> None:
        self.partner = partner
        there = Balance.objects.filter(location=partner.location_id or 0, on_hand__gt=0).select_related("variant")
        held = {balance.variant_id: balance.available for balance in there}
        products = sorted({balance.variant.product_id for balance in there})
        super().__init__(*args, brand=partner.brand, products=products, **kwargs)
        keep_cells(self.sheet, held, held.__getitem__)
        if partner.location:
            self.fix_location(partner.location)

    def fill_locations(self, locations: Any) -> None:
        choice(self, "location").queryset = Location.objects.filter(pk=self.partner.location_id or 0)


class SoldForm(ThereForm):
    title = _("Report what was sold")
    lead = _("A slip bills it to the partner's account at the agreed prices.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ask_prices(self.partner, agreed_prices(self.partner))

    def post(self, *, actor: User, idempotency_key: str) -> Any:
        return consignment.report_sold(
            partner=self.partner,
            quantities=self.quantities(),
            unit_prices=self.unit_prices(),
            actor=actor,
            idempotency_key=idempotency_key,
            note=self.cleaned_data["note"],
            **self.money(),
        )

    def button(self, n: int) -> str:
        return ngettext("Bill %(n)s piece", "Bill %(n)s pieces", n) if n else pgettext("button", "Bill")


class TakeBackForm(ThereForm):
    title = _("Take goods back")
    lead = _("Pieces come back from the partner to a place of yours.")

    destination = forms.ModelChoiceField(Location.objects.none(), label=_("Into"), empty_label=None)
    field_order = ["key", "location", "destination", "note"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["paid"], self.fields["method"]
        choice(self, "destination").queryset = our_locations(self.brand).filter(kind__in=OURS)

    def post(self, *, actor: User, idempotency_key: str) -> Any:
        return consignment.take_goods_back(
            partner=self.partner,
            destination=self.cleaned_data["destination"],
            quantities=self.quantities(),
            actor=actor,
            idempotency_key=idempotency_key,
            note=self.cleaned_data["note"],
        )

    def button(self, n: int) -> str:
        return ngettext("Take back %(n)s piece", "Take back %(n)s pieces", n) if n else pgettext("button", "Take back")
