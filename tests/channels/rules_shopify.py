"""Shopify's rules for product CSV files, as its help page "Using CSV files to import and export products" states them.
Written from them, not from Jangbu's own templates; of both the present column names and those of older files."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

# Meaning -> its column now, its column in older files.
NAMES = {
    "handle": ("URL handle", "Handle"),
    "title": ("Title", "Title"),
    "body": ("Description", "Body (HTML)"),
    "vendor": ("Vendor", "Vendor"),
    "published": ("Published on online store", "Published"),
    "status": ("Status", "Status"),
    "sku": ("SKU", "Variant SKU"),
    "option1_name": ("Option1 name", "Option1 Name"),
    "option1": ("Option1 value", "Option1 Value"),
    "option2_name": ("Option2 name", "Option2 Name"),
    "option2": ("Option2 value", "Option2 Value"),
    "price": ("Price", "Variant Price"),
    "compare_at": ("Compare-at price", "Variant Compare At Price"),
    "barcode": ("Barcode", "Variant Barcode"),
    "tracker": ("Inventory tracker", "Variant Inventory Tracker"),
    "quantity": ("Inventory quantity", "Variant Inventory Qty"),
    "policy": ("Continue selling when out of stock", "Variant Inventory Policy"),
    "shipping": ("Requires shipping", "Variant Requires Shipping"),
    "tax": ("Charge tax", "Variant Taxable"),
    "fulfilment": ("Fulfillment service", "Variant Fulfillment Service"),
    "image": ("Product image URL", "Image Src"),
    "position": ("Image position", "Image Position"),
    "gift": ("Gift card", "Gift Card"),
}
# What stands on a product's first row and nowhere else.
ONCE = ("title", "body", "vendor", "published", "status", "option1_name", "option2_name", "gift")
ALLOWED = {
    "published": {"TRUE", "FALSE"},
    "status": {"active", "draft", "archived"},
    "tracker": {"", "shopify"},
    "policy": {"deny", "continue"},
    "shipping": {"TRUE", "FALSE"},
    "tax": {"TRUE", "FALSE"},
    "fulfilment": {"manual"},
    "gift": {"TRUE", "FALSE"},
}
NUMBER = re.compile(r"^\d+(\.\d{1,2})?$")
# Letters of every script, digits, single hyphens.
HANDLE = re.compile(r"^[^\W_]+(-{1,2}[^\W_]+)*$")
MOST_VARIANTS, MOST_IMAGES = 2048, 250
Row = dict[str, str]


def read_products(data: bytes) -> list[Row]:
    """The rows, by meaning. Raises where a column is missing or a row has too many cells."""
    text = data.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    header = rows[0].keys() if rows else set()
    names = {meaning: next(name for name in both if name in header) for meaning, both in NAMES.items()}
    assert not any(None in row for row in rows)
    return [{meaning: row[name] for meaning, name in names.items()} for row in rows]


def broken_rules(rows: Sequence[Row]) -> list[str]:
    found = []
    groups: dict[str, list[Row]] = {}
    last = ""
    for row in rows:
        handle = row["handle"]
        if handle in groups and handle != last:
            found.append(f"{handle}: its rows do not follow one another")
        groups.setdefault(handle, []).append(row)
        last = handle
    for handle, members in groups.items():
        found += [f"{handle}: {words}" for words in _of_product(handle, members)]
    skus = Counter(row["sku"] for row in rows if row["sku"])
    return found + [f"{sku}: on {count} rows" for sku, count in skus.items() if count > 1]


def _of_product(handle: str, rows: Sequence[Row]) -> Iterator[str]:
    first, *rest = rows
    if not HANDLE.match(handle) or handle != handle.lower():
        yield "is no handle"
    if not first["title"]:
        yield "the first row has no title"
    for meaning in ONCE:
        if any(row[meaning] for row in rest):
            yield f"{meaning} stands on a row after the first"
    for meaning in ("published", "status", "gift"):
        if first[meaning].upper() not in {value.upper() for value in ALLOWED[meaning]}:
            yield f"{meaning} is {first[meaning]!r}"
    variants = [row for row in rows if row["price"] or row["option1"] or row["sku"]]
    if not 1 <= len(variants) <= MOST_VARIANTS:
        yield f"{len(variants)} variants"
    if first not in variants:
        yield "the first row is no variant"
    yield from _options(first, variants)
    for row in variants:
        yield from _of_variant(row)
    yield from _images(rows, variants)


def _options(first: Row, variants: Sequence[Row]) -> Iterator[str]:
    named = [option for option in ("option1", "option2") if first[f"{option}_name"]]
    if not named:
        yield "has no option"
    for option in named:
        if not all(row[option] for row in variants):
            yield f"a variant has no value of {option}"
    if any(count > 1 for count in Counter(tuple(row[o] for o in named) for row in variants).values()):
        yield "two variants have the same options"


def _of_variant(row: Row) -> Iterator[str]:
    if not NUMBER.match(row["price"]):
        yield f"price is {row['price']!r}"
    if row["compare_at"] and (not NUMBER.match(row["compare_at"]) or float(row["compare_at"]) <= float(row["price"])):
        yield f"compare-at price is {row['compare_at']!r}"
    if not re.fullmatch(r"-?\d+", row["quantity"]):
        yield f"quantity is {row['quantity']!r}"
    for meaning in ("tracker", "policy", "shipping", "tax", "fulfilment"):
        if row[meaning].upper() not in {value.upper() for value in ALLOWED[meaning]}:
            yield f"{meaning} is {row[meaning]!r}"
    if row["sku"].startswith("'") or row["barcode"].startswith("'"):
        yield "a code begins with an apostrophe"


def _images(rows: Sequence[Row], variants: Sequence[Row]) -> Iterator[str]:
    shown = [row for row in rows if row["image"]]
    if len(shown) > MOST_IMAGES:
        yield f"{len(shown)} images"
    if len({row["image"] for row in shown}) != len(shown):
        yield "an image is there twice"
    if [row["position"] for row in shown] != [str(number) for number in range(1, len(shown) + 1)]:
        yield "image positions do not count from 1"
    for row in shown:
        parts = urlsplit(row["image"])
        if parts.scheme not in ("http", "https") or not parts.netloc:
            yield f"image {row['image']!r} is no address"
    for row in rows:
        if row not in variants and not row["image"]:
            yield "a row is neither a variant nor an image"
