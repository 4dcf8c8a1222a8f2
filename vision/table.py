"""Answers as a table for people, in the active language."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from catalog.taxonomy import shipped
from vision.prefill import Seen

PHOTO_WIDTH = 40
ANSWER_WIDTH = 26
MARKS = {"prefill": "✓", "suggest": "?", "unknown": "–"}


class Table:
    """One line a photo; the first comes with the heading."""

    def __init__(self, photos: Sequence[str]) -> None:
        self._photo_width = min(max(width_of(printable(photo)) for photo in photos), PHOTO_WIDTH)
        self._headed = False

    def lines(self, seen: Seen, message: str) -> str:
        cells = [printable(seen.photo)]
        cells += [f"! {message}"] if seen.error else answers(seen.result)
        line = self._row(cells)
        if self._headed:
            return line
        self._headed = True
        heading = self._row([_("Photo"), _("Category"), _("Pattern"), _("Colours")])
        return f"{heading}\n{line}"

    def _row(self, cells: Sequence[str]) -> str:
        widths = [self._photo_width, ANSWER_WIDTH, ANSWER_WIDTH]
        padded = [fit(cell, width) for cell, width in zip(cells[:-1], widths, strict=False)]
        return "  ".join([*padded, cells[-1]]).rstrip()


def answers(result: dict[str, Any]) -> list[str]:
    """Category, pattern and colours in words. ✓ can be filled in, ? is a guess, – nothing is claimed."""
    colours = ", ".join(f"{name_of('colours', c['name'])} {c['share']:.0%}" for c in result["colours"])
    if words := scene_words(result["scene"]["label"]):
        return [f"{MARKS['unknown']} {words}", MARKS["unknown"], colours or "–"]
    return [answer("categories", result["category"]), answer("patterns", result["pattern"]), colours or "–"]


def scene_words(label: str) -> str:
    """What is said of a photo that no single garment can be named from; blank for one of a garment."""
    return {"none": _("no garment"), "several": _("several garments")}.get(label, "")


def answer(table: str, said: dict[str, Any]) -> str:
    if said["decision"] == "unknown":
        return MARKS["unknown"] + " " + _("unknown")
    return f"{MARKS[said['decision']]} {name_of(table, said['label'])} {said['confidence']:.0%}"


def name_of(table: str, slug: str) -> str:
    """A term's name from the shipped vocabulary, which needs no database."""
    key = "name_en" if get_language() == "en" else "name_ko"
    return next((str(row[key]) for row in shipped()[table] if row["slug"] == slug), slug)


def printable(text: str) -> str:
    """A file name without signs that would move the terminal's cursor."""
    return "".join(sign if sign.isprintable() else "�" for sign in text)


def width_of(text: str) -> int:
    """Columns on a terminal: Hangul and other wide signs take two."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def fit(text: str, width: int) -> str:
    """Padded to `width` columns; a longer text keeps its end, where the file's name is."""
    if width_of(text) > width:
        while width_of(text) > width - 1:
            text = text[1:]
        text = f"…{text}"
    return text + " " * (width - width_of(text))
