"""Listings with every field resolved: the listing's own, else from the template of descriptions, else the product's."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import quote

from django.db.models import Prefetch

from catalog.models import Product, ProductImage, Variant
from erp.channels.facts import ListingFacts, PictureFacts, VariantFacts
from erp.channels.models import AttributeMatch, Channel, ChannelListing, DescriptionTemplate, ListingVariant
from erp.channels.prices import channel_price, sellable
from erp.channels.size_tables import Measures, measures_of, table_html
from erp.channels.stock import committed_pieces, free_pieces
from erp.channels.templates import picture_rule
from erp.channels.terms import terms_in
from erp.channels.words import as_html, choice_in, described, name_in, option_names, shipped_description

CHUNK = 200
_NO_HANDLE = re.compile(r"[^\w]+|_+")  # \w: letters of every script, as Shopify takes them
_FILE_STEM = re.compile(r"\w[\w.-]*")
OWN, TEMPLATE, BASE, RULE, CHANNEL, USUAL = "own", "template", "base", "rule", "channel", "usual"


@dataclass(frozen=True, slots=True)
class Field:
    """A value and where it comes from: the listing's own, the template of descriptions, the product, a rule of the
    channel (prices, matched categories), what the channel says for all, what the marketplace usually takes."""

    value: Any
    source: str


class Pieces(NamedTuple):
    """Variant -> what is free of it, and what is held for the channel's orders."""

    free: Mapping[int, int]
    committed: Mapping[int, int]


class Resolver:
    """Resolves listings of one channel, in as many queries for a chunk as for one listing."""

    def __init__(self, channel: Channel, *, picture_url: Any, of_stock: bool = False) -> None:
        """`picture_url` gives the public address of a photo. `of_stock`: with what is held for the channel's orders."""
        self.channel, self.of_stock = channel, of_stock
        self.picture_url = picture_url
        self.pictures = picture_rule(channel)
        self.brand = channel.brand
        self.targets: dict[tuple[int | None, str], str] = {
            (m.category_id, m.gender): m.target for m in channel.categories.all()
        }
        self.matches: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for match in channel.words.all():
            self.matches[match.kind][match.ours] = match.theirs
        chosen = DescriptionTemplate.objects.of(self.brand).filter(language=channel.language, is_default=True).first()
        self.body = chosen.body if chosen else shipped_description(channel.language)

    def facts(self, listings: Iterable[ChannelListing]) -> Iterator[ListingFacts]:
        """One after the other; `listings` come from `of_channel`."""
        rest = iter(listings)
        while chunk := list(islice(rest, CHUNK)):
            variants = [v.pk for row in chunk for v in row.product.variants.all()]
            committed = committed_pieces(self.channel, variants) if self.of_stock else {}
            pieces = Pieces(free_pieces(self.channel, variants), committed)
            for listing in chunk:
                yield self.one(listing, pieces)

    def one(self, listing: ChannelListing, pieces: Pieces) -> ListingFacts:
        product, fields = listing.product, self.fields(listing)
        images = images_of(listing)
        pictures = self._pictures(images[: self.pictures.most], product)
        price = fields["price"].value or Decimal(0)
        own_prices = {row.variant_id: row for row in listing.variants.all()}
        colour_option, size_option = option_names(self.channel.language)
        return ListingFacts(
            handle=handle_of(product),
            style_number=product.style_number,
            title=" ".join(fields["title"].value.split()),
            title_en=product.name_en,
            description=fields["description"].value,
            brand=name_in(self.brand, "", self.channel.language),
            currency=self.channel.currency,
            price=price,
            compare_at=fields["compare_at"].value,
            variants=tuple(
                self._variant(variant, product, price, own_prices.get(variant.pk), pieces)
                for variant in in_order(product)
                if variant.is_active or is_known(variant, listing)
            ),
            pictures=pictures,
            pictures_beyond=len(images) - len(pictures),
            category=product.category.slug if product.category else "",
            category_name=name_in(product.category, "categories", self.channel.language),
            target_category=fields["target_category"].value,
            pattern=product.pattern.slug if product.pattern else "",
            pattern_name=self._word(
                AttributeMatch.Kind.PATTERN, name_in(product.pattern, "patterns", self.channel.language)
            ),
            gender=product.gender,
            season=product.season,
            material=terms_in(product.material, self.channel.language),
            care=terms_in(product.care, self.channel.language),
            size_table=self._size_table(product),
            link=f"{self.channel.shop_url.rstrip('/')}/{quote(handle_of(product))}" if self.channel.shop_url else "",
            language=self.channel.language,
            published=product.status == Product.Status.ACTIVE,
            colour_option=colour_option,
            size_option=size_option,
            external_id=listing.external_id,
            options_before=tuple(tuple(values) for values in listing.options_before),
            attributes={**self.channel.attributes, **listing.attributes},
        )

    def fields(self, listing: ChannelListing) -> dict[str, Field]:
        """The fields that a listing may have of its own, each with its source."""
        product = listing.product
        title = _first((listing.title, OWN), (self._title(product), BASE))
        base_price = None if product.price is None else channel_price(self.channel, product.price)
        target = self.targets.get((product.category_id, product.gender)) or self.targets.get((product.category_id, ""))
        return {
            "title": title,
            "description": _first(
                (as_html(listing.description), OWN), (self._description(product, title.value), TEMPLATE)
            ),
            "price": _first((listing.price, OWN), (base_price, RULE)),
            "compare_at": _first((listing.compare_at, OWN), (None, BASE)),
            "target_category": _first((listing.target_category, OWN), (target or "", RULE)),
        }

    def _title(self, product: Product) -> str:
        return title_in(product, self.channel.language)

    def _description(self, product: Product, title: str) -> str:
        return described(self.body, description_facts(product, self.brand, self.channel.language, title))

    def _variant(self, variant: Variant, product: Product, price: Decimal, own: Any, pieces: Pieces) -> VariantFacts:
        colour = name_in(variant.colour, "colours", self.channel.language)
        available = pieces.free.get(variant.pk, 0)
        return VariantFacts(
            sku=variant.sku,
            colour=self._word(AttributeMatch.Kind.COLOUR, colour),
            size=self._word(AttributeMatch.Kind.SIZE, variant.size.code),
            price=own.price if own and own.price is not None else price,
            quantity=sellable(self.channel, available) if for_sale(variant, product) else 0,
            committed=pieces.committed.get(variant.pk, 0),
            barcode=variant.barcode,
            external_id=own.external_id if own else "",
        )

    def _size_table(self, product: Product) -> dict[str, Measures]:
        """By the sizes as the channel calls them."""
        found = measures_of(product, [variant.size.code for variant in in_order(product)])
        return {self._word(AttributeMatch.Kind.SIZE, size): measures for size, measures in found.items()}

    def _word(self, kind: str, ours: str) -> str:
        return self.matches[kind].get(ours, ours)

    def _pictures(self, images: Sequence[ProductImage], product: Product) -> tuple[PictureFacts, ...]:
        return tuple(
            PictureFacts(
                self.picture_url(image),
                self.pictures.name_of(file_stem(product), number),
                self._alt(image, product),
            )
            for number, image in enumerate(images, start=1)
        )

    def _alt(self, image: ProductImage, product: Product) -> str:
        first, second = (image.alt_ko, image.alt_en) if self.channel.language == "ko" else (image.alt_en, image.alt_ko)
        return first or second or self._title(product)


def for_sale(variant: Variant, product: Product) -> bool:
    return variant.is_active and product.status == Product.Status.ACTIVE


def is_known(variant: Variant, listing: ChannelListing) -> bool:
    """Whether the marketplace may have a variant: its listing went out since there is one."""
    return listing.exported_at is not None and variant.created_at <= listing.exported_at


def of_channel(channel: Channel, *, retired: bool = False) -> Any:
    """The listings of a channel with all that `Resolver` reads. `retired`: with the variants that are no longer sold,
    for files that tell how many there are: what is not in one is sold on."""
    variants = (
        (Variant.objects.all() if retired else Variant.objects.filter(is_active=True))
        .prefetch_related("colour", "size")  # few colours and sizes, shared by thousands of variants
        .order_by("colour__position", "colour_id", "size__position", "pk")
    )
    return (
        ChannelListing.objects.filter(channel=channel)
        .select_related("product__category", "product__pattern")
        .prefetch_related(
            Prefetch("product__variants", variants),
            "product__product_colours",
            "product__measurements__size",
            "product__images",
            "variants",
        )
        .order_by("product__style_number", "pk")
    )


def handle_of(product: Product) -> str:
    """The product's name in addresses: its style number in small letters, digits and hyphens. One that holds other
    signs carries the product's id too, behind two hyphens: without it another number could look the same."""
    style = product.style_number.lower()
    plain = _NO_HANDLE.sub("-", style).strip("-")
    return style if plain == style else f"{plain}--{product.pk}".strip("-")


def file_stem(product: Product) -> str:
    """What the files of a product begin with: its style number, unless that would be a folder or no name at all."""
    return product.style_number if _FILE_STEM.fullmatch(product.style_number) else handle_of(product)


def products_with_facts(products: Any) -> Any:
    """Products with all that `description_facts` reads."""
    variants = Variant.objects.filter(is_active=True).select_related("colour", "size")
    return products.select_related("category", "pattern").prefetch_related(
        Prefetch("variants", variants), "product_colours", "measurements__size"
    )


def variant_price(price: Field, own: ListingVariant | None) -> Field:
    """What one variant costs where its listing costs `price`."""
    return _first((own.price if own else None, OWN), (price.value or Decimal(0), price.source))


def title_in(product: Product, language: str) -> str:
    first, second = (product.name_ko, product.name_en) if language == "ko" else (product.name_en, product.name_ko)
    return first or second


def description_facts(product: Product, brand: Any, language: str, title: str) -> dict[str, str]:
    """What a template of descriptions may name (`words.FACTS`), of one product in one language. A table is HTML."""
    variants = in_order(product)
    sizes = list(dict.fromkeys(v.size.code for v in variants))
    return {
        "title": title,
        "material": terms_in(product.material, language),
        "care": terms_in(product.care, language),
        "sizes": ", ".join(sizes),
        "size_table": table_html(product, sizes, language),
        "colours": ", ".join(dict.fromkeys(name_in(v.colour, "colours", language) for v in variants)),
        "pattern": name_in(product.pattern, "patterns", language),
        "category": name_in(product.category, "categories", language),
        "season": choice_in(product, "season", language),
        "brand": name_in(brand, "", language),
        "style_number": product.style_number,
    }


def images_of(listing: ChannelListing) -> list[ProductImage]:
    """The photos of a listing as it shows them: its own choice, else the product's. A choice of photos that are all
    gone is none."""
    images = list(listing.product.images.all())
    by_pk = {image.pk: image for image in images}
    return [by_pk[pk] for pk in listing.pictures if pk in by_pk] or images


def in_order(product: Product) -> list[Variant]:
    """The variants for sale, colour by colour as the product shows them, sizes from small to large."""
    places = {row.colour_id: row.position for row in product.product_colours.all()}
    return sorted(
        product.variants.all(),
        key=lambda variant: (places.get(variant.colour_id, 999), variant.colour_id, variant.size.position, variant.pk),
    )


def _first(*candidates: tuple[Any, str]) -> Field:
    """The first value that is there, with its source."""
    for value, source in candidates:
        if value not in (None, ""):
            return Field(value, source)
    return Field(*candidates[-1])
