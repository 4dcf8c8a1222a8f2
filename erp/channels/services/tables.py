"""Files of people's own making: tables that they design, and marketplaces' forms that they upload."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _

from catalog.services.saving import refuse, save_clean
from erp.channels.formats.shopee import KEYS, keys_of
from erp.channels.formats.values import VALUES
from erp.channels.models import Channel, ChannelListing, FileTemplate
from erp.channels.services.staleness import listings_changed
from erp.core.errors import DomainError, Problem

FORMATS = ("csv", "tsv", "xlsx")
ENCODINGS = ("utf-8-sig", "utf-8", "cp949", "utf-16")
ROWS = ("variant", "product")
MOST_COLUMNS = 200
MOST_SIGNS = 120
MOST_BYTES = 5 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column that a person designed: a fact of ours, or a text that is the same on every line."""

    header: str
    value: str = ""
    text: str = ""
    required: bool = False

    def as_dict(self) -> dict[str, Any]:
        found: dict[str, Any] = {"header": self.header, "value": self.value or f"={self.text}"}
        return found | ({"required": True} if self.required else {})

    @classmethod
    def of(cls, raw: dict[str, Any]) -> TableColumn:
        value = str(raw.get("value", ""))
        fixed = value.startswith("=")
        return cls(raw["header"], "" if fixed else value, value[1:] if fixed else "", bool(raw.get("required")))


@transaction.atomic
def save_table(
    *, channel: Channel, file_format: str, encoding: str, rows: str, columns: Sequence[TableColumn]
) -> FileTemplate:
    """The table that this channel's files are from now on. Raises DomainError with a problem for each column, whose
    `line` is its number."""
    if channel.kind != Channel.Kind.GENERIC:
        raise refuse("no_own_table", _("This marketplace takes its own columns only."), "columns")
    problems = list(table_problems(columns))
    if file_format not in FORMATS or encoding not in ENCODINGS or rows not in ROWS:
        problems.append(Problem("unknown_format", _("Choose a kind of file from the list."), "file_format"))
    if problems:
        raise DomainError("incomplete", _("Some of the entries need mending."), problems)
    row = _template(channel)
    row.file_format, row.encoding, row.rows = file_format, encoding, rows
    row.columns = [column.as_dict() for column in columns]
    save_clean(row)
    listings_changed(ChannelListing.objects.filter(channel=channel))
    return row


@transaction.atomic
def save_form(*, channel: Channel, data: bytes) -> FileTemplate:
    """Takes a marketplace's own form, to be filled from now on. Raises DomainError `no_form`, `file_*`."""
    if channel.kind != Channel.Kind.SHOPEE:
        raise refuse("no_own_form", _("Only Shopee's form is filled; other files are made by Jangbu."), "file")
    if len(data) > MOST_BYTES:
        message = _("This file has more than %(most)s MB. Download an empty form and send that.")
        raise refuse("file_too_large", message % {"most": MOST_BYTES // 1024**2}, "file")
    keys = keys_of(data)
    row = _template(channel)
    old = row.file.name
    row.file_format, row.rows = "xlsx", "variant"
    row.columns = [
        {"header": key, "value": KEYS.get(key, "")} | ({"required": True} if required else {})
        for key, required in keys.items()
    ]
    row.file.save("", ContentFile(data), save=False)
    save_clean(row)
    _remove_file(row, old)
    listings_changed(ChannelListing.objects.filter(channel=channel))
    return row


@transaction.atomic
def remove_template(*, channel: Channel) -> None:
    """Back to the table that Jangbu ships."""
    row = FileTemplate.objects.filter(channel=channel).first()
    if row:
        _remove_file(row, row.file.name)
        row.delete()
        listings_changed(ChannelListing.objects.filter(channel=channel))


def table_problems(columns: Sequence[TableColumn]) -> Iterator[Problem]:
    if not columns:
        yield Problem("no_columns", _("A table needs a column. Add one."), "columns")
    if len(columns) > MOST_COLUMNS:
        yield Problem("too_many", _("At most %(most)s columns.") % {"most": MOST_COLUMNS}, "columns")
    seen: dict[str, int] = {}
    for line, column in enumerate(columns, start=1):
        if not column.header:
            yield Problem("no_heading", _("Type a heading."), "header", line)
        elif len(column.header) > MOST_SIGNS or len(column.text) > MOST_SIGNS:
            yield Problem("too_long", _("At most %(most)s characters.") % {"most": MOST_SIGNS}, "header", line)
        elif column.header in seen:
            message = _("Column %(line)s is called so already.") % {"line": seen[column.header]}
            yield Problem("heading_twice", message, "header", line)
        seen.setdefault(column.header, line)
        if column.value and column.value not in VALUES:
            yield Problem("unknown_fact", _("Choose what stands in this column."), "value", line)


def _template(channel: Channel) -> FileTemplate:
    Channel.objects.select_for_update(of=("self",), no_key=True).get(pk=channel.pk)
    return FileTemplate.objects.filter(channel=channel).first() or FileTemplate(channel=channel)


def _remove_file(row: FileTemplate, name: str | None) -> None:
    """Once the change is kept, so that a refusal leaves the old form."""
    if name:
        storage = row.file.storage
        transaction.on_commit(lambda: storage.delete(name))
