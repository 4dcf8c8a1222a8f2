"""Slips by number, buyer and day."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters

from erp.core.filters import IdFilter
from erp.trade.models import Slip

NUMBER = re.compile(r"(\d{4})(\d{2})(\d{2})-(\d{1,6})")


def slip_number(text: str) -> dict[str, Any] | None:
    """`20261121-003` as the day and number it is; None for other text."""
    found = NUMBER.fullmatch(text.strip())
    if found is None:
        return None
    try:
        day = date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None
    return {"day": day, "number": int(found[4])}


class SlipFilter(filters.FilterSet):
    q = filters.CharFilter(method="search", label=_("Number or buyer"))
    buyer = IdFilter(label=_("Buyer"))
    day = filters.DateFilter(label=_("Day"))
    kind = filters.ChoiceFilter(choices=Slip.Kind.choices, label=_("Kind"))

    class Meta:
        model = Slip
        fields = ["q", "buyer", "day", "kind"]

    def search(self, slips: Any, name: str, text: str) -> Any:
        """A whole number, the end of one, or a part of the buyer's name as it was written."""
        text = text.strip()[:120]
        if whole := slip_number(text):
            return slips.filter(**whole)
        last = text.lstrip("-")
        found = Q(buyer_name__icontains=text) | Q(buyer__name__icontains=text)
        return slips.filter(found | Q(number=int(last))) if last.isdecimal() and len(last) < 7 else slips.filter(found)
