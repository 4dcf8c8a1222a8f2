"""The rows of an import as a person reads them."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from erp.exchange.models import ImportJob, ImportRow
from erp.exchange.products.columns import LABELS
from erp.exchange.products.exporting import BOM
from erp.exchange.products.messages import field_of, message_of
from erp.exchange.products.text import neutral
from erp.exchange.products.vocabulary import CHOICES, Vocabulary
from erp.exchange.products.widgets import MeasuresWidget

AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class ShownRow:
    number: int
    fate: str
    fate_label: str
    applied: bool
    name: str
    details: str
    changes: list[tuple[str, str, str]]  # column, before, after; `before` blank where nothing was there
    errors: list[tuple[str, str]]  # column, sentence


class Reader:
    """Words the stored rows of one import, in the language of the moment."""

    def __init__(self, job: ImportJob) -> None:
        self.job = job
        self.vocabulary = Vocabulary(job.brand)

    def shown(self, row: ImportRow) -> ShownRow:
        cells = {name: row.cells[place] for name, place in self.job.columns.items()}
        code = cells.get("sku") or cells.get("barcode") or ""
        name = cells.get("name_ko") or cells.get("name_en") or cells.get("style_number") or code
        details = [cells.get(column, "") for column in ("style_number", "colour", "size")] + [code]
        return ShownRow(
            number=row.number,
            fate=row.fate,
            fate_label=row.get_fate_display(),
            applied=row.applied,
            name=name or _("Row %(number)s") % {"number": row.number},
            details=" · ".join(filter(None, dict.fromkeys(part for part in details if part != name))),
            changes=[(str(LABELS[c]), self.value(c, before), self.value(c, after))
                     for c, (before, after) in row.changes.items()],
            errors=[(field_of(error), self.sentence(error)) for error in row.errors],
        )  # fmt: skip

    def value(self, column: str, value: Any) -> str:
        if value in (None, ""):
            return ""
        if isinstance(value, bool):
            return _("Yes") if value else _("No")
        if isinstance(value, int):
            return number_format(value, force_grouping=True)
        if column == "measures":
            return MeasuresWidget().render(value)
        if column == "price":
            return number_format(value, force_grouping=True)
        return str(self.vocabulary.name_of(column, value))

    def sentence(self, error: dict[str, Any]) -> str:
        params = dict(error.get("params") or {})
        if column := params.get("column"):
            params |= {name: self.value(column, params[name]) for name in ("value", "seen", "now") if name in params}
        return message_of(error | {"params": params}, self._words)

    def _words(self, column: str) -> str:
        if column in CHOICES:
            return ", ".join(str(label) for _value, label in CHOICES[column].choices)
        terms = self.vocabulary.categories if column == "category" else self.vocabulary.patterns
        return ", ".join(term.name for term in terms.values())


def rows_csv(job: ImportJob, fates: Sequence[str]) -> Iterator[bytes]:
    """The rows as they came, each with what becomes of it and why: to be mended there and uploaded again."""
    reader = Reader(job)
    headings = [*job.headings, _("Row"), _("Result"), _("Reason")]

    def parts() -> Iterator[bytes]:
        text = StringIO()
        writer = csv.writer(text)
        text.write(BOM)
        writer.writerow([neutral(heading) for heading in headings])
        rows = job.rows.filter(fate__in=fates) if fates else job.rows.all()
        for n, row in enumerate(rows.order_by("number").iterator(chunk_size=AT_ONCE), 1):
            shown = reader.shown(row)
            reasons = [f"{field}: {sentence}" if field else sentence for field, sentence in shown.errors]
            cells = [neutral_again(cell) for cell in row.cells]
            writer.writerow([*cells, row.number, shown.fate_label, neutral(" / ".join(reasons))])
            if n % AT_ONCE == 0:
                yield _taken(text)
        yield _taken(text)

    return parts()


def neutral_again(cell: str) -> str:
    """A cell as it came; one that an export of ours made harmless is so already."""
    return cell if cell.startswith("'") else neutral(cell)


def _taken(text: StringIO) -> bytes:
    content = text.getvalue()
    text.seek(0)
    text.truncate()
    return content.encode("utf-8", "replace")
