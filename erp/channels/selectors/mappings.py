"""Our categories and words beside a marketplace's, with suggestions that somebody or something can vouch for."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db.models import Count

from catalog.models import Category, Colour, Pattern, Product, Size, Variant
from erp.channels.formats.template import DATA, Template
from erp.channels.models import AttributeMatch, CategoryMatch, Channel, ChannelListing
from erp.channels.templates import template_for
from erp.channels.words import name_in

Kind = AttributeMatch.Kind


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """One of our categories for one gender (blank: everybody). `vouched` says whose the suggestion is."""

    category: Category
    gender: str
    products: int
    target: str
    suggestion: str = ""
    vouched: str = ""

    @property
    def key(self) -> str:
        return f"t-{self.category.pk}-{self.gender}"

    @property
    def gender_words(self) -> str:
        return str(Product.Gender(self.gender).label) if self.gender else ""


@dataclass(frozen=True, slots=True)
class WordRow:
    """A word of ours on this channel. `allowed` is what the marketplace takes, where it has a list."""

    kind: str
    ours: str
    theirs: str
    suggestion: str = ""
    allowed: tuple[str, ...] = ()

    @property
    def is_refused(self) -> bool:
        return bool(self.allowed) and (self.theirs or self.ours) not in self.allowed


@cache
def shipped_targets(kind: str) -> dict[str, str]:
    """Slug of our category -> theirs, for marketplaces whose taxonomy is public; of the others nothing is known."""
    path = DATA / "categories" / f"{kind}.json"
    return json.loads(path.read_text(encoding="utf-8"))["targets"] if path.exists() else {}


def category_rows(channel: Channel) -> list[CategoryRow]:
    """Categories of the channel's products and those that are matched, the unmatched and most used first."""
    used = dict(
        ChannelListing.objects.filter(channel=channel, product__category__isnull=False)
        .order_by()
        .values_list("product__category")
        .annotate(n=Count("pk"))
    )
    known = {(m.category_id, m.gender): m.target for m in CategoryMatch.objects.filter(channel=channel)}
    wanted = {(pk, "") for pk in used} | known.keys()
    categories = Category.objects.in_bulk({pk for pk, _gender in wanted})
    others = _of_other_channels(channel)
    shipped = shipped_targets(channel.kind)
    rows = []
    for pk, gender in wanted:
        category, target = categories[pk], known.get((pk, gender), "")
        told, vouched = "", ""
        if not target:
            told, vouched = others.get((pk, gender), ("", ""))
            told, vouched = (told, vouched) if told else (shipped.get(category.slug, ""), "")
        rows.append(CategoryRow(category, gender, used.get(pk, 0), target, told, vouched))
    return sorted(rows, key=lambda row: (bool(row.target), -row.products, row.category.position, row.gender))


def _of_other_channels(channel: Channel) -> dict[tuple[int, str], tuple[str, str]]:
    """What the brand's other channels on this marketplace say: target and the channel's name."""
    rows = CategoryMatch.objects.of(channel.brand_id).filter(channel__kind=channel.kind).exclude(channel=channel)
    return {
        (row.category_id, row.gender): (row.target, row.channel.name)
        for row in rows.select_related("channel").order_by("-updated_at", "pk")
    }


def word_rows(channel: Channel) -> list[WordRow]:
    """Every colour, size and pattern of the channel's products, as the channel's language names it."""
    known = {(m.kind, m.ours): m.theirs for m in AttributeMatch.objects.filter(channel=channel)}
    others = _words_of_others(channel)
    template = template_for(channel)
    rows = []
    for kind, ours in _spoken(channel):
        allowed, theirs = _allowed(template, kind), known.get((kind, ours), "")
        told = "" if theirs else others.get((kind, ours), "") or _same(ours, allowed)
        rows.append(WordRow(kind, ours, theirs, told, allowed))
    return rows


def _spoken(channel: Channel) -> Iterable[tuple[str, str]]:
    listed = ChannelListing.objects.filter(channel=channel).values("product")
    language = channel.language
    colours = Colour.objects.filter(pk__in=_of_variants("colour", listed)).order_by("position", "pk")
    sizes = Size.objects.filter(pk__in=_of_variants("size", listed)).order_by("run", "position", "pk")
    patterns = Pattern.objects.filter(products__in=listed).distinct().order_by("position", "pk")
    found = [(Kind.COLOUR.value, name_in(colour, "colours", language)) for colour in colours]
    found += [(Kind.SIZE.value, size.code) for size in sizes]
    found += [(Kind.PATTERN.value, name_in(pattern, "patterns", language)) for pattern in patterns]
    return dict.fromkeys(found)


def _of_variants(name: str, listed: Any) -> Any:
    return Variant.objects.filter(product__in=listed, is_active=True).order_by().values(name)


def _words_of_others(channel: Channel) -> Mapping[tuple[str, str], str]:
    rows = AttributeMatch.objects.of(channel.brand_id).filter(
        channel__kind=channel.kind, channel__language=channel.language
    )
    found = rows.exclude(channel=channel).order_by("-updated_at", "pk").values_list("kind", "ours", "theirs")
    return {(kind, ours): theirs for kind, ours, theirs in found}


def _allowed(template: Template, kind: str) -> tuple[str, ...]:
    return next((column.allowed for column in template.columns if column.value == kind and column.allowed), ())


def _same(ours: str, allowed: tuple[str, ...]) -> str:
    """The allowed word that differs from ours by its case or its blanks only."""
    folded = "".join(ours.casefold().split())
    return next((word for word in allowed if word != ours and "".join(word.casefold().split()) == folded), "")
