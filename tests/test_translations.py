"""Every text a person reads has its Korean."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
KEYWORDS: dict[str, object] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


def sources() -> Iterator[tuple[Path, str]]:
    for folder in ("erp", "catalog", "vision"):
        for path in (ROOT / folder).rglob("*.py"):
            yield path, path.read_text()
    for path in (ROOT / "templates").rglob("*.*"):
        yield path, templatize(path.read_text(), str(path))


def used_messages() -> dict[str, Path]:
    """Every msgid in the code and the templates, with a place it is used."""
    found: dict[str, Path] = {}
    for path, text in sources():
        for _line, message, _comments, _context in extract("python", io.BytesIO(text.encode()), keywords=KEYWORDS):
            first = message[0] if isinstance(message, tuple) else message
            if first:
                found[first] = path.relative_to(ROOT)
    return found


@pytest.fixture(scope="module")
def korean() -> dict[str, str]:
    with (ROOT / "locale/ko/LC_MESSAGES/django.po").open("rb") as file:
        catalog = read_po(file, locale="ko")
    plain = {}
    for message in catalog:
        if message.id and not message.fuzzy:
            first = message.id[0] if isinstance(message.id, tuple) else message.id
            plain[first] = message.string[0] if isinstance(message.string, tuple) else message.string
    return plain


def test_every_text_has_its_korean(korean) -> None:
    missing = {message: str(path) for message, path in used_messages().items() if not korean.get(message)}
    assert missing == {}


def test_translations_keep_their_placeholders(korean) -> None:
    wrong = {
        message: text
        for message, text in korean.items()
        if text and set(PLACEHOLDER.findall(message)) != set(PLACEHOLDER.findall(text))
    }
    assert wrong == {}
