"""Names of our vocabulary and of options in a channel's language, and descriptions made of facts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from django.utils import translation
from django.utils.safestring import SafeString

_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_PLACE = re.compile(r"\{(\w+)\}")
# What a template of descriptions may name.
FACTS = (
    "title", "material", "care", "sizes", "size_table", "colours", "pattern", "category", "season", "brand",
    "style_number",
)  # fmt: skip


@cache
def words() -> dict[str, Any]:
    return json.loads(Path(__file__).with_name("words.json").read_text(encoding="utf-8"))


def name_in(term: Any, table: str, language: str) -> str:
    """A term's name; a language that the term has no name in takes the English one, else the Korean."""
    if term is None:
        return ""
    if language == "ko":
        return term.name_ko
    translated = words().get(language, {}).get(table, {}).get(term.slug, "")
    return translated or term.name_en or term.name_ko


def choice_in(row: Any, field: str, language: str) -> str:
    """What a choice of a row is called, whatever language the pages are read in."""
    value = getattr(row, field)
    translated = words().get(language, {}).get(f"{field}s", {}).get(value, "")
    with translation.override("ko" if language == "ko" else "en"):
        return translated or str(getattr(row, f"get_{field}_display")())


def option_names(language: str) -> tuple[str, str]:
    """What the two options are called: colour and size."""
    found = words()["options"][language]
    return found["colour"], found["size"]


def shipped_description(language: str) -> str:
    return str(words()["descriptions"][language])


def described(body: str, facts: Mapping[str, str]) -> str:
    """A template filled with facts, as HTML, a paragraph a line. Lines whose facts are all blank are left out."""
    lines: list[str] = []
    for line in body.splitlines():
        named = _PLACE.findall(line)
        if not named or any(facts.get(name) for name in named):
            lines += _paragraphs(line, facts)
    return "".join(lines)


def _paragraphs(line: str, facts: Mapping[str, str]) -> Iterator[str]:
    """The texts of a line; a fact that is HTML already, as a table is, stands between them."""
    text = ""
    for number, part in enumerate(_PLACE.split(line)):
        found = facts.get(part, "") if number % 2 else part
        if isinstance(found, SafeString):
            yield from (_paragraph(text), found)
            text = ""
        else:
            text += found
    yield _paragraph(text)


def _paragraph(text: str) -> str:
    return f"<p>{escape(text.strip())}</p>" if text.strip() else ""


def as_html(text: str) -> str:
    """What a person typed: a paragraph a line, unless it is HTML already."""
    if not text or _TAG.search(text):
        return text
    return "".join(_paragraph(line) for line in text.splitlines())


def unknown_facts(body: str) -> list[str]:
    """Places of a template that no fact fills."""
    return sorted({name for name in _PLACE.findall(body) if name not in FACTS})
