"""Partners, their shops, and what is entered on their accounts."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.http import QueryDict
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.forms import PriceField
from catalog.models import Brand
from erp.core.errors import DomainError
from erp.core.models import User
from erp.core.money import decimals_of
from erp.trade.models import AccountEntry, DeliverTo, Partner
from erp.trade.services import accounts
from erp.trade.services.partners import create_partner, create_shop, update_partner, update_shop


class Refusing:
    """Puts the problems of a refusal at their fields."""

    def take(self: Any, error: DomainError) -> None:
        for problem in error.problems:
            self.add_error(problem.field if problem.field in self.fields else None, str(problem.message))
        if not error.problems:
            self.add_error(None, str(error.message))


class PartnerForm(Refusing, forms.ModelForm):
    credit_limit = PriceField(
        label=_("Credit limit"), max_digits=14, decimal_places=2, min_value=0, required=False,
        help_text=_("How much they may owe. Blank: no limit."),
    )  # fmt: skip

    class Meta:
        model = Partner
        fields = (
            "name", "kind", "is_buyer", "is_supplier", "phone", "address", "business_number", "credit_limit", "note",
            "is_active",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        limit = self.instance.credit_limit
        if limit is not None:
            places = decimals_of(self.instance.brand.currency)
            self.initial["credit_limit"] = number_format(limit, places, use_l10n=True, force_grouping=True)

    def _post_clean(self) -> None:
        """The service checks the row, with its brand."""

    def save_for(self, brand: Brand) -> Partner | None:
        """The saved partner; None where it was refused, with the reasons at the fields."""
        try:
            if self.instance.pk:
                return update_partner(partner=self.instance, **self.cleaned_data)
            return create_partner(brand=brand, **self.cleaned_data)
        except DomainError as error:
            self.take(error)
            return None


class ShopForm(Refusing, forms.ModelForm):
    class Meta:
        model = DeliverTo
        fields = ("name", "phone", "address", "is_active")

    def _post_clean(self) -> None:
        """The service checks the row, with its partner."""

    def save_for(self, partner: Partner) -> DeliverTo | None:
        try:
            if self.instance.pk:
                return update_shop(shop=self.instance, **self.cleaned_data)
            return create_shop(partner=partner, **self.cleaned_data)
        except DomainError as error:
            self.take(error)
            return None


class EntryForm(Refusing, forms.Form):
    """One change of an account; posted twice it is written once."""

    title: Any
    lead: Any
    button: Any

    key = forms.UUIDField(widget=forms.HiddenInput)
    amount = PriceField(label=_("Amount"), max_digits=14, decimal_places=2)
    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    def __init__(self, data: QueryDict | None, *, partner: Partner, today: Any) -> None:
        super().__init__(data, initial={"key": uuid.uuid4(), "day": today})
        self.partner = partner
        self.fields["amount"].widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}
        self.fields["day"].widget.attrs["max"] = today.isoformat()

    def save(self, actor: User) -> AccountEntry | None:
        """The entry; None where it was refused, with the reasons at the fields."""
        chosen = {name: value for name, value in self.cleaned_data.items() if name not in ("key", "way")}
        try:
            return self.write(
                partner=self.partner, actor=actor, idempotency_key=str(self.cleaned_data["key"]), **chosen
            )
        except DomainError as error:
            if error.code == "idempotency_conflict":
                data = cast(QueryDict, self.data).copy()
                data["key"] = str(uuid.uuid4())
                self.data = data
                words = _("This page was posted before, with other words. To enter what stands here too, press again.")
                self.add_error(None, words)
            else:
                self.take(error)
            return None

    def write(self, **entry: Any) -> AccountEntry:
        raise NotImplementedError


class PaymentForm(EntryForm):
    title = _("Record a payment")
    lead = _("What they paid, apart from a slip.")
    button = _("Record the payment")

    method = forms.ChoiceField(label=_("Paid by"), choices=AccountEntry.Method)
    field_order = ("key", "amount", "method", "day", "note")

    def write(self, **entry: Any) -> AccountEntry:
        return accounts.record_payment(**entry)


class _SignedForm(EntryForm):
    """An amount one way or the other."""

    way = forms.ChoiceField(label=_("Which way"), widget=forms.RadioSelect)
    ways: Any = ()
    field_order = ("key", "way", "amount", "day", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["way"].choices = self.ways  # type: ignore[attr-defined]
        self.initial["way"] = self.ways[0][0]

    def clean_amount(self) -> Decimal:
        amount: Decimal = self.cleaned_data["amount"]
        if amount <= 0:
            raise forms.ValidationError(_("Type an amount of more than 0, and choose which way it goes."))
        return amount

    def clean(self) -> Any:
        cleaned = super().clean()
        if cleaned and cleaned.get("way") == "less" and cleaned.get("amount"):
            cleaned["amount"] = -cleaned["amount"]
        return cleaned


class OpeningForm(_SignedForm):
    title = _("Opening balance")
    lead = _("What stood in the old book on the first day.")
    button = _("Enter the opening balance")
    ways = (("more", _("They owe us")), ("less", _("We owe them")))

    def write(self, **entry: Any) -> AccountEntry:
        return accounts.record_opening(**entry)


class CorrectionForm(_SignedForm):
    title = _("Correct the account")
    lead = _("A change that no slip and no payment tells. It stays in the account with its reason.")
    button = _("Enter the correction")
    ways = (("more", _("They owe more")), ("less", _("They owe less")))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].label = _("Reason")
        self.fields["note"].required = True

    def write(self, **entry: Any) -> AccountEntry:
        return accounts.record_correction(**entry)


ENTRIES = {"payment": PaymentForm, "opening": OpeningForm, "correction": CorrectionForm}


class PartnerFilter(forms.Form):
    """What the list of partners is narrowed to; whatever is wrong in the address narrows nothing."""

    SHOWN = (
        ("", _("All")),
        ("buyers", pgettext_lazy("partner", "Buyers")),
        ("suppliers", _("Suppliers")),
        ("owing", _("Owing")),
        ("closed", _("Not in use")),
    )

    q = forms.CharField(required=False, max_length=120)
    show = forms.ChoiceField(choices=SHOWN, required=False)
    kind = forms.ChoiceField(choices=Partner.Kind, required=False)

    def __init__(self, data: Any, *, brand: Brand) -> None:
        super().__init__(data)
        self.brand = brand
        self.is_valid()

    @property
    def is_narrowed(self) -> bool:
        return any(self.cleaned_data.values())

    def found(self) -> QuerySet[Partner]:
        """Annotated with `owed`."""
        chosen = self.cleaned_data
        rows: Any = Partner.objects.of(self.brand).annotate(owed=Coalesce(F("account__balance"), Decimal(0)))
        for word in chosen.get("q", "").replace("\0", "").split()[:8]:
            rows = rows.filter(Q(name__icontains=word) | Q(phone__icontains=word) | Q(business_number=word))
        if chosen.get("kind"):
            rows = rows.filter(kind=chosen["kind"])
        shown = {
            "buyers": Q(is_buyer=True, is_active=True),
            "suppliers": Q(is_supplier=True, is_active=True),
            "owing": Q(owed__gt=0),
            "closed": Q(is_active=False),
        }
        rows = rows.filter(shown.get(chosen.get("show", ""), Q(is_active=True)))
        return rows.order_by("-owed", "name", "pk") if chosen.get("show") == "owing" else rows.order_by("name", "pk")
