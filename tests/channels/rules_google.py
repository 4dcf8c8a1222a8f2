"""Google Merchant's product data specification for apparel, as its help pages state it (answer/7052112 and those it
links to). Written from them, not from Jangbu's own templates: files are read by lxml or csv, every rule looked at."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from urllib.parse import urlsplit

from lxml import etree

NAMESPACE = "http://base.google.com/ns/1.0"
Item = dict[str, list[str]]

REQUIRED = (
    "id", "title", "description", "link", "image_link", "availability", "price", "brand", "color", "size", "gender",
    "age_group",
)  # fmt: skip
LONGEST = {
    "id": 50, "title": 150, "description": 5000, "link": 2000, "image_link": 2000, "brand": 70, "mpn": 70, "color": 100,
    "size": 100, "item_group_id": 50, "material": 200, "pattern": 100, "product_type": 750,
}  # fmt: skip
ALLOWED = {
    "availability": {"in_stock", "out_of_stock", "preorder", "backorder"},
    "condition": {"new", "refurbished", "used"},
    "gender": {"male", "female", "unisex"},
    "age_group": {"newborn", "infant", "toddler", "kids", "adult"},
    "identifier_exists": {"yes", "no", "true", "false"},
    "size_system": {"AU", "BR", "CN", "DE", "EU", "FR", "IT", "JP", "MEX", "UK", "US"},
    "size_type": {"regular", "petite", "maternity", "big", "tall", "plus"},
}
OFTEN = {"additional_image_link": 10, "product_type": 5}
PRICE = re.compile(r"^\d+(\.\d{1,2})? [A-Z]{3}$")
IMAGE = re.compile(r"\.(jpe?g|png|gif|webp|bmp|tiff?)$", re.IGNORECASE)


def read_xml(data: bytes) -> list[Item]:
    root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    assert root.tag == "rss" and root.get("version") == "2.0"
    channel = root.find("channel")
    assert channel is not None and all(channel.find(name) is not None for name in ("title", "link", "description"))
    items = []
    for element in channel.findall("item"):
        item: Item = {}
        for part in element:
            name = etree.QName(part)
            assert name.namespace == NAMESPACE, name
            item.setdefault(name.localname, []).append(part.text or "")
        items.append(item)
    return items


def read_tsv(data: bytes) -> list[Item]:
    rows = csv.DictReader(io.StringIO(data.decode("utf-8"), newline=""), delimiter="\t", strict=True)
    return [{name: _several(name, value) for name, value in row.items() if value} for row in rows]


def _several(name: str, value: str) -> list[str]:
    return value.split(",") if name in OFTEN else [value]


def broken_rules(items: Sequence[Item]) -> list[str]:
    """A sentence for each rule that an item breaks, beginning with its id."""
    found = [f"{item.get('id', ['?'])[0]}: {words}" for item in items for words in _of_item(item)]
    ids = Counter(item["id"][0] for item in items if item.get("id"))
    found += [f"{name}: id is used {count} times" for name, count in ids.items() if count > 1]
    return found + list(_of_groups(items))


def _of_item(item: Item) -> Iterator[str]:
    for name in REQUIRED:
        if not item.get(name, [""])[0].strip():
            yield f"{name} is required"
    for name, values in item.items():
        if len(values) > OFTEN.get(name, 1):
            yield f"{name} occurs {len(values)} times"
        for value in values:
            if len(value) > LONGEST.get(name, 10**6):
                yield f"{name} has {len(value)} characters"
            if name in ALLOWED and value not in ALLOWED[name]:
                yield f"{name} is {value!r}"
            if name.endswith("link") and not _is_address(value):
                yield f"{name} is no web address: {value!r}"
            if name.endswith("image_link") and not IMAGE.search(urlsplit(value).path):
                yield f"{name} is no picture: {value!r}"
            if re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", value):
                yield f"{name} holds control signs"
    yield from _prices(item)
    yield from _identifiers(item)


def _is_address(value: str) -> bool:
    parts = urlsplit(value)
    return parts.scheme in ("http", "https") and bool(parts.netloc) and " " not in value


def _prices(item: Item) -> Iterator[str]:
    amounts = {}
    for name in ("price", "sale_price"):
        for text in item.get(name, []):
            if not PRICE.match(text):
                yield f"{name} is {text!r}: digits, a dot, a blank, a currency"
                return
            amounts[name] = text.split(" ")
    if "price" in amounts and Decimal(amounts["price"][0]) <= 0:
        yield "price is nothing"
    if "price" in amounts and "sale_price" in amounts:
        if amounts["price"][1] != amounts["sale_price"][1]:
            yield "sale_price is in another currency"
        if Decimal(amounts["sale_price"][0]) >= Decimal(amounts["price"][0]):
            yield "sale_price is not below price"


def _identifiers(item: Item) -> Iterator[str]:
    gtin = item.get("gtin", [""])[0]
    named = bool(gtin) or bool(item.get("mpn") and item.get("brand"))
    if gtin and not _is_gtin(gtin):
        yield f"gtin {gtin} is none"
    if item.get("identifier_exists") == ["no"] and named:
        yield "identifier_exists is no, but there is one"
    if not named and item.get("identifier_exists") != ["no"]:
        yield "neither gtin nor brand and mpn, and identifier_exists is not no"


def _is_gtin(text: str) -> bool:
    """8, 12, 13 or 14 digits with a right check digit, and none of the ranges for use inside a shop (2, 02, 04)."""
    if not re.fullmatch(r"\d{8}|\d{12,14}", text):
        return False
    digits = [int(sign) for sign in reversed(text)]
    total = sum(digit * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    inside = text.zfill(14)[1:3] in {*(str(n) for n in range(20, 30)), "02", "04"} and len(text) > 8
    return total % 10 == 0 and not inside


def _of_groups(items: Sequence[Item]) -> Iterator[str]:
    """Variants of a group differ in what makes them variants, and share what makes them one product."""
    groups: dict[str, list[Item]] = {}
    for item in items:
        if group := item.get("item_group_id"):
            groups.setdefault(group[0], []).append(item)
    for name, members in groups.items():
        looks = Counter(
            tuple(tuple(m.get(key, [""])) for key in ("color", "size", "pattern", "material")) for m in members
        )
        if any(count > 1 for count in looks.values()):
            yield f"{name}: two variants look the same"
        if len({tuple(member.get("brand", [])) for member in members}) > 1:
            yield f"{name}: variants of several brands"
