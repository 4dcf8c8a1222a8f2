"""Changes as a file: a row for each field, in constant memory, safe to open in a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from catalog.audit.words import ChangeWords, in_words
from erp.core.tables import CHUNK, CSV, csv_parts, file_headers, safe_text


def changes_csv(changes: Any, *, name: str) -> HttpResponseBase:
    """The (filtered) changes, newest first, in the language of this moment."""
    header = [
        _("No."), _("When"), _("Brand"), _("By"), _("What happened"), _("Kind of thing"), _("Thing"), _("Field"),
        _("Before"), _("After"),
    ]  # fmt: skip
    rows = _rows(changes.select_related("brand").order_by("-pk"), get_language() or "ko")
    file = file_headers(f"{name}-changes-{timezone.localdate()}.csv")
    return StreamingHttpResponse(csv_parts(header, rows), CSV, headers=file)


def _rows(changes: Any, language: str) -> Iterator[list[Any]]:
    found = changes.iterator(chunk_size=CHUNK)
    while part := list(islice(found, CHUNK)):
        with override(language):
            lines = [line for words in in_words(part) for line in _lines(words)]
        yield from lines


def _lines(words: ChangeWords) -> Iterator[list[Any]]:
    change, brand = words.change, words.change.brand
    zone = ZoneInfo(brand.time_zone) if brand else timezone.get_default_timezone()
    moment = change.timestamp.astimezone(zone).replace(tzinfo=None, microsecond=0)
    start = [change.pk, moment, *map(safe_text, (brand.slug if brand else "", words.who))]
    thing = [str(change.get_action_display()), words.kind, safe_text(change.object_repr)]
    for field in words.fields:
        yield [*start, *thing, *map(safe_text, (field.label, field.before, field.after))]
