"""What a marketplace would refuse, found before it is asked: every rule, every product, all at once."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from typing import Any

from django.utils.translation import gettext_lazy as _

from catalog.validators import is_gtin
from erp.channels.facts import ListingFacts, VariantFacts
from erp.channels.formats.template import Column, Template
from erp.channels.formats.values import cell, lines_of, money
from erp.core.models import HANGUL

ERROR, WARNING = "error", "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend: of which field of which listing, and of which variant if it is one's."""

    code: str
    field: str
    handle: str
    sku: str = ""
    level: str = ERROR
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def message(self) -> str:
        """In the language of whoever reads it."""
        return said(self.code, self.params)


def said(code: str, params: Mapping[str, Any]) -> str:
    return str(MESSAGES[code]) % params


# Code, what its words name, field and SKU of one finding.
Told = tuple[str, dict[str, Any], str, str]
Rule = Callable[[ListingFacts, Any], Iterator[Told]]


def findings(template: Template, listings: Iterable[ListingFacts]) -> Iterator[Finding]:
    """Everything that is wrong with each listing, in order."""
    rules = [(RULES[name], value) for name, value in template.rules.items()]
    asking = asking_columns(template)
    for listing in listings:
        told = chain(_of_columns(template, asking, listing), *(rule(listing, value) for rule, value in rules))
        for code, params, place, sku in told:
            yield Finding(code, place, listing.handle, sku, WARNING if code in WARNINGS else ERROR, params)


def _of_columns(template: Template, asking: Sequence[Column], listing: ListingFacts) -> Iterator[Told]:
    """What columns ask of their cells. The same thing is told once a listing, not once a variant."""
    told: set[tuple[str, str]] = set()
    for line in lines_of(template, listing) if asking else ():
        for column in asking:
            if column.once and line.number:
                continue
            problem = _of_cell(template, column, str(cell(column, line)))
            if problem and (column.header, problem[0]) not in told:
                told.add((column.header, problem[0]))
                sku = line.variant.sku if line.variant and column.value in OF_VARIANT else ""
                yield problem[0], problem[1], column.header, sku


def asking_columns(template: Template) -> list[Column]:
    """The columns whose cells may be refused: of a workbook and of an old encoding all of them."""
    if template.file == "xlsx" or not is_unicode(template.encoding):
        return list(template.columns)
    return [column for column in template.columns if column.required or column.most or column.allowed]


def is_unicode(encoding: str) -> bool:
    return encoding.startswith("utf")


def _of_cell(template: Template, column: Column, text: str) -> tuple[str, dict[str, Any]] | None:
    if not text:
        return ("required", {}) if column.required else None
    most = column.most or (MOST_OF_A_CELL if template.file == "xlsx" else 0)
    if most and len(text) > most:
        return "too_long", {"most": most, "count": len(text)}
    if column.allowed and text not in column.allowed:
        return "not_allowed", {"value": text[:40], "allowed": ", ".join(column.allowed)}
    if not is_unicode(template.encoding) and (signs := _unwritable(text, template.encoding)):
        return "not_in_encoding", {"signs": " ".join(signs[:5]), "encoding": template.encoding.upper()}
    return None


def _unwritable(text: str, encoding: str) -> list[str]:
    """The signs that an encoding has no place for, each once."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return [sign for sign in dict.fromkeys(text) if sign not in sign.encode(encoding, "ignore").decode(encoding)]
    return []


# What a cell of a workbook holds; Excel and openpyxl cut the rest off without a word.
MOST_OF_A_CELL = 32_767
OF_VARIANT = {"sku", "barcode", "colour", "size", "variant_price", "variant_quantity", "feed_title"}


def _priced(listing: ListingFacts, _value: Any) -> Iterator[Told]:
    """Nothing is given away because nobody typed its price."""
    for variant in listing.variants:
        if variant.price <= 0:
            yield "no_price", {}, "price", variant.sku


def _price_multiple(listing: ListingFacts, unit: int) -> Iterator[Told]:
    for variant in listing.variants:
        if variant.price % unit:
            yield "price_multiple", {"unit": unit, "price": str(variant.price)}, "price", variant.sku


def _price_at_least(listing: ListingFacts, least: str) -> Iterator[Told]:
    for variant in listing.variants:
        if variant.price < Decimal(least):
            yield "price_too_low", {"least": least}, "price", variant.sku


def _option_extra(listing: ListingFacts, share: str) -> Iterator[Told]:
    """How far an option's price may lie from the listing's, as a share of it."""
    for variant in listing.variants:
        if abs(variant.price - listing.price) > listing.price * Decimal(share):
            yield "option_price", {"share": int(Decimal(share) * 100)}, "price", variant.sku


def _pictures(listing: ListingFacts, bounds: list[int]) -> Iterator[Told]:
    least, most = bounds
    if not least <= len(listing.pictures) <= most:
        yield "picture_count", {"least": least, "most": most, "count": len(listing.pictures)}, "pictures", ""
    if listing.pictures_beyond:
        yield "pictures_beyond", {"most": len(listing.pictures)}, "pictures", ""


def _variants(listing: ListingFacts, most: int) -> Iterator[Told]:
    if not listing.variants:
        yield "no_variants", {}, "variants", ""
    elif len(listing.variants) > most:
        yield "variant_count", {"most": most, "count": len(listing.variants)}, "variants", ""


def _full_grid(listing: ListingFacts, has_stock: bool) -> Iterator[Told]:
    """Where options are columns times rows, a missing one is sent with no stock; in a file without stock it is made."""
    missing = len(listing.colours) * len(listing.sizes) - len(listing.variants)
    if missing > 0:
        yield "grid_holes" if has_stock else "grid_made", {"count": missing}, "variants", ""


def _option_signs(listing: ListingFacts, signs: str) -> Iterator[Told]:
    """Signs that part options here cannot be within one."""
    for name in (*listing.colours, *listing.sizes, listing.colour_option, listing.size_option):
        found = [sign for sign in signs if sign in name]
        if found:
            yield "option_sign", {"name": name, "signs": " ".join(found)}, "options", ""


def _apart(listing: ListingFacts, _value: Any) -> Iterator[Told]:
    """Shoppers and marketplaces tell variants by their options: two colours that go by one word here are one."""
    looks: dict[tuple[str, str], VariantFacts] = {}
    for variant in listing.variants:
        first = looks.setdefault((variant.colour.casefold(), variant.size.casefold()), variant)
        if first is not variant:
            name = f"{variant.colour} / {variant.size}"
            yield "same_options", {"name": name, "other": first.sku}, "options", variant.sku


def _one_price(listing: ListingFacts, _value: Any) -> Iterator[Told]:
    """Where a file has one price for all variants, those that cost otherwise are sold at it."""
    for variant in listing.variants:
        if variant.price != listing.price:
            price, own = (money(amount, listing.currency) for amount in (listing.price, variant.price))
            yield "one_price", {"price": price, "own": own}, "price", variant.sku


def _no_extra(listing: ListingFacts, _value: Any) -> Iterator[Told]:
    """One option has to cost what the product does."""
    if listing.variants and all(variant.price != listing.price for variant in listing.variants):
        yield "no_plain_option", {"price": money(listing.price, listing.currency)}, "price", ""


def _on_sale(listing: ListingFacts, _value: Any) -> Iterator[Told]:
    """Where a file cannot say that something is not to be sold, it is not in it."""
    if not listing.published:
        yield "not_on_sale", {}, "published", ""


def _registers(listing: ListingFacts, _value: Any) -> Iterator[Told]:
    """Where the file only ever adds products, what went out before would be there twice."""
    if listing.options_before:
        yield "registered", {}, "listing", ""


def _words(listing: ListingFacts, _value: Any) -> Iterator[Told]:
    """Korean where shoppers read another language."""
    if listing.language != "ko" and HANGUL.search(listing.title):
        yield "korean", {"title": listing.title[:40]}, "title", ""


def _title_signs(listing: ListingFacts, signs: str) -> Iterator[Told]:
    if found := [sign for sign in signs if sign in listing.title]:
        yield "title_sign", {"signs": " ".join(found)}, "title", ""


def _reduced(listing: ListingFacts, _value: Any) -> Iterator[Told]:
    dearest = max((variant.price for variant in listing.variants), default=listing.price)
    if listing.compare_at is not None and listing.compare_at <= dearest:
        before, now = (money(amount, listing.currency) for amount in (listing.compare_at, dearest))
        yield "not_reduced", {"before": before, "now": now}, "compare_at", ""


def _barcodes(listing: ListingFacts, _value: Any) -> Iterator[Told]:
    """Told once: Jangbu numbers what has no barcode itself, and then every variant is so."""
    for variant in listing.variants:
        if variant.barcode and not is_gtin(variant.barcode):
            yield "not_a_gtin", {"barcode": variant.barcode}, "barcode", variant.sku
            return


def _currency(listing: ListingFacts, code: str) -> Iterator[Told]:
    if listing.currency != code:
        yield "currency", {"code": code, "currency": listing.currency}, "currency", ""


def _kept_options(listing: ListingFacts, _value: Any) -> Iterator[Told]:
    """Cafe24 replaces option values by their place: what moves takes over another one's item code and stock."""
    before, now = listing.options_before, (tuple(listing.colours), tuple(listing.sizes))
    if not before:
        return
    if len(before) != len(now):
        yield "options_reset", {}, "options", ""
    elif any(new[: len(old)] != old for old, new in zip(before, now, strict=True)):
        yield "options_moved", {"before": " / ".join(", ".join(values) for values in before)}, "options", ""


MESSAGES: dict[str, Any] = {
    "required": _("This marketplace needs a value here."),
    "too_long": _("At most %(most)s characters; there are %(count)s."),
    "not_allowed": _("“%(value)s” is not taken here. Choose one of: %(allowed)s."),
    "no_price": _("There is no price, so it would be given away."),
    "price_multiple": _("Prices here are multiples of %(unit)s; this one is %(price)s."),
    "price_too_low": _("The price is to be at least %(least)s."),
    "option_price": _("This variant's price is too far from the product's; marketplaces take up to %(share)s %%."),
    "picture_count": _("Between %(least)s and %(most)s pictures; there are %(count)s."),
    "pictures_missing": _("At least %(least)s pictures; there are %(count)s. Add photos to the product."),
    "pictures_beyond": _("This marketplace takes %(most)s pictures; the first ones are packed."),
    "picture_small": _("%(count)s pictures have less than %(side)s pixels a side and are enlarged. Take larger ones."),
    "no_variants": _("There is no variant for sale."),
    "variant_count": _("At most %(most)s variants; there are %(count)s. Split the product."),
    "grid_holes": _("%(count)s combinations of colour and size do not exist; they go out as sold out."),
    "grid_made": _("%(count)s combinations of colour and size do not exist, but are made there. End them there."),
    "option_sign": _("“%(name)s” holds %(signs)s, which parts options on this marketplace."),
    "same_options": _("“%(name)s” is also what %(other)s is called here. Match the words so that each has its own."),
    "not_in_encoding": _(
        "%(encoding)s cannot hold %(signs)s: a number goes out instead. Remove it, or choose UTF-8 for the table."
    ),
    "one_price": _("It costs %(own)s, but this file has one price for all variants: it goes out at %(price)s."),
    "no_plain_option": _("One variant has to cost what the product does: %(price)s."),
    "not_on_sale": _("The product is not on sale, which this file cannot say. Put it on sale or end it there."),
    "registered": _(
        "This file registers products, and this one went out before: it may be there twice. Change it there."
    ),
    "korean": _("“%(title)s” is Korean, and shoppers here read another language. Enter a name in theirs."),
    "title_sign": _("The name holds %(signs)s, which this marketplace refuses in names."),
    "not_reduced": _("The price before, %(before)s, is not higher than the price now, %(now)s."),
    "renamed": _("It went out as %(before)s and is %(now)s now: the marketplace takes it for a second product."),
    "not_a_gtin": _("“%(barcode)s” is no GTIN: its check digit is wrong, or it is one of your own."),
    "currency": _("Prices here are in %(code)s; this listing's are in %(currency)s."),
    "options_reset": _("The number of options changed: Cafe24 gives every item a new code and resets its stock."),
    "options_moved": _("Options went out as %(before)s: Cafe24 replaces them by their place. Add new ones at the end."),
}
# What goes through, but not as a person may think.
WARNINGS = {
    "grid_holes", "grid_made", "options_reset", "options_moved", "not_a_gtin", "not_in_encoding", "one_price",
    "no_plain_option", "registered", "korean", "not_reduced", "renamed", "title_sign", "pictures_beyond",
}  # fmt: skip
# Of those, what loses something at the marketplace: a person says yes to it before the file is used.
DESTROYING = {"options_reset", "options_moved", "renamed"}
RULES: dict[str, Rule] = {
    "kept_options": _kept_options,
    "priced": _priced,
    "price_multiple": _price_multiple,
    "price_at_least": _price_at_least,
    "option_extra": _option_extra,
    "pictures": _pictures,
    "variants": _variants,
    "full_grid": _full_grid,
    "option_signs": _option_signs,
    "apart": _apart,
    "one_price": _one_price,
    "no_extra": _no_extra,
    "on_sale": _on_sale,
    "registers": _registers,
    "shoppers_words": _words,
    "title_signs": _title_signs,
    "reduced": _reduced,
    "gtin": _barcodes,
    "currency": _currency,
}
