"""Shopify by the verbs of `live.adapter`."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from erp.channels.facts import ListingFacts
from erp.channels.live.adapter import Change, Parcel, Place, Sent
from erp.channels.live.pace import Pace
from erp.channels.live.shopify.graphql import GraphQL, refusal, user_errors
from erp.channels.live.shopify.listening import listen, stop_listening
from erp.channels.live.shopify.parcels import send_parcel
from erp.channels.live.shopify.products import put_product
from erp.channels.live.shopify.versions import limits
from erp.channels.live.trouble import Passing, Refused

PLACES = "query { locations(first: 100) { nodes { id name isActive } } }"
LEVELS = """query ($ids: [ID!]!, $place: ID!) {
  nodes(ids: $ids) { ... on InventoryItem { id inventoryLevel(locationId: $place) {
    quantities(names: ["available"]) { name quantity }
  } } }
}"""
OPEN = """mutation ($item: ID!, $place: ID!, $quantity: Int!, $key: String!) {
  inventoryActivate(inventoryItemId: $item, locationId: $place, available: $quantity) @idempotent(key: $key) {
    userErrors { field message }
  }
}"""
SET = """mutation ($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) { userErrors { code field message } }
}"""
STALE = "CHANGE_FROM_QUANTITY_STALE"


class Shopify:
    def __init__(self, *, shop: str, version: str, token: str, place: str, pace: Pace | None = None) -> None:
        address = settings.SHOPIFY_ADDRESS.format(shop=shop)
        self.client = GraphQL(f"{address}/admin/api/{version}/graphql.json", token, pace=pace)
        self.version, self.place = version, place

    def places(self) -> list[Place]:
        nodes = _nodes(self.client.ask(PLACES, {}).get("locations"))
        return [Place(node["id"], str(node["name"])[:120]) for node in nodes if node.get("isActive")]

    def put_listing(self, facts: ListingFacts, *, pictures: bool) -> Sent:
        return put_product(self.client, facts, version=self.version, pictures=pictures)

    def read_stock(self, stock_ids: Collection[str]) -> dict[str, int | None]:
        found: dict[str, int | None] = {}
        for ids in _batches(list(stock_ids)):
            answer = self.client.ask(LEVELS, {"ids": ids, "place": self.place})
            for node in _list(answer.get("nodes")):
                if isinstance(node, dict) and "id" in node:
                    found[node["id"]] = _available(node.get("inventoryLevel"))
        if missing := set(stock_ids) - found.keys():
            raise Refused(_("Shopify no longer knows the stock of %(count)s variants.") % {"count": len(missing)})
        return found

    def open_stock(self, stock_id: str, quantity: int) -> None:
        given = {"item": stock_id, "place": self.place, "quantity": quantity, "key": str(uuid.uuid4())}
        if errors := user_errors(self.client.change(OPEN, given, "inventoryActivate")):
            raise refusal(errors)

    def set_stock(self, changes: Sequence[Change]) -> bool:
        fresh = True
        for batch in _batches(changes):
            fresh = self._set(batch) and fresh
        return fresh

    def send_parcel(self, parcel: Parcel) -> list[str]:
        return send_parcel(self.client, parcel)

    def listen(self, address: str) -> None:
        listen(self.client, address)

    def stop_listening(self, address: str) -> None:
        stop_listening(self.client, address)

    def _set(self, changes: Sequence[Change]) -> bool:
        """The key is one for all attempts of this very change: an answer that was lost is given again."""
        quantities = [
            {
                "inventoryItemId": change.stock_id,
                "locationId": self.place,
                "quantity": change.after,
                "changeFromQuantity": change.before,
            }
            for change in changes
        ]
        given = {"name": "available", "reason": "correction", "quantities": quantities}
        payload = self.client.change(SET, {"input": given, "key": str(uuid.uuid4())}, "inventorySetQuantities")
        errors = user_errors(payload)
        if not errors:
            return True
        if all(error.get("code") == STALE for error in errors):
            return False
        raise refusal(errors)


def _available(level: Any) -> int | None:
    if not isinstance(level, dict):
        return None
    try:
        return next(int(q["quantity"]) for q in level["quantities"] if q["name"] == "available")
    except (KeyError, TypeError, ValueError, StopIteration) as error:
        raise Passing(_("The marketplace answered something unreadable.")) from error


def _batches(items: Sequence[Any]) -> list[Sequence[Any]]:
    size = limits()["most_quantities"]
    return [items[start : start + size] for start in range(0, len(items), size)]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _nodes(value: Any) -> list[dict[str, Any]]:
    return _list(value.get("nodes")) if isinstance(value, dict) else []
