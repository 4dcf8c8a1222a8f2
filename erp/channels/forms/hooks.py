"""What people type about connections and webhooks."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from erp.channels.live.registry import live
from erp.channels.models import Channel
from erp.channels.models.hooks import CHOSEN
from erp.core.errors import DomainError


class Refusable(forms.Form):
    """A form whose service may refuse: each problem stands at its field."""

    def refused(self, error: DomainError) -> None:
        for problem in error.problems:
            self.add_error(problem.field if problem.field in self.fields else None, str(problem.message))
        if not error.problems:
            self.add_error(None, str(error.message))


class EndpointForm(Refusable):
    name = forms.CharField(label=_("Name"), max_length=60)
    url = forms.CharField(
        label=_("Address"),
        max_length=500,
        help_text=_("Where deliveries are sent, beginning with https://."),
        widget=forms.URLInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )
    events = forms.MultipleChoiceField(label=_("Tell it of"), choices=CHOSEN, widget=forms.CheckboxSelectMultiple)


class ShopForm(Refusable):
    shop = forms.CharField(
        label=_("Address of the shop"), max_length=120, help_text=_("Such as my-shop.myshopify.com.")
    )
    api_version = forms.ChoiceField(label=_("Version of the API"), required=False)
    is_automatic = forms.BooleanField(label=_("Send changes as they happen"), required=False, initial=True)
    tells_customers = forms.BooleanField(label=_("The shop mails tracking numbers to its customers"), required=False)

    def __init__(self, data: Any = None, *, channel: Channel, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        way = live(channel.kind)
        version: Any = self.fields["api_version"]
        version.choices = [(name, name) for name in (way.versions if way else ())]


class SecretForm(Refusable):
    secret = forms.CharField(
        label=_("Key"),
        max_length=4_000,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Kept encrypted. It is not shown again."),
    )
