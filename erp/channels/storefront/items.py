"""Products as the public sees them. No cost, no id of ours but names in addresses, and of stock only a few pieces."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any

import nh3
from django.db.models import Count, QuerySet
from django.utils import translation

from catalog.measuring import points
from catalog.models import Category, Product
from erp.channels.facts import ListingFacts, VariantFacts
from erp.channels.formats.values import MOST_SHOWN, money, plain_text
from erp.channels.models import Channel, ChannelListing
from erp.channels.resolving import OWN, Resolver, handle_of, in_order, of_channel
from erp.channels.size_tables import Measures
from erp.channels.words import name_in, words
from erp.core.models import HANGUL

Status = ChannelListing.Status
TAGS = {
    "p",
    "br",
    "b",
    "strong",
    "i",
    "em",
    "ul",
    "ol",
    "li",
    "h2",
    "h3",
    "h4",
    "table",
    "thead",
    "tbody",
    "tr",
    "td",
    "th",
}


def shop_window(public_id: Any) -> Channel | None:
    """The channel whose products are public: one of Shakalaka in use."""
    channels = Channel.objects.select_related("brand", "location", "template")
    return channels.filter(public_id=public_id, kind=Channel.Kind.SHAKALAKA, is_active=True).first()


def shown_listings(channel: Channel) -> QuerySet[ChannelListing]:
    """What went out, of products that are for sale."""
    return of_channel(channel).filter(status__in=(Status.EXPORTED, Status.LIVE), product__status=Product.Status.ACTIVE)


def find_listing(channel: Channel, handle: str) -> ChannelListing | None:
    """By the name in the product's address (`resolving.handle_of`)."""
    _style, marked, pk = handle.rpartition("--")
    number = pk if marked else handle
    found = shown_listings(channel).filter(product__style_number__iexact=handle)
    if number.isascii() and number.isdecimal() and len(number) < 19:
        found = found | shown_listings(channel).filter(product=int(number))
    return next((listing for listing in found if handle_of(listing.product) == handle), None)


class Showing:
    """Shows listings in one language: our vocabulary and the descriptions that templates make are in that language;
    what a person wrote for the channel stays as it is, and says which language that is."""

    def __init__(self, channel: Channel, language: str, picture_url: Callable[[Any], str]) -> None:
        self.own_language, self.language = channel.language, language
        spoken = copy.copy(channel)
        spoken.language = language
        self.resolver = Resolver(spoken, picture_url=picture_url)

    def summaries(self, listings: Sequence[ChannelListing]) -> Iterator[dict[str, Any]]:
        facts = self.resolver.facts(listings)
        return (self._summary(listing, told) for listing, told in zip(listings, facts, strict=True))

    def whole(self, listing: ChannelListing) -> dict[str, Any]:
        [facts] = self.resolver.facts([listing])
        product = listing.product
        own = self.resolver.fields(listing)["description"].source == OWN
        variants = zip(in_order(product), facts.variants, strict=True)
        return self._summary(listing, facts) | {
            "description_html": nh3.clean(facts.description, tags=TAGS, attributes={}),
            "description": plain_text(facts.description),
            "description_language": self.own_language if own else self.language,
            "material": facts.material,
            "care": facts.care,
            "size_table": [self._measures(size, measures) for size, measures in facts.size_table.items()],
            "pattern": self._term(product.pattern, "patterns"),
            "pictures": [{"url": picture.url, "alt": picture.alt} for picture in facts.pictures],
            "variants": [self._variant(variant, told, facts) for variant, told in variants],
        }

    def categories(self, listings: QuerySet[ChannelListing]) -> list[dict[str, Any]]:
        from_category = {row["product__category"]: row["n"] for row in _counted(listings)}
        terms = Category.objects.in_bulk(list(from_category))
        shown = [self._term(terms[pk], "categories") | {"products": n} for pk, n in from_category.items()]
        return sorted(shown, key=lambda entry: (-entry["products"], entry["slug"]))

    def _summary(self, listing: ChannelListing, facts: ListingFacts) -> dict[str, Any]:
        product, prices = listing.product, [variant.price for variant in facts.variants] or [facts.price]
        colours = {variant.colour_id: variant.colour for variant in in_order(product)}
        return {
            "handle": facts.handle,
            "style_number": facts.style_number,
            "title": facts.title,
            "title_language": self._title_language(listing, facts),
            "brand": facts.brand,
            "category": self._term(product.category, "categories"),
            "gender": {"slug": product.gender, "name": gender_name(product, self.language)},
            "currency": facts.currency,
            "price": {"from": money(min(prices), facts.currency), "to": money(max(prices), facts.currency)},
            "compare_at_price": money(facts.compare_at, facts.currency) or None,
            "in_stock": facts.quantity > 0,
            "picture": facts.pictures[0].url if facts.pictures else None,
            "colours": [self._term(colour, "colours") | {"hex": colour.hex} for colour in colours.values()],
            "sizes": facts.sizes,
            "link": facts.link or None,
        }

    def _variant(self, variant: Any, told: VariantFacts, facts: ListingFacts) -> dict[str, Any]:
        return {
            "sku": told.sku,
            "barcode": told.barcode or None,
            "colour": variant.colour.slug,
            "colour_name": told.colour,
            "size": told.size,
            "price": money(told.price, facts.currency),
            **shown_stock(told.quantity),
        }

    def _measures(self, size: str, measures: Measures) -> dict[str, Any]:
        named = ((point, points()[point].named(self.language), value) for point, value in measures.items())
        return {"size": size, "measures": [{"slug": slug, "name": name, "cm": value} for slug, name, value in named]}

    def _title_language(self, listing: ChannelListing, facts: ListingFacts) -> str:
        """A title of a person's own is in the channel's language; a product's name in that of the name taken."""
        if listing.title:
            return self.own_language
        return "ko" if HANGUL.search(facts.title) else "en"

    def _term(self, term: Any, table: str) -> Any:
        return None if term is None else {"slug": term.slug, "name": name_in(term, table, self.language)}


def shown_stock(quantity: int) -> dict[str, Any]:
    """So many may be sold; from `MOST_SHOWN` on no more is told."""
    return {"quantity": min(quantity, MOST_SHOWN), "quantity_or_more": quantity >= MOST_SHOWN}


def gender_name(product: Product, language: str) -> str:
    translated = words().get(language, {}).get("genders", {}).get(product.gender)
    if translated:
        return str(translated)
    with translation.override(language):
        return str(product.get_gender_display())


def least_prices(listings: QuerySet[ChannelListing]) -> list[Decimal]:
    """The products' own prices, each once, from low to high."""
    found = listings.filter(product__price__isnull=False).order_by("product__price")
    return [price for price in found.values_list("product__price", flat=True).distinct() if price is not None]


def _counted(listings: QuerySet[ChannelListing]) -> Any:
    known = listings.filter(product__category__isnull=False).order_by()
    return known.values("product__category").annotate(n=Count("pk"))
