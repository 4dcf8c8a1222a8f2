"""What a marketplace must be able to do to be spoken to directly. Another one is another module with these verbs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from erp.channels.facts import ListingFacts


@dataclass(frozen=True, slots=True)
class Place:
    """A place of theirs that holds stock."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class SentVariant:
    """What the marketplace calls a variant, and its stock."""

    id: str
    stock_id: str


@dataclass(frozen=True, slots=True)
class Sent:
    """What the marketplace calls a listing, and its variants by our SKU."""

    id: str
    variants: Mapping[str, SentVariant]


@dataclass(frozen=True, slots=True)
class Change:
    """So many pieces instead of so many: refused by the marketplace if it has another number by now."""

    stock_id: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Goods:
    """Pieces of one kind in a parcel, by the names that the order gives them there: a SKU, or a title."""

    names: frozenset[str]
    pieces: int


@dataclass(frozen=True, slots=True)
class Parcel:
    """What left with one number. `known_as` are its own ids there, where it was told before; `others` those of the
    order's other parcels."""

    order_number: str
    goods: Sequence[Goods]
    courier: str
    tracking_number: str
    known_as: Sequence[str] = ()
    others: Collection[str] = ()
    mails: bool = False  # whether the shop writes to the customer


class Adapter(Protocol):
    """Each verb raises a `Trouble`, and may be repeated after a lost answer: nothing comes to be twice."""

    def places(self) -> list[Place]: ...

    def put_listing(self, facts: ListingFacts, *, pictures: bool) -> Sent:
        """Makes or changes a product with all its variants; its pictures too, where they changed."""

    def read_stock(self, stock_ids: Collection[str]) -> dict[str, int | None]:
        """Pieces at our place there; None: the place does not hold it yet."""

    def open_stock(self, stock_id: str, quantity: int) -> None:
        """Our place there holds this from now on."""

    def set_stock(self, changes: Sequence[Change]) -> bool:
        """All of the changes, or none: False where one of the numbers before was another."""

    def send_parcel(self, parcel: Parcel) -> list[str]:
        """Tells that goods left, or under which number they did: gives what the parcel is called there."""

    def listen(self, address: str) -> None:
        """Orders are delivered to this address from now on, and to no older one of the same path."""

    def stop_listening(self, address: str) -> None:
        """Nothing is delivered to this address any more."""
