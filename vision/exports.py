"""People's answers as a table: labels for training the next model."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse

from vision.models import Correction

COLUMNS = {
    "when": "created_at",
    "brand": "brand__slug",
    "photo": "analysis__image__public_id",
    "photo_sha256": "photo_sha256",
    "task": "task",
    "suggested": "suggested",
    "confidence": "confidence",
    "decision": "decision",
    "label": "label",
    "accepted": "accepted",
    "model": "model_version__name",
    "by": "actor__username",
}


def corrections_csv(corrections: QuerySet[Correction]) -> StreamingHttpResponse:
    """One line an answer, oldest first, sent while it is read. UTF-8 with a mark, so that Excel reads Korean."""
    response = StreamingHttpResponse(_lines(corrections), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="answers.csv"'
    return response


def _lines(corrections: QuerySet[Correction]) -> Iterator[str]:
    line = io.StringIO()
    writer = csv.writer(line)
    yield "\ufeff"
    rows = corrections.order_by("pk").values_list(*COLUMNS.values()).iterator(chunk_size=1000)
    for row in ([tuple(COLUMNS)], rows):
        for values in row:
            writer.writerow([_cell(value) for value in values])
            yield line.getvalue()
            line.seek(0)
            line.truncate()


def _cell(value: Any) -> Any:
    """Times in ISO 8601. A text that a spreadsheet would take for a formula gets an apostrophe in front."""
    if hasattr(value, "isoformat"):
        return value.isoformat(timespec="seconds")
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
