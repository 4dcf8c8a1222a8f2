"""A table that people design column by column, a form that they upload, and texts with places for facts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from erp.channels.formats.labels import FACT_GROUPS
from erp.channels.models import Channel, FileTemplate
from erp.channels.services import tables
from erp.channels.services.tables import MOST_BYTES, MOST_COLUMNS, TableColumn, save_form, save_table
from erp.channels.templates import template_for
from erp.core.errors import DomainError
from erp.trade.forms.partners import Refusing

FIXED = "="
VALUE_CHOICES = [
    *((group, list(facts.items())) for group, facts in FACT_GROUPS),
    (FIXED, _("A fixed text")),
]
FORMAT_WORDS = (("csv", "CSV"), ("tsv", _("CSV with tabs (TSV)")), ("xlsx", "Excel (XLSX)"))
ENCODING_WORDS = (
    ("utf-8-sig", _("UTF-8, as Excel reads it")),
    ("utf-8", "UTF-8"),
    ("cp949", _("CP949, for older Korean programs")),
    ("utf-16", "UTF-16"),
)
ROW_WORDS = (("variant", _("one variant")), ("product", _("one product")))
_STEP = re.compile(r"^(up|down|remove):(\d{1,3})$")


class TableForm(Refusing, forms.Form):
    """The kind of file, and its columns as rows of their own (`columns`), which a button moves without saving."""

    file_format = forms.ChoiceField(label=_("Kind of file"), choices=FORMAT_WORDS)
    encoding = forms.ChoiceField(label=_("Encoding"), choices=ENCODING_WORDS, help_text=_("Of CSV files."))
    rows = forms.ChoiceField(label=_("A line is"), choices=ROW_WORDS)

    def __init__(self, data: Any = None, *, channel: Channel) -> None:
        template = template_for(channel)
        initial = {"file_format": template.file, "encoding": template.encoding, "rows": template.rows}
        super().__init__(data, initial=initial)
        self.channel = channel
        self.column_errors: dict[int, list[str]] = {}
        stored = [TableColumn.of(_raw(column)) for column in template.columns]
        self.columns = stored if data is None else _typed(data)

    def step(self, action: str) -> None:
        """Moves, removes or adds a column; nothing is saved by it."""
        if action == "add":
            self.columns.append(TableColumn("", value="style_number"))
        elif found := _STEP.match(action):
            place = int(found[2])
            if place < len(self.columns):
                column = self.columns.pop(place)
                if found[1] != "remove":
                    self.columns.insert(max(0, place + (1 if found[1] == "down" else -1)), column)

    def rows_shown(self) -> list[tuple[int, TableColumn, str, list[str]]]:
        """Each column with its place, what is chosen for it and what is wrong with it."""
        return [
            (place, column, column.value or FIXED, self.column_errors.get(place, []))
            for place, column in enumerate(self.columns)
        ]

    def take(self, error: DomainError) -> None:
        for problem in error.problems:
            if problem.line is not None:
                self.column_errors.setdefault(problem.line - 1, []).append(str(problem.message))
        rest = [problem for problem in error.problems if problem.line is None]
        if rest or not error.problems:
            super().take(DomainError(error.code, error.message, rest))
        else:
            self.add_error(None, str(error.message))

    def save(self) -> FileTemplate | None:
        """None where it was refused, with the reasons at the columns."""
        try:
            return save_table(channel=self.channel, columns=self.columns, **self.cleaned_data)
        except DomainError as error:
            self.take(error)
            return None

    def as_template(self) -> FileTemplate | None:
        """What stands here as a template that is not saved, for the preview; None where it cannot be one."""
        if not self.is_valid() or any(tables.table_problems(self.columns)):
            return None
        columns = [column.as_dict() for column in self.columns]
        return FileTemplate(channel=self.channel, columns=columns, **self.cleaned_data)


def _raw(column: Any) -> dict[str, Any]:
    """A column of a shipped table that nothing fills is a text of people's own."""
    return {"header": column.header, "value": column.value or f"={column.default}", "required": column.required}


def _typed(data: Mapping[str, Any]) -> list[TableColumn]:
    columns = []
    for place in range(MOST_COLUMNS + 1):
        if f"header-{place}" not in data:
            break
        value = str(data.get(f"value-{place}", ""))
        column = TableColumn(
            str(data[f"header-{place}"]).strip(), value, str(data.get(f"text-{place}", "")), f"required-{place}" in data
        )
        columns.append(replace(column, value="") if value == FIXED else column)
    return columns


class UploadForm(Refusing, forms.Form):
    file = forms.FileField(
        label=_("Shopee's mass upload form"),
        error_messages={"required": _("Choose a file first."), "empty": _("This file is empty. Choose another.")},
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
    )

    def save(self, channel: Channel) -> bool:
        """False where it was refused, with the reason at the field."""
        file = self.cleaned_data["file"]
        try:
            save_form(channel=channel, data=file.read(MOST_BYTES + 1))
        except DomainError as error:
            self.take(error)
            return False
        return True
