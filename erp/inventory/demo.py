"""Two brands with people, products, photos and ten days of stock, to look around in; all made through the services."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction

from catalog.drawing import Sketch, draw_photo
from catalog.models import Brand, Category, Colour, Pattern, Product, Role, Size, Variant
from catalog.services import (
    activate_product,
    add_image,
    add_member,
    create_brand,
    create_product,
    set_size_table,
    set_variants,
)
from erp.core.audit import acting
from erp.core.models import User
from erp.inventory.demo_stock import Story
from erp.inventory.services.backdating import retelling

# Goes on with a brand whose products are stocked: what an app above knows to tell of it.
Telling = Callable[[Brand, Sequence[User], Sequence[Sequence[Variant]]], None]
DATA = Path(__file__).parent / "data" / "demo.json"


@dataclass(frozen=True, slots=True)
class Account:
    """One person of the demonstration; `password` is None where somebody has changed it."""

    user: User
    password: str | None
    new: bool


def make_demo(go_on: Telling) -> list[Account]:
    """Creates what is missing: people by user name, brands by address. A brand that exists stays as it is."""
    data = json.loads(DATA.read_text(encoding="utf-8"))
    accounts = [_account(dict(person)) for person in data["people"]]
    people = {account.user.username: account.user for account in accounts}
    for spec in data["brands"]:
        if not Brand.objects.filter(slug=spec["slug"]).exists():
            with acting(people[spec["owner"]]):
                _make_brand(spec, people, go_on)
    return accounts


def _account(person: dict[str, Any]) -> Account:
    username = person.pop("username")
    password = f"jangbu-{username}"
    user = User.objects.filter(username=username).first()
    if user:
        return Account(user, password if user.check_password(password) else None, new=False)
    return Account(User.objects.create_user(username, password=password, **person), password, new=True)


@transaction.atomic
def _make_brand(spec: dict[str, Any], people: dict[str, User], go_on: Telling) -> None:
    owner = people[spec["owner"]]
    brand = create_brand(
        slug=spec["slug"],
        name_ko=spec["name_ko"],
        name_en=spec["name_en"],
        currency=spec["currency"],
        owner=owner,
    )
    for username, role in spec["members"].items():
        add_member(brand=brand, user=people[username], role=role)
    listing = _Listing(brand, owner)
    stocked = [listing.add_product(row) for row in spec["products"]]
    for row in spec["drafts"]:
        listing.add_draft(row)
    workers = [owner, *(people[name] for name, role in spec["members"].items() if role == Role.STAFF)]
    with retelling():
        Story(brand, workers, spec["shop"], spec["notes"], random.Random(spec["slug"])).play(stocked)
    go_on(brand, workers, stocked)


class _Listing:
    """Lists the products of one brand; the words of the taxonomy are read once."""

    def __init__(self, brand: Brand, actor: User) -> None:
        self.brand, self.actor = brand, actor
        self.categories = {category.slug: category for category in Category.objects.all()}
        self.patterns = {pattern.slug: pattern for pattern in Pattern.objects.all()}
        self.colours = {colour.slug: colour for colour in Colour.objects.filter(brand=None)}
        self.sizes = {(s.run_id, s.code): s for s in Size.objects.filter(run__brand=None).select_related("run")}
        self.drawn = 0

    def add_product(self, row: dict[str, Any]) -> list[Variant]:
        category = self.categories[row["category"]]
        names = ("name_ko", "name_en", "price", "season", "gender", "material", "care")
        product = create_product(
            brand=self.brand,
            actor=self.actor,
            category=category,
            pattern=self.patterns[row["pattern"]],
            **{name: row[name] for name in names},
        )
        self._photograph(product, row)
        sizes = [self.sizes[category.size_run_id or 0, code] for code in row["sizes"]]
        variants = set_variants(product=product, colours=[self.colours[slug] for slug in row["colours"]], sizes=sizes)
        columns = row["measures"].items()
        table = {code: {point: cm[n] for point, cm in columns} for n, code in enumerate(row["sizes"])}
        set_size_table(product=product, actor=self.actor, table=table)
        activate_product(product=product, actor=self.actor)
        return variants

    def add_draft(self, row: dict[str, Any]) -> None:
        """Only photos: what they show is left to the analysis and to whoever finishes the draft."""
        self._photograph(create_product(brand=self.brand, actor=self.actor), row)

    def _photograph(self, product: Product, row: dict[str, Any]) -> None:
        for number, photo in enumerate(row["photos"], 1):
            self.drawn += 1
            cloth = [self.colours[slug].hex for slug in photo["cloth"]]
            sketch = Sketch(row["category"], cloth, row["pattern"], photo["room"], self.drawn, photo["tilt"])
            name = f"{product.style_number}-{number}.jpg"
            add_image(product=product, data=draw_photo(sketch), filename=name, actor=self.actor)
