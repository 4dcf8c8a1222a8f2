"""A listing as Shopify's `productSet` takes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from erp.channels.facts import ListingFacts, VariantFacts
from erp.channels.formats.values import money
from erp.channels.live.adapter import Sent, SentVariant
from erp.channels.live.shopify.graphql import GraphQL, refusal, user_errors
from erp.channels.live.shopify.versions import has_barcodes, limits
from erp.channels.live.trouble import Passing, Refused

FIND = """query ($identifier: ProductIdentifierInput!) {
  productByIdentifier(identifier: $identifier) { id variants(first: 250) { nodes { sku } } }
}"""
SET = """mutation ($identifier: ProductSetIdentifiers, $input: ProductSetInput!) {
  productSet(identifier: $identifier, input: $input, synchronous: true) {
    product { id variants(first: 250) {
      nodes { id sku inventoryItem { id } } pageInfo { hasNextPage endCursor }
    } }
    userErrors { code field message }
  }
}"""
VARIANTS = """query ($id: ID!, $after: String) {
  product(id: $id) { variants(first: 250, after: $after) {
    nodes { id sku inventoryItem { id } } pageInfo { hasNextPage endCursor }
  } }
}"""
GONE = frozenset({"PRODUCT_DOES_NOT_EXIST", "NOT_FOUND"})


def put_product(client: GraphQL, facts: ListingFacts, *, version: str, pictures: bool) -> Sent:
    """Makes the product, or changes the one that is there: known by its id, before that by its handle.

    Sent again after a lost answer it finds what it made. Raises Refused where the handle is another product's.
    """
    if len(facts.variants) > limits()["most_variants"]:
        words = _("Shopify takes %(most)s variants a product; this one has %(count)s.")
        raise Refused(words % {"most": limits()["most_variants"], "count": len(facts.variants)})
    known = _known(facts) if facts.external_id else _found(client, facts)
    payload = _set(client, facts, version, known, pictures)
    if facts.external_id and any(error.get("code") in GONE for error in user_errors(payload)):
        # Deleted there by hand: made anew, with its pictures.
        payload = _set(client, facts, version, _found(client, facts), pictures=True)
    if errors := user_errors(payload):
        raise refusal(errors)
    return _sent(client, payload.get("product"))


@dataclass(frozen=True, slots=True)
class Known:
    """What the shop has of a listing: how to name the product, and its variants' ids by SKU."""

    identifier: Mapping[str, str]
    variants: Mapping[str, str]


def product_input(facts: ListingFacts, *, version: str, pictures: bool, ids: Mapping[str, str]) -> dict[str, Any]:
    """Lists that are not named stay as they are there: collections, metafields, and pictures that did not change."""
    given: dict[str, Any] = {
        "handle": facts.handle,
        "title": facts.title,
        "descriptionHtml": facts.description,
        "vendor": facts.brand,
        "productType": facts.category_name,
        "status": "ACTIVE" if facts.published else "DRAFT",
        "productOptions": [
            {"name": name, "position": place, "values": [{"name": value} for value in values]}
            for place, (name, values) in enumerate(
                ((facts.colour_option, facts.colours), (facts.size_option, facts.sizes)), start=1
            )
        ],
        "variants": [_variant(facts, variant, version, ids.get(variant.sku, "")) for variant in facts.variants],
    }
    if facts.tags:
        given["tags"] = list(facts.tags)
    if facts.target_category.startswith("gid://shopify/TaxonomyCategory/"):
        given["category"] = facts.target_category
    if pictures:
        most = limits()["most_pictures"]
        given["files"] = [
            {"originalSource": picture.url, "alt": picture.alt[:512], "contentType": "IMAGE"}
            for picture in facts.pictures[:most]
        ]
    return given


def _variant(facts: ListingFacts, variant: VariantFacts, version: str, known_as: str) -> dict[str, Any]:
    given: dict[str, Any] = {
        "sku": variant.sku,
        "price": money(variant.price, facts.currency),
        "compareAtPrice": money(facts.compare_at, facts.currency) or None,
        "inventoryPolicy": "DENY",
        "inventoryItem": {"tracked": True},
        "optionValues": [
            {"optionName": facts.colour_option, "name": variant.colour},
            {"optionName": facts.size_option, "name": variant.size},
        ],
    }
    if known_as:
        given["id"] = known_as
    if has_barcodes(version):
        given["barcodes"] = [{"value": variant.barcode}] if variant.barcode else []
    else:
        given["barcode"] = variant.barcode or None
    return given


def _known(facts: ListingFacts) -> Known:
    return Known({"id": facts.external_id}, {v.sku: v.external_id for v in facts.variants if v.external_id})


def _found(client: GraphQL, facts: ListingFacts) -> Known:
    """What is there under our handle: of an attempt whose answer was lost, of a file, or by hand with our SKUs.

    A product that somebody else made there would be overwritten and its variants deleted: Refused.
    """
    found = client.ask(FIND, {"identifier": {"handle": facts.handle}}).get("productByIdentifier")
    if not found:
        return Known({"handle": facts.handle}, {})
    theirs = {node.get("sku"): node["id"] for node in found["variants"]["nodes"]}
    ours = {variant.sku: theirs[variant.sku] for variant in facts.variants if variant.sku in theirs}
    if not ours:
        words = _(
            "The shop has another product at the address “%(handle)s”, with none of your SKUs. Change one of them."
        )
        raise Refused(words % {"handle": facts.handle})
    return Known({"id": found["id"]}, ours)


def _set(client: GraphQL, facts: ListingFacts, version: str, known: Known, pictures: bool) -> dict[str, Any]:
    given = product_input(facts, version=version, pictures=pictures, ids=known.variants)
    return client.change(SET, {"identifier": known.identifier, "input": given}, "productSet")


def _sent(client: GraphQL, product: Any) -> Sent:
    try:
        found: dict[str, SentVariant] = {}
        page = product["variants"]
        while True:
            for node in page["nodes"]:
                found[node["sku"]] = SentVariant(node["id"], node["inventoryItem"]["id"])
            if not page["pageInfo"]["hasNextPage"]:
                return Sent(product["id"], found)
            after = {"id": product["id"], "after": page["pageInfo"]["endCursor"]}
            page = client.ask(VARIANTS, after)["product"]["variants"]
    except (KeyError, TypeError) as error:
        raise Passing(_("The marketplace answered something unreadable.")) from error
