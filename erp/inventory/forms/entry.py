"""The forms of the stock entries: where from, where to, why, and the sheet of quantities."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from typing import Any, ClassVar, cast

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from catalog.models import Brand
from erp.core.errors import DomainError, Problem
from erp.core.models import User
from erp.inventory import services
from erp.inventory.forms.sheet import UNKNOWN, Cell, Sheet, build_sheet, fill_balances
from erp.inventory.models import Location, Posting


class Reloading(forms.Select):
    """A choice that changes the balances the cells show: the page is drawn again with what was typed."""

    def __init__(self) -> None:
        super().__init__(attrs={"data-reload": ""})


class EntryForm(forms.Form):
    """What all entries share: the idempotency key of this rendering, the sheet, and errors at their cells.

    `data` is posted and checked; `draft` is typed so far and only shown again.
    """

    title: ClassVar[Any]
    lead: ClassVar[Any]
    limited: ClassVar[bool] = False  # no more can go than is available
    promises: ClassVar[bool] = False  # what is available counts, and more may be asked for
    places: ClassVar[int] = 1  # how many open ones it takes
    too_few: ClassVar[Any] = _("No place is open")

    key = forms.UUIDField(widget=forms.HiddenInput)
    location = forms.ModelChoiceField(Location.objects.none(), label=_("Where"), empty_label=None, widget=Reloading)
    reference = forms.CharField(label=_("Reference"), max_length=80, required=False)
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        brand: Brand,
        products: Iterable[int] = (),
        draft: QueryDict | None = None,
    ) -> None:
        typed = {name: draft[name] for name in self.base_fields if draft.get(name)} if draft else {}
        super().__init__(data, initial={"key": uuid.uuid4()} | typed)
        self.brand = brand
        self.fill_locations(our_locations(brand))
        source = data if data is not None else draft
        self.seen_at = self.place(source)
        self.sheet: Sheet = build_sheet(brand, products=products, location=self.seen_at, data=source)

    def fill_locations(self, locations: QuerySet[Location]) -> None:
        choice(self, "location").queryset = locations

    def place(self, source: QueryDict | None) -> Location | None:
        """The location whose balances are shown: the chosen one, else the first."""
        places = list(choice(self, "location").queryset or ())
        chosen = source.get("location") if source else None
        return next((place for place in places if str(place.pk) == chosen), places[0] if places else None)

    @property
    def lacks_places(self) -> bool:
        return len(choice(self, "location").queryset or ()) < self.places

    def clean(self) -> dict[str, Any]:
        if "key" in self.errors:
            self.start_anew(_("This page was incomplete. Look it over and press again."))
        for key, text in self.sheet.unknown:
            self.add_error(None, UNKNOWN % {"key": key, "text": text})
        self.count_wrong_cells()
        if not self.non_field_errors() and not self.is_enough():
            self.add_error(None, _("Type how many pieces in at least one cell."))
        return self.cleaned_data

    def count_wrong_cells(self) -> None:
        if wrong := sum(1 for cell in self.sheet.cells.values() if cell.error):
            words = ngettext("%(n)s cell needs mending.", "%(n)s cells need mending.", wrong) % {"n": wrong}
            self.add_error(None, words + " " + gettext("Nothing was saved yet."))

    def is_enough(self) -> bool:
        return self.sheet.total > 0

    def quantities(self) -> dict[int, int]:
        """What goes to the ledger: pieces by variant id, in the order of the lines it names in its problems."""
        return {pk: quantity for pk, quantity in self.sheet.entered().items() if quantity}

    def save(self, actor: User) -> Posting | None:
        """Posts the entry; None where there was nothing to post, or the ledger refused it.

        After a refusal the form has errors: every reason lies at its cell or above the form.
        """
        try:
            return self.post(actor=actor, idempotency_key=str(self.cleaned_data["key"]))
        except DomainError as error:
            self.take(error)
            return None

    def post(self, *, actor: User, idempotency_key: str) -> Posting | None:
        raise NotImplementedError

    def common(self) -> dict[str, Any]:
        """The arguments that all services of the ledger take alike."""
        return {
            "brand": self.brand,
            "note": self.cleaned_data["note"],
            "reference": self.cleaned_data["reference"],
        }

    def take(self, error: DomainError) -> None:
        """Puts each problem at the cell whose line it names; the rest stands above the form."""
        if error.code == "idempotency_conflict":
            # The page was posted before with other numbers, say after going back.
            return self.start_anew(
                _("This page was posted before, with other numbers. To post what stands here as well, press again.")
            )
        fill_balances(self.sheet, self.cleaned_data["location"])
        lines = list(self.quantities())
        for problem in error.problems:
            cell = self.sheet.cells.get(lines[problem.line - 1]) if problem.line else None
            if cell:
                cell.error = self.at_cell(problem, cell)
            else:
                self.add_error(None, str(problem.message))
        self.count_wrong_cells()
        if not self.non_field_errors():
            self.add_error(None, str(error.message))
        return None

    def at_cell(self, problem: Problem, cell: Cell) -> str:
        """A problem in the few words a cell has room for."""
        if problem.code == "insufficient_stock" and (cell.quantity or 0) > cell.available:
            return _("Only %(n)s to take.") % {"n": number_format(cell.available, force_grouping=True)}
        return str(problem.message)

    def start_anew(self, reason: Any) -> None:
        """Gives the page another key, so that the next press is a new posting."""
        data = cast(QueryDict, self.data).copy()
        data["key"] = str(uuid.uuid4())
        self.data = data
        self.add_error(None, reason)

    def button(self, n: int) -> str:
        """The words of the button for a count, with `%(n)s` where the number stands."""
        raise NotImplementedError

    @property
    def label(self) -> str:
        """The words of the button for what is typed now."""
        n = len(self.sheet.entered()) if self.words["kind"] == "cells" else self.sheet.total
        return self.button(n) % {"n": number_format(n, force_grouping=True)}

    @property
    def words(self) -> dict[str, str]:
        return words_of(self.button)


def choice(form: forms.Form, name: str) -> forms.ModelChoiceField:
    """A field whose choices depend on the brand."""
    return cast(forms.ModelChoiceField, form.fields[name])


def words_of(button: Callable[[int], str], *, counts_cells: bool = False) -> dict[str, str]:
    """What the page's script needs to keep the button's words true while numbers are typed."""
    kind = "cells" if counts_cells else "pieces"
    return {"kind": kind, "none": button(0), "one": button(1), "many": button(2)}


def our_locations(brand: Brand) -> QuerySet[Location]:
    """The internal locations in use; the standard ones are made for a brand that has none yet."""
    ours = Location.objects.of(brand).internal().open()
    if not ours.exists():
        services.ensure_locations(brand=brand)
    return ours
