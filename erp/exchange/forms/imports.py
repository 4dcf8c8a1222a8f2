"""Choosing a file, and saying what its columns mean."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from erp.core.errors import DomainError
from erp.core.models import User
from erp.exchange import services
from erp.exchange.models import ImportJob
from erp.exchange.products.columns import COLUMNS, IDENTITY, LABELS, OF_PRODUCT, OF_VARIANT
from erp.exchange.products.tables import ENCODINGS, OF_PRODUCTS, Limits, too_large
from erp.inventory.models import Location

ENCODING_NAMES = {
    "utf-8": "UTF-8",
    "cp949": "CP949 (EUC-KR)",
    "utf-16": "UTF-16",
    "shift_jis": "Shift_JIS",
    "gb18030": "GB18030",
    "big5": "Big5",
    "cp1252": "Windows-1252",
}
DELIMITER_NAMES = [(",", _("Comma")), ("\t", _("Tab")), (";", _("Semicolon")), ("|", _("Vertical bar"))]


class TableFileForm(forms.Form):
    """Choosing a table; `limits` says how large it may be."""

    limits: ClassVar[Limits] = OF_PRODUCTS
    file = forms.FileField(
        label=_("File"),
        error_messages={"required": _("Choose a file first."), "empty": _("This file is empty. Choose another.")},
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > self.limits.size:
            raise forms.ValidationError(str(too_large(file.size, self.limits).message), "file_too_large")
        return file


class UploadForm(TableFileForm):
    def save(self, *, brand: Any, actor: User) -> ImportJob | None:
        """The import of the file; None where it is refused, with the reason at the field."""
        file = self.cleaned_data["file"]
        try:
            return services.create_import(brand=brand, actor=actor, data=file.read(), filename=file.name or "")
        except DomainError as error:
            self.add_error("file", str(error.message))
            return None


class ReadingForm(forms.Form):
    """How the text of a CSV is read."""

    encoding = forms.ChoiceField(label=_("Encoding"), choices=[(e, ENCODING_NAMES[e]) for e in ENCODINGS])
    delimiter = forms.ChoiceField(label=_("Between the columns"), choices=DELIMITER_NAMES)


class ColumnsForm(forms.Form):
    """A select of headings for each column. What one file says is remembered for the next with the same headings."""

    location = forms.ModelChoiceField(
        Location.objects.none(),
        label=_("Where the stock lies"),
        required=False,
        empty_label=_("Each row says so itself"),
        help_text=_("For rows that name no place."),
    )

    def __init__(self, *args: Any, job: ImportJob, **kwargs: Any) -> None:
        places = {str(name): place for name, place in job.columns.items()}
        initial = {f"column-{name}": place for name, place in places.items()} | {"location": job.location_id}
        super().__init__(*args, **kwargs | {"initial": initial})
        self.job = job
        location: Any = self.fields["location"]
        location.queryset = Location.objects.of(job.brand).internal().open()
        choices = [("", _("Not in this file")), *((n, _heading(n, text)) for n, text in enumerate(job.headings))]
        for name in COLUMNS:
            self.fields[f"column-{name}"] = forms.TypedChoiceField(
                label=LABELS[name], choices=choices, coerce=int, required=False, empty_value=None
            )

    def chosen(self) -> dict[str, int]:
        found = {name: self.cleaned_data.get(f"column-{name}") for name in COLUMNS}
        return {name: place for name, place in found.items() if place is not None}

    def groups(self) -> list[tuple[Any, list[Any]]]:
        """The columns as a person thinks of them."""
        parts: list[tuple[Any, tuple[str, ...]]] = [
            (_("Which variant"), ("style_number", "colour", "size", *OF_VARIANT[:2])),
            (_("The product"), OF_PRODUCT),
            (_("Sale and stock"), ("for_sale", "stock", IDENTITY[3])),
        ]
        return [(title, [self[f"column-{name}"] for name in names]) for title, names in parts]

    def save(self, *, actor: User) -> bool:
        """Starts the dry run; False where the columns are refused, with the reasons on top."""
        try:
            location = self.cleaned_data["location"]
            services.check_import(job=self.job, actor=actor, columns=self.chosen(), location=location)
        except DomainError as error:
            for message in [problem.message for problem in error.problems] or [error.message]:
                self.add_error(None, str(message))
            return False
        return True


def _heading(place: int, text: str) -> str:
    return text or f"#{place + 1}"
