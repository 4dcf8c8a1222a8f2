"""Proposes what a product could be called, from what its photo shows."""

from __future__ import annotations

from collections.abc import Sequence

from catalog.models import Category, Colour, Pattern
from catalog.taxonomy import shipped


def propose_names(
    category: Category | None, pattern: Pattern | None = None, colours: Sequence[Colour] = ()
) -> tuple[str, str]:
    """The Korean and the English name: "네이비 스트라이프 셔츠", "Navy striped shirt".

    Made of the first colour, the pattern unless it is plain, and the category's everyday word; blanks without one.
    """
    if category is None:
        return "", ""
    noun = _words("categories", category.slug, "noun", category)
    look = _words("patterns", pattern.slug, "word", pattern) if pattern else ("", "")
    colour = (colours[0].name_ko, colours[0].name_en or colours[0].name_ko) if colours else ("", "")
    korean, english = (" ".join(filter(None, parts)) for parts in zip(colour, look, noun, strict=True))
    return korean, english[:1].upper() + english[1:]


def _words(table: str, slug: str, kind: str, term: Category | Pattern) -> tuple[str, str]:
    """The words of the taxonomy's data; a term that somebody added is called by its name."""
    for row in shipped()[table]:
        if row["slug"] == slug:
            return row[f"{kind}_ko"], row[f"{kind}_en"]
    return term.name_ko, (term.name_en or term.name_ko).lower()
