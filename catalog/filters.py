"""Filters of days, as every history has them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import django_filters as filters
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone

from catalog.access import visible_brands
from catalog.days import FIRST_DAY, day_start
from catalog.models import Brand


class DayFilter(filters.DateFilter):
    """A business day that no time zone and no addition of a day carries out of the calendar."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        validators = [MinValueValidator(FIRST_DAY), MaxValueValidator(date(2999, 12, 31))]
        widget = forms.DateInput(attrs={"type": "date"})
        super().__init__(*args, **{"widget": widget, "validators": validators} | kwargs)


class BusinessDays:
    """Of a filter set with the fields `brand`, `since` and `until`: both days make one period of business days.

    They are days of `of_brand`, or of the brand that is asked about, else of the first brand a person sees.
    """

    def __init__(self, *args: Any, brand: Brand | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.of_brand = brand
        if brand:
            del self.filters["brand"]  # type: ignore[attr-defined]

    def asked_brand(self) -> Brand | None:
        form: Any = self.form  # type: ignore[attr-defined]
        return self.of_brand or form.cleaned_data.get("brand")

    def period(self) -> tuple[datetime | None, datetime | None]:
        """From the beginning of `since` to the end of `until`."""
        days: Any = self.form.cleaned_data  # type: ignore[attr-defined]
        start = self._start(days["since"]) if days.get("since") else None
        end = self._start(days["until"] + timedelta(days=1)) if days.get("until") else None
        return start, end

    def _start(self, day: date) -> datetime:
        brand = self.asked_brand() or visible_brands(self.request).first()  # type: ignore[attr-defined]
        return day_start(brand, day) if brand else timezone.make_aware(datetime.combine(day, time.min))
