"""A wholesale stall for the tests of its papers: a brand with goods, a buyer with a shop, and people."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.models import Product
from erp.core.models import User
from erp.inventory.models import Balance, Location
from erp.trade.models import AccountEntry, DeliverTo, Partner, Slip, SlipLine
from erp.trade.services.slips import SlipEntry, issue_slip
from tests.api.shop import Shop, make_shop

PRICE = Decimal(12000)


def key() -> str:
    return uuid.uuid4().hex


@dataclass
class Stall:
    shop: Shop
    buyer: Partner
    deliver_to: DeliverTo

    @property
    def brand(self) -> Any:
        return self.shop.brand

    @property
    def owner(self) -> User:
        return self.shop.owner

    @property
    def variants(self) -> list[Any]:
        return self.shop.variants

    @property
    def main(self) -> Location:
        return self.shop.main

    def place(self, kind: str) -> Location:
        return Location.objects.of(self.brand).filter(kind=kind).order_by("position")[0]

    def stock(self, *quantities: int) -> None:
        for variant, quantity in zip(self.variants, quantities, strict=False):
            if quantity:
                self.shop.stock(variant, quantity)

    def on_hand(self, number: int = 0, location: Location | None = None) -> int:
        held = Balance.objects.filter(variant=self.variants[number], location=location or self.main)
        return held.values_list("on_hand", flat=True).first() or 0

    def entry(self, number: int = 0, quantity: int = 1, kind: str = SlipLine.Kind.SOLD, **more: Any) -> SlipEntry:
        return SlipEntry(self.variants[number], kind, quantity, more.pop("price", PRICE), **more)

    def slip(self, *entries: SlipEntry, **more: Any) -> Slip:
        words = {"kind": Slip.Kind.SALE, "actor": self.owner, "idempotency_key": key()} | more
        return issue_slip(buyer=words.pop("buyer", self.buyer), entries=entries or [self.entry()], **words)

    @property
    def balance(self) -> Decimal:
        last = AccountEntry.objects.filter(partner=self.buyer).order_by("-pk").first()
        return last.balance_after if last else Decimal(0)

    def client(self, user: User | None = None, language: str = "en") -> Client:
        client = Client()
        client.force_login(user or self.owner)
        client.cookies["django_language"] = language
        return client

    def url(self, name: str, *args: object) -> str:
        return reverse(f"trade:{name}", args=[self.brand.slug, *args])


def make_stall(slug: str = "haneul") -> Stall:
    shop = make_shop(slug)
    Product.objects.filter(pk=shop.product.pk).update(price=PRICE)
    buyer = Partner.objects.create(brand=shop.brand, name="나래상회", is_buyer=True)
    return Stall(shop, buyer, DeliverTo.objects.create(partner=buyer, name="대구 2호점"))


def queries_of(client: Client, address: str) -> int:
    """How many queries a page asks."""
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)
