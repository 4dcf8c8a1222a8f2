"""Choosing a file of orders, and saying how it is read."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from erp.channels.formats.orders import MEANINGS, OF_ORDERS, order_template_names
from erp.channels.models import Channel, OrderFile
from erp.channels.services.order_files import GENERIC, columns_of, start_order_file, take_order_file
from erp.core.errors import DomainError
from erp.core.models import User
from erp.exchange.forms.imports import TableFileForm

NAMES = {
    "shopify": "Shopify",
    "smartstore": _("Naver Smartstore"),
    "cafe24": "Cafe24",
    GENERIC: _("A table of your own"),
}
LABELS = {
    "number": _("Order number"),
    "line_number": _("Number of the line"),
    "sku": _("SKU"),
    "title": _("Name of the goods"),
    "options": _("Options"),
    "quantity": _("Pieces"),
    "unit_price": _("Unit price"),
    "extra_price": _("Price on top for the option"),
    "currency": _("Currency"),
    "customer_name": _("Customer"),
    "placed_at": _("Ordered on"),
}


class OrderFileForm(TableFileForm):
    limits = OF_ORDERS

    def save(self, *, channel: Channel, actor: User) -> OrderFile | None:
        """The file taken in; None where it is refused, with the reason at the field."""
        file = self.cleaned_data["file"]
        try:
            return take_order_file(channel=channel, actor=actor, data=file.read(), filename=file.name or "")
        except DomainError as error:
            self.add_error("file", str(error.message))
            return None


class ReadingForm(forms.Form):
    """Whose file it is, and of a table of one's own, which column means what."""

    template = forms.ChoiceField(label=_("The file is of"))

    def __init__(self, *args: Any, file: OrderFile, **kwargs: Any) -> None:
        known = {f"column-{key}": headings[0] for key, headings in columns_of(file).items()}
        super().__init__(*args, **kwargs | {"initial": {"template": file.template} | known})
        self.file = file
        template: Any = self.fields["template"]
        template.choices = [(name, NAMES.get(name, name)) for name in order_template_names()]
        headings = [(heading, heading) for heading in file.headings if heading]
        for key in MEANINGS:
            self.fields[f"column-{key}"] = forms.ChoiceField(
                label=LABELS[key], choices=[("", _("Not in this file")), *headings], required=False
            )

    def columns(self) -> list[Any]:
        return [self[f"column-{key}"] for key in MEANINGS]

    def save(self, *, actor: User) -> bool:
        """Begins; False where it is refused, with the reasons at the fields."""
        template = self.cleaned_data["template"]
        chosen = {key: self.cleaned_data[f"column-{key}"] for key in MEANINGS}
        own = chosen if template == GENERIC else {}
        try:
            start_order_file(file=self.file, actor=actor, template=template, columns=own)
        except DomainError as error:
            for problem in error.problems:
                name = f"column-{problem.field}"
                self.add_error(name if name in self.fields else None, str(problem.message))
            if not self.errors:
                self.add_error(None, str(error.message))
            return False
        return True
