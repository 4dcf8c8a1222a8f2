"""Making the book agree with the shelf: by what is there now, or by what is too much or too little."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from erp.core.errors import Problem
from erp.core.models import User
from erp.inventory import services
from erp.inventory.forms.dated import DatedEntryForm
from erp.inventory.forms.entry import words_of
from erp.inventory.forms.sheet import Cell
from erp.inventory.models import Posting


class Mode(models.TextChoices):
    COUNT = "count", _("Pieces there now")
    ADD = "add", _("Pieces to add")
    REMOVE = "remove", _("Pieces to take away")


class AdjustForm(DatedEntryForm):
    """A count is compared with the balance the person saw; adding and taking away need a reason."""

    title = _("Adjust stock")
    lead = _("Make the book agree with the shelf.")

    mode = forms.ChoiceField(label=_("What do you type?"), choices=Mode, initial=Mode.COUNT, widget=forms.RadioSelect)
    field_order = ["key", "mode", "location", "note", "reference"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].label = _("Reason")
        self.fields["note"].help_text = _("Found, damaged, lost, given away …")

    @property
    def mode_now(self) -> str:
        return str(self["mode"].value())

    @property
    def is_count(self) -> bool:
        return self.mode_now not in (Mode.ADD, Mode.REMOVE)

    def clean(self) -> dict[str, Any]:
        if self.is_count:
            for cell in self.sheet.cells.values():
                if cell.quantity is not None and cell.seen is None and not cell.error:
                    cell.error = gettext("Look at the number in the book again, then count.")
        elif "note" in self.cleaned_data and not self.cleaned_data["note"]:
            self.add_error("note", _("Say why, so that the history explains itself."))
        return super().clean()

    def is_enough(self) -> bool:
        return bool(self.sheet.entered()) if self.is_count else super().is_enough()

    def quantities(self) -> dict[int, int]:
        return self.sheet.entered() if self.is_count else super().quantities()

    def post(self, *, actor: User, idempotency_key: str) -> Posting | None:
        who = {"location": self.cleaned_data["location"], "actor": actor, "idempotency_key": idempotency_key}
        if self.is_count:
            cells = self.sheet.cells
            counts = {pk: services.Count(counted, cells[pk].seen or 0) for pk, counted in self.quantities().items()}
            return services.count_stock(counts=counts, **who, **self.common())
        sign = 1 if self.mode_now == Mode.ADD else -1
        deltas = {pk: sign * quantity for pk, quantity in self.quantities().items()}
        return services.adjust(deltas=deltas, **who, **self.common())

    def at_cell(self, problem: Problem, cell: Cell) -> str:
        if problem.code == "outdated_count":
            cell.seen = None  # the page now shows the new number
        return super().at_cell(problem, cell)

    def button(self, n: int) -> str:
        return self.button_of(self.mode_now, n)

    @property
    def words(self) -> dict[str, str]:
        return words_of(self.button, counts_cells=self.is_count)

    @staticmethod
    def button_of(mode: str, n: int) -> str:
        if mode == Mode.ADD:
            return ngettext("Add %(n)s piece", "Add %(n)s pieces", n) if n else gettext("Add")
        if mode == Mode.REMOVE:
            return ngettext("Take away %(n)s piece", "Take away %(n)s pieces", n) if n else gettext("Take away")
        return (
            ngettext("Save the count of %(n)s variant", "Save the count of %(n)s variants", n) if n else gettext("Save")
        )

    @property
    def modes(self) -> Iterator[dict[str, Any]]:
        """The choices of the page, each with the words of the button it leads to."""
        for value, label in Mode.choices:
            words = words_of(partial(self.button_of, value), counts_cells=value == Mode.COUNT)
            yield {"value": value, "label": label, "words": words, "checked": value == self.mode_now}
