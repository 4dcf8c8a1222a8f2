"""A listing as one channel shows it: every field resolved, no database behind it. What adapters read and write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from erp.channels.size_tables import Measures


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """One picture of a listing, in the order shoppers see them. `url` is where the marketplace fetches it."""

    url: str
    name: str
    alt: str = ""
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class VariantFacts:
    """One colour in one size. `quantity` is what this channel may sell, beside what is `committed` to its orders;
    `price` is in the listing's currency."""

    sku: str
    colour: str
    size: str
    price: Decimal
    quantity: int
    barcode: str = ""
    picture: PictureFacts | None = None
    committed: int = 0
    external_id: str = ""


@dataclass(frozen=True, slots=True)
class ListingFacts:
    """One product on one channel. Texts are in the channel's language; codes are ours unless named otherwise."""

    handle: str
    style_number: str
    title: str
    description: str  # HTML that Jangbu made
    brand: str
    currency: str
    price: Decimal
    variants: tuple[VariantFacts, ...]
    pictures: tuple[PictureFacts, ...] = ()  # as many as the marketplace takes
    pictures_beyond: int = 0  # the others
    title_en: str = ""
    compare_at: Decimal | None = None
    category: str = ""  # our code
    category_name: str = ""
    target_category: str = ""  # the marketplace's code or path
    pattern: str = ""  # our code
    pattern_name: str = ""
    gender: str = "unisex"
    season: str = "all"
    material: str = ""
    care: str = ""
    size_table: Mapping[str, Measures] = field(default_factory=dict)  # by size
    link: str = ""
    language: str = "ko"
    published: bool = True
    colour_option: str = "Color"
    size_option: str = "Size"
    tags: tuple[str, ...] = ()
    external_id: str = ""
    # The values of each option when the marketplace last got them: () if it never did.
    options_before: tuple[tuple[str, ...], ...] = ()
    # What the channel or the person adds under the marketplace's own names: delivery templates, origin, weight.
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def quantity(self) -> int:
        return sum(variant.quantity for variant in self.variants)

    @property
    def colours(self) -> list[str]:
        return list(dict.fromkeys(variant.colour for variant in self.variants))

    @property
    def sizes(self) -> list[str]:
        return list(dict.fromkeys(variant.size for variant in self.variants))
