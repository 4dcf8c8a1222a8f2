"""The words of a brand's tables: terms of the taxonomy, choices, places, sizes."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from itertools import product
from typing import Any

from django.db.models import F
from django.utils import translation

from catalog.models import Brand, Category, Colour, Pattern, Product, Size, SizeRun
from catalog.taxonomy import shipped
from erp.exchange.products.columns import DATA
from erp.exchange.products.text import folded, plain
from erp.inventory.models import Location

CHOICES: dict[str, Any] = {"season": Product.Season, "gender": Product.Gender, "status": Product.Status}


class Vocabulary:
    """What the words in the cells of one brand's tables mean. Read once for many rows."""

    def __init__(self, brand: Brand) -> None:
        self.brand = brand
        own_first = F("brand").asc(nulls_last=True)
        self.colours = [*Colour.objects.usable_by(brand).order_by(own_first, "position", "pk")]
        runs = SizeRun.objects.usable_by(brand).order_by(own_first, "position", "pk").prefetch_related("sizes")
        self.runs = {run.pk: run for run in runs}
        self.sizes = {run.pk: {size_key(size.code): size for size in run.sizes.all()} for run in runs}
        self.categories = {category.slug: category for category in Category.objects.all()}
        self.patterns = {pattern.slug: pattern for pattern in Pattern.objects.all()}
        self.places = list(Location.objects.of(brand).internal().open().order_by("position", "pk"))
        self._words = {
            "category": _term_words(self.categories.values(), "categories", "noun"),
            "pattern": _term_words(self.patterns.values(), "patterns", "word"),
        }
        self._colours: defaultdict[str, list[Colour]] = defaultdict(list)
        for colour in self.colours:
            for word in dict.fromkeys((colour.name_ko, colour.name_en, colour.slug, colour.code)):
                if word and colour not in self._colours[folded(word)]:
                    self._colours[folded(word)].append(colour)

    def term(self, column: str, word: str) -> str | None:
        """The slug of the category or pattern that is called so."""
        return self._words[column].get(folded(word))

    def colours_called(self, word: str) -> tuple[Colour, ...]:
        """The colours of that name, the brand's own first."""
        return tuple(self._colours.get(folded(word), ()))

    def size_in(self, run_id: int | None, word: str) -> Size | None:
        return self.sizes.get(run_id or 0, {}).get(size_key(word))

    def place(self, word: str) -> Location | None:
        """An open place of ours, by its code in any case, or by its name."""
        wanted = folded(word)
        names = ((place, (place.code, place.name_ko, place.name_en)) for place in self.places)
        by_code = (place for place in self.places if folded(place.code) == wanted)
        return next(by_code, None) or next(
            (p for p, words in names if wanted in map(folded, filter(None, words))), None
        )

    def name_of(self, column: str, value: Any) -> Any:
        """How a person reads a stored value of this column."""
        if column == "category" and value in self.categories:
            return self.categories[value].name
        if column == "pattern" and value in self.patterns:
            return self.patterns[value].name
        if column in CHOICES and value in CHOICES[column].values:
            return str(CHOICES[column](value).label)
        return value


def choice(column: str, word: str) -> str | None:
    """The value of a choice that is called so, in Korean or English."""
    return _choice_words()[column].get(folded(word))


def size_key(word: str) -> str:
    """What two ways to write one size share: XXL and 2XL, F and Free."""
    return _choice_words()["size"].get(folded(word)) or "".join(unicodedata.normalize("NFKC", word).split()).casefold()


@cache
def _choice_words() -> dict[str, dict[str, str]]:
    """By column, the values that words stand for: those of `data/words.json`, and our own labels in both languages."""
    data = json.loads((DATA / "words.json").read_text(encoding="utf-8"))
    known = {
        column: {folded(word): value for value, words in values.items() for word in (value, *words)}
        for column, values in data.items()
    }
    for language, (column, choices) in product(("ko", "en"), CHOICES.items()):
        with translation.override(language):
            for value, label in choices.choices:
                known[column].setdefault(folded(str(label)), value)
    return known


def _term_words(terms: Iterable[Any], table: str, noun: str) -> dict[str, str]:
    """Names, the parts of names such as 셔츠·블라우스, and the everyday words of the shipped taxonomy."""
    everyday = {row["slug"]: (row[f"{noun}_ko"], row[f"{noun}_en"]) for row in shipped()[table]}
    words: dict[str, str] = {}
    for term in terms:
        for word in (term.slug, term.name_ko, term.name_en, *everyday.get(term.slug, ())):
            if word:
                words.setdefault(folded(word), term.slug)
    for term in terms:
        for word in re.split(r"[·&/,]", f"{term.name_ko}·{term.name_en}"):
            if plain(word):
                words.setdefault(folded(word), term.slug)
    return words
