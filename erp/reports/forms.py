"""What a report can be asked."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.days import FIRST_DAY, business_day, day_start
from catalog.models import Brand, Category, Product
from erp.inventory.models import Location
from erp.reports.kinds import Report
from erp.reports.scope import Scope
from erp.reports.sql.sums import Span
from erp.trade.models import Partner

LONGEST = 3 * 366  # days of a period
_BOUNDS = [MinValueValidator(FIRST_DAY), MaxValueValidator(date(2999, 12, 31))]


# Words of one or two letters, which mean something else elsewhere.
SHOW, BY, VARIANT = (pgettext_lazy("report", "Show"), pgettext_lazy("report", "By"), pgettext_lazy("report", "Variant"))


def _one_of(label: Any, **choices: Any) -> forms.ChoiceField:
    """The first is what a report shows by itself."""
    return forms.ChoiceField(label=label, required=False, choices=list(choices.items()))


def _day(label: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=widget, validators=_BOUNDS)


def _moment(label: Any, help_text: Any = "") -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"]
    return forms.DateTimeField(
        label=label, required=False, widget=widget, help_text=help_text, input_formats=formats,
        validators=[_not_absurd],
    )  # fmt: skip


def _not_absurd(moment: datetime) -> None:
    for validate in _BOUNDS:
        validate(moment.date())


class ReportForm(forms.Form):
    """The questions of one report; of the fields below it keeps those the report names. Days are business days."""

    since = _day(_("From day"))
    until = _day(_("To day"))
    at = _moment(pgettext_lazy("report", "At"), _("Blank: now."))
    from_moment = _moment(pgettext_lazy("report", "From"))
    to_moment = _moment(pgettext_lazy("report", "To"), _("Blank: now."))
    step = _one_of(
        pgettext_lazy("report", "Step"),
        day=pgettext_lazy("report", "Day"),
        week=pgettext_lazy("report", "Week"),
        month=pgettext_lazy("report", "Month"),
    )
    idle = forms.TypedChoiceField(
        label=_("Not sold for"), required=False, coerce=int, empty_value="",
        choices=[(n, _("%(n)s days") % {"n": n}) for n in (30, 60, 90, 180, 365)], initial=90,
    )  # fmt: skip
    end = _one_of(SHOW, best=pgettext_lazy("report", "Best"), worst=pgettext_lazy("report", "Worst"))
    view = _one_of(SHOW, sizes=_("Sizes"), styles=_("Broken styles"))
    owed_by = _one_of(BY, variant=VARIANT, buyer=pgettext_lazy("report", "Buyer"))
    supplier = forms.ModelChoiceField(
        Partner.objects.none(), label=_("Supplier"), required=False, empty_label=_("Every supplier")
    )
    show = _one_of(SHOW, order=_("To order"), all=_("All that run low"))
    product = forms.ModelChoiceField(Product.objects.none(), label=_("Product"), required=False)
    category = forms.ModelChoiceField(
        Category.objects.all(), label=_("Category"), required=False, to_field_name="slug", empty_label=_("Everything")
    )
    location = forms.ModelChoiceField(
        Location.objects.none(), label=_("Place"), required=False, to_field_name="code", empty_label=_("Every place")
    )
    by = _one_of(BY, product=_("Product"), variant=VARIANT)

    def __init__(self, data: Any, *, brand: Brand, report: Report) -> None:
        super().__init__(data)
        self.brand, self.report = brand, report
        for name in set(self.fields) - set(report.fields):
            del self.fields[name]
        for field in self.fields.values():
            field.widget.attrs["class"] = "input"
        for name, rows in _choices(brand).items():
            if name in self.fields:
                cast(forms.ModelChoiceField, self.fields[name]).queryset = rows

    def clean(self) -> dict[str, Any]:
        chosen = self.cleaned_data
        for first, last in (("since", "until"), ("from_moment", "to_moment")):
            start, end = chosen.get(first), chosen.get(last)
            if start and end and start > end:
                self.add_error(last, ValidationError(_("This is before the beginning."), "ends_before"))
        since, until = self.period() if not self.errors else (None, None)
        if since and until and (until - since).days >= LONGEST:
            message = _("At most %(n)s days. Choose a shorter period.") % {"n": LONGEST}
            self.add_error("since", ValidationError(message, "too_long"))
        elif since and until and since > until:
            self.add_error("since", ValidationError(_("This is after the end."), "ends_before"))
        return chosen

    def period(self) -> tuple[date | None, date | None]:
        """The business days that are asked about: those chosen, else as many as the report shows by itself."""
        if "since" not in self.fields:
            return None, self.cleaned_data.get("until")
        today = business_day(self.brand)
        until = self.cleaned_data.get("until") or max(today, self.cleaned_data.get("since") or today)
        return self.cleaned_data.get("since") or until - timedelta(days=self.report.days - 1), until

    def scope(self) -> Scope:
        """What is asked, once the form is valid; what is left blank is what the report shows by itself."""
        chosen = self.cleaned_data if self.is_valid() else {}
        if not self.is_valid():
            self.cleaned_data = {}
        first, last = self.period()
        span = Span.of_days(self.brand, first, last)
        if "from_moment" in self.fields:
            today = day_start(self.brand, business_day(self.brand))
            span = Span(chosen.get("from_moment") or today - timedelta(days=7), chosen.get("to_moment") or _after_now())
        known = ("product", "category", "location")
        return Scope(
            brand=self.brand, span=span, first=first, last=last, by=chosen.get("by") or "product",
            options={name: value for name, value in chosen.items() if name not in known},
            **{name: chosen.get(name) for name in known},
        )  # fmt: skip


def _choices(brand: Brand) -> dict[str, Any]:
    """What a person may choose of the brand's own."""
    return {
        "product": Product.objects.of(brand),
        "location": Location.objects.of(brand).internal(),
        "supplier": Partner.objects.of(brand).filter(is_supplier=True, is_active=True),
    }


def _after_now() -> datetime:
    """Clocks of phones run ahead: what they posted a moment from now has moved."""
    return timezone.now() + timedelta(days=2)
