"""Entries that may say when it happened: for those who have the right, shown to them only."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from erp.core.errors import DomainError
from erp.inventory.forms.entry import EntryForm
from erp.inventory.forms.sheet import fill_balances

MINUTE = "%Y-%m-%dT%H:%M"


class DatedEntryForm(EntryForm):
    """With the day and time that it happened on, read in the brand's time zone; blank: now."""

    occurred_at = forms.DateTimeField(
        label=_("Happened on"),
        required=False,
        input_formats=[MINUTE, "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MINUTE),
        help_text=_("Only if it was on an earlier day. Leave it blank for now."),
    )

    def common(self) -> dict[str, Any]:
        return super().common() | {"occurred_at": self.cleaned_data["occurred_at"]}

    def take(self, error: DomainError) -> None:
        """What is wrong with the time stands at its field."""
        moments = [problem for problem in error.problems if problem.field == "occurred_at"]
        for problem in moments:
            self.add_error("occurred_at", str(problem.message))
        if not moments or len(moments) < len(error.problems):
            return super().take(error)
        fill_balances(self.sheet, self.cleaned_data["location"])
        return None
