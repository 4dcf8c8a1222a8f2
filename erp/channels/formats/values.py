"""Where the cells of a marketplace's file come from: one function for each name that a template may use."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from html import unescape
from typing import TypeVar

from catalog.validators import is_gtin
from erp.channels.facts import ListingFacts, PictureFacts, VariantFacts
from erp.channels.formats.template import Column, Template
from erp.channels.size_tables import Measures, table_text
from erp.core.money import decimals_of

Cell = str | int | Decimal | Measures
PRICES = {"price", "compare_at", "variant_price", "variant_compare_at"}
_NUMBER = re.compile(r"\d{1,12}(\.\d+)?", re.ASCII)
Item = TypeVar("Item")
# What the public is told of stock: so many pieces, or more.
MOST_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file: a listing, and the variant and the picture that the line is about."""

    listing: ListingFacts
    number: int  # from 0 in its listing
    variant: VariantFacts | None = None
    picture: PictureFacts | None = None


def lines_of(template: Template, listing: ListingFacts) -> Iterator[Line]:
    if template.rows == "product":
        yield Line(listing, 0, None, listing.pictures[0] if listing.pictures else None)
    elif template.rows == "variant":
        for number, variant in enumerate(listing.variants):
            yield Line(listing, number, variant, variant.picture or (listing.pictures[0] if listing.pictures else None))
    else:
        for number in range(max(len(listing.variants), len(listing.pictures))):
            yield Line(listing, number, _at(listing.variants, number), _at(listing.pictures, number))


def cell(column: Column, line: Line) -> Cell:
    """What a column shows on a line; blank where there is nothing to show."""
    if column.once and line.number:
        return ""
    kind, is_constant, text = column.value.partition("=")
    if is_constant:
        return text if not kind or line.variant else ""
    found = VALUES[column.value](line) if column.value else line.listing.attributes.get(column.header, "")
    return column.default if found is None or found == "" else found


def money(amount: Decimal | None, currency: str) -> str:
    """Digits as the currency writes them: 12000 won, 12.50 dollars."""
    return "" if amount is None else f"{amount:.{decimals_of(currency)}f}"


def in_workbook(name: str, value: Cell) -> Cell:
    """The value `name` as a cell of a workbook: a price is a number there, for a text is none to whoever adds it up."""
    return Decimal(value) if name in PRICES and isinstance(value, str) and _NUMBER.fullmatch(value) else value


def plain_text(html: str) -> str:
    """A description without its tags, its lines kept, the cells of its tables apart."""
    html = re.sub(r"</t[hd]>\s*(?=<t[hd])", " / ", html)
    text = re.sub(r"<(?:br|/p|/li|/tr|/h\d)[^>]*>", "\n", html)
    return re.sub(r"\n\s*\n+", "\n", unescape(re.sub(r"<[^>]+>", "", text))).strip()


def _at(items: tuple[Item, ...], number: int) -> Item | None:
    return items[number] if number < len(items) else None


def _of_variant(read: Callable[[Line, VariantFacts], Cell]) -> Callable[[Line], Cell]:
    return lambda line: read(line, line.variant) if line.variant else ""


def _of_picture(read: Callable[[Line, PictureFacts], Cell]) -> Callable[[Line], Cell]:
    return lambda line: read(line, line.picture) if line.picture else ""


def _grid(line: Line) -> list[VariantFacts | None]:
    """Every colour in every size, colours outside; None where the product does not come so."""
    listing = line.listing
    by_place = {(variant.colour, variant.size): variant for variant in listing.variants}
    return [by_place.get((colour, size)) for colour in listing.colours for size in listing.sizes]


def _extra(line: Line, variant: VariantFacts | None) -> str:
    """What a variant costs more than its listing."""
    extra = variant.price - line.listing.price if variant else Decimal(0)
    return money(extra, line.listing.currency)


def _braced(line: Line) -> str:
    """Cafe24's options: 색상{블랙|화이트}//사이즈{S|M}."""
    listing = line.listing
    parts = ((listing.colour_option, listing.colours), (listing.size_option, listing.sizes))
    return "//".join(f"{name}{{{'|'.join(values)}}}" for name, values in parts)


def _entries(line: Line) -> str:
    """Qoo10's options, an entry for each variant: names, values, extra price, quantity, seller's code."""
    listing = line.listing
    return "$$".join(
        "||*".join(
            (
                f"{listing.colour_option}/{listing.size_option}",
                f"{variant.colour}/{variant.size}",
                _extra(line, variant),
                str(variant.quantity),
                variant.sku,
            )
        )
        for variant in listing.variants
    )


def _other_pictures(separator: str) -> Callable[[Line], Cell]:
    return lambda line: separator.join(picture.url for picture in line.listing.pictures[1:])


def _picture_names(separator: str) -> Callable[[Line], Cell]:
    return lambda line: separator.join(picture.name for picture in line.listing.pictures[1:])


def picture_at(place: int) -> Callable[[Line], Cell]:
    """The address of the picture at a place, counted from 0."""

    def url(line: Line) -> Cell:
        picture = _at(line.listing.pictures, place)
        return picture.url if picture else ""

    return url


def _feed_price(line: Line, amount: Decimal | None) -> str:
    return f"{money(amount, line.listing.currency)} {line.listing.currency}" if amount is not None else ""


GENDER = {"women": "female", "men": "male", "kids": "unisex", "unisex": "unisex"}

VALUES: dict[str, Callable[[Line], Cell]] = {
    "handle": lambda line: line.listing.handle,
    "style_number": lambda line: line.listing.style_number,
    "title": lambda line: line.listing.title,
    "description": lambda line: line.listing.description,
    "description_text": lambda line: plain_text(line.listing.description),
    "brand": lambda line: line.listing.brand,
    "title_en": lambda line: line.listing.title_en,
    "category_code": lambda line: line.listing.category,
    "pattern_code": lambda line: line.listing.pattern,
    "category": lambda line: line.listing.category_name,
    "target_category": lambda line: line.listing.target_category,
    "pattern": lambda line: line.listing.pattern_name,
    "material": lambda line: line.listing.material,
    "care": lambda line: line.listing.care,
    "gender": lambda line: line.listing.gender,
    "season": lambda line: line.listing.season,
    "link": lambda line: line.listing.link,
    "tags": lambda line: ", ".join(line.listing.tags),
    "price": lambda line: money(line.listing.price, line.listing.currency),
    "compare_at": lambda line: money(line.listing.compare_at, line.listing.currency),
    "currency": lambda line: line.listing.currency,
    "quantity": lambda line: line.listing.quantity,
    "published": lambda line: "TRUE" if line.listing.published else "FALSE",
    "published_yn": lambda line: "Y" if line.listing.published else "N",
    "status": lambda line: "active" if line.listing.published else "draft",
    "external_id": lambda line: line.listing.external_id,
    "size_table": lambda line: table_text(line.listing.size_table, line.listing.language),
    "measures": _of_variant(lambda line, variant: line.listing.size_table.get(variant.size, Measures())),
    "colours": lambda line: ", ".join(line.listing.colours),
    "sizes": lambda line: ", ".join(line.listing.sizes),
    "colour_option": lambda line: line.listing.colour_option,
    "size_option": lambda line: line.listing.size_option,
    "sku": _of_variant(lambda line, variant: variant.sku),
    "barcode": _of_variant(lambda line, variant: variant.barcode),
    "colour": _of_variant(lambda line, variant: variant.colour),
    "size": _of_variant(lambda line, variant: variant.size),
    "variant_price": _of_variant(lambda line, variant: money(variant.price, line.listing.currency)),
    "variant_compare_at": _of_variant(lambda line, variant: money(line.listing.compare_at, line.listing.currency)),
    "variant_quantity": _of_variant(lambda line, variant: variant.quantity),
    "variant_on_hand": _of_variant(lambda line, variant: variant.quantity + variant.committed),
    "variant_quantity_shown": _of_variant(lambda line, variant: min(variant.quantity, MOST_SHOWN)),
    "variant_picture": _of_variant(lambda line, variant: variant.picture.url if variant.picture else ""),
    "variant_external_id": _of_variant(lambda line, variant: variant.external_id),
    "picture": _of_picture(lambda line, picture: picture.url),
    "picture_name": _of_picture(lambda line, picture: picture.name),
    "picture_alt": _of_picture(lambda line, picture: picture.alt),
    "picture_position": _of_picture(lambda line, picture: line.number + 1),
    "main_picture": lambda line: line.listing.pictures[0].url if line.listing.pictures else "",
    "main_picture_name": lambda line: line.listing.pictures[0].name if line.listing.pictures else "",
    "other_pictures_comma": _other_pictures(","),
    "other_pictures_dollar": _other_pictures("$$"),
    "other_pictures_line": _other_pictures("\n"),
    "other_picture_names": _picture_names("\n"),
    "other_picture_names_bar": _picture_names("|"),
    "all_pictures": lambda line: " ".join(picture.url for picture in line.listing.pictures),
    "option_names": lambda line: f"{line.listing.colour_option}\n{line.listing.size_option}",
    "option_values": lambda line: "\n".join((",".join(line.listing.colours), ",".join(line.listing.sizes))),
    "option_prices": lambda line: ",".join(_extra(line, variant) for variant in _grid(line)),
    "option_quantities": lambda line: ",".join(str(variant.quantity if variant else 0) for variant in _grid(line)),
    "options_braced": _braced,
    "options_entries": _entries,
    "feed_price": _of_variant(
        lambda line, variant: _feed_price(line, max(variant.price, line.listing.compare_at or variant.price))
    ),
    "feed_sale_price": _of_variant(
        lambda line, variant: (
            _feed_price(line, variant.price)
            if line.listing.compare_at is not None and line.listing.compare_at > variant.price
            else ""
        )
    ),
    "feed_availability": _of_variant(lambda line, variant: "in_stock" if variant.quantity > 0 else "out_of_stock"),
    "feed_gender": lambda line: GENDER[line.listing.gender],
    "feed_age_group": lambda line: "kids" if line.listing.gender == "kids" else "adult",
    "feed_title": _of_variant(lambda line, variant: f"{line.listing.title} {variant.colour} {variant.size}".strip()),
    "gtin": _of_variant(lambda line, variant: variant.barcode if is_gtin(variant.barcode) else ""),
    # A style number is no identifier beside "there is none": the two contradict each other.
    "feed_mpn": _of_variant(lambda line, variant: line.listing.style_number if is_gtin(variant.barcode) else ""),
    "feed_identifier_exists": _of_variant(lambda line, variant: "" if is_gtin(variant.barcode) else "no"),
    **{f"picture_{number}": picture_at(number - 1) for number in range(1, 11)},
}
