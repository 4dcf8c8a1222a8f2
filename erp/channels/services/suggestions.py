"""Which of our variants an unknown SKU may mean: by how it is written, by the names it goes with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from catalog.models import Brand, Product, Variant
from erp.exchange.products.text import folded

OFFERED = 3
MOST_PRODUCTS = 6
LEAST = 0.45
_WORDS = re.compile(r"[0-9a-z가-힣ぁ-んァ-ヶ一-龥]{2,}")


@dataclass(frozen=True, slots=True)
class Suggestion:
    variant: Variant
    score: float


@dataclass(frozen=True, slots=True)
class _Design:
    pk: int
    style: str
    names: tuple[frozenset[str], ...]  # the words of each language's name


def suggest(brand: Brand, told: Sequence[Mapping[str, Any]]) -> dict[str, list[Suggestion]]:
    """For each unknown (`key`, `sku`, `title`, `options`) the likeliest variants, the best first. Three queries for all
    of them together."""
    designs = [
        _Design(pk, folded(style), tuple(frozenset(_words(name)) for name in (ko, en) if name))
        for pk, style, ko, en in Product.objects.of(brand).values_list("pk", "style_number", "name_ko", "name_en")
    ]
    wanted = {entry["key"]: _likely(designs, entry) for entry in told}
    ids = {pk for pks in wanted.values() for pk in pks}
    variants = Variant.objects.of(brand).filter(product__in=ids).select_related("product", "colour", "size")
    by_product: dict[int, list[Variant]] = {}
    for variant in variants.prefetch_related("product__images"):
        by_product.setdefault(variant.product_id, []).append(variant)
    return {
        entry["key"]: _best(entry, [v for pk in wanted[entry["key"]] for v in by_product.get(pk, ())]) for entry in told
    }


def _likely(designs: Iterable[_Design], entry: Mapping[str, Any]) -> list[int]:
    """The designs whose style number stands in what was told, or whose name shares its words."""
    text = folded(f"{entry['sku']} {entry['title']}")
    words = _words(f"{entry['title']} {entry['options']}")
    scored = []
    for design in designs:
        named = len(design.style) > 2 and design.style in text
        shared = max((len(words & name) / max(len(name), 1) for name in design.names), default=0.0)
        if named or shared >= 0.5:
            scored.append((-(2 * named + shared), design.pk))
    return [pk for _score, pk in sorted(scored)[:MOST_PRODUCTS]]


def _best(entry: Mapping[str, Any], variants: Sequence[Variant]) -> list[Suggestion]:
    sku, words = folded(entry["sku"]), _words(f"{entry['title']} {entry['options']}")
    scored = [Suggestion(variant, _score(sku, words, variant)) for variant in variants]
    fine = [found for found in scored if found.score >= LEAST]
    return sorted(fine, key=lambda found: (-found.score, found.variant.pk))[:OFFERED]


def _score(sku: str, words: set[str], variant: Variant) -> float:
    """Between 0 and 1: half of it how alike the codes are, half how many of the variant's words were told."""
    code = folded(variant.sku)
    alike = 1.0 if sku and sku in (code, variant.barcode) else SequenceMatcher(None, sku, code).ratio() if sku else 0
    colour = bool(words & _words(f"{variant.colour.name_ko} {variant.colour.name_en}"))
    size = variant.size.code.casefold() in {word.casefold() for word in words}
    named = len(words & _words(f"{variant.product.name_ko} {variant.product.name_en}")) > 0
    return max(alike, 0.5 * alike + 0.2 * colour + 0.15 * size + 0.15 * named, 0.4 * colour + 0.3 * size + 0.3 * named)


def _words(text: str) -> set[str]:
    return {*_WORDS.findall(text.casefold()), *(part for part in re.split(r"[\s/:,|()·-]+", text.casefold()) if part)}
