"""A shop that speaks Shopify's Admin GraphQL API as its reference documents it, as far as we use it.

`mishaps` are what happens to the next requests instead of, or after, what they ask for.
"""

from __future__ import annotations

import json
import threading
from collections import Counter, deque
from http.server import BaseHTTPRequestHandler
from itertools import count
from typing import Any

from tests.channels.live.fake_orders import FakeOrders
from tests.channels.live.servers import reply, reply_json

TOKEN = "shpat_0123456789abcdef"
PLACE = "gid://shopify/Location/1"


# What is asked for, as it stands in the query: the innermost first.
ASKED = (
    "productSet", "productByIdentifier", "inventorySetQuantities", "inventoryActivate", "locations",
    "fulfillmentCreate", "fulfillmentTrackingInfoUpdate", "fulfillments", "fulfillment", "fulfillmentOrders",
    "fulfillmentOrder", "orders", "webhookSubscriptions", "webhookSubscriptionCreate", "webhookSubscriptionDelete",
)  # fmt: skip


class FakeShopify(FakeOrders):
    def __init__(self) -> None:
        super().__init__()
        self.products: dict[str, dict[str, Any]] = {}
        self.levels: dict[str, int | None] = {}
        self.done: dict[str, dict[str, Any]] = {}  # by idempotency key
        self.mishaps: deque[str] = deque()
        self.asked: Counter[str] = Counter()
        self.versions: set[str] = set()
        self.bucket = {"maximumAvailable": 2000.0, "currentlyAvailable": 1900.0, "restoreRate": 100.0}
        self.refusal: dict[str, Any] | None = None
        self.before_set: list[Any] = []  # called just before quantities are set
        self.ids = count(1)
        self.let_go = threading.Event()

    def answer(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        self.versions.add(handler.path.split("/")[-2])
        if handler.headers["X-Shopify-Access-Token"] != TOKEN:
            return reply_json(handler, {"errors": "[API] Invalid API key or access token"}, 401)
        mishap = self.mishaps.popleft() if self.mishaps else ""
        if mishap.isdecimal():
            return reply(handler, int(mishap), b"oops", **({"Retry_After": "2.0"} if mishap == "429" else {}))
        if mishap == "throttled":
            return reply_json(handler, self._throttled())
        if mishap == "html":
            return reply(handler, 200, b"<html>maintenance</html>")
        if mishap == "empty":
            return reply_json(handler, {"extensions": {}})
        asked = json.loads(body)
        if any(f"{name}(" in asked["query"] for name in self.lacking):
            denied = {"message": "Access denied", "extensions": {"code": "ACCESS_DENIED"}}
            return reply_json(handler, {"errors": [denied]})
        answer = json.dumps(self._envelope(self.resolve(asked["query"], asked["variables"]))).encode()
        if mishap == "hang":
            self.let_go.wait(2)
        if mishap == "half":
            handler.send_response(200)
            handler.send_header("Content-Length", str(len(answer)))
            handler.end_headers()
            handler.wfile.write(answer[: len(answer) // 2])
            return None
        if mishap == "lost":
            return handler.connection.close()
        return reply(handler, 200, answer, Content_Type="application/json")

    def resolve(self, query: str, given: dict[str, Any]) -> dict[str, Any]:
        for name in ASKED:
            if f"{name}(" in query or f"{name} (" in query:
                self.asked[name] += 1
                return getattr(self, f"_{name}")(query, given)
        self.asked["nodes"] += 1
        return {"nodes": [self._item(key) for key in given["ids"]]}

    def _locations(self, query: str, given: dict[str, Any]) -> dict[str, Any]:
        nodes = [{"id": PLACE, "name": "Seoul", "isActive": True}, {"id": "2", "name": "Old", "isActive": False}]
        return {"locations": {"nodes": nodes}}

    def _productByIdentifier(self, query: str, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        found = self._by(given["identifier"])
        return {"productByIdentifier": self._shown(found) if found else None}

    def _productSet(self, query: str, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        if self.refusal:
            return {"productSet": {"product": None, "userErrors": [self.refusal]}}
        asked, identifier = given["input"], given["identifier"]
        found = self._by(identifier)
        if found is None and "id" in identifier:
            error = {"code": "PRODUCT_DOES_NOT_EXIST", "field": ["identifier"], "message": "Product does not exist"}
            return {"productSet": {"product": None, "userErrors": [error]}}
        product = found or {"id": f"gid://shopify/Product/{next(self.ids)}", "variants": {}}
        known = product["variants"]
        product |= {key: value for key, value in asked.items() if key != "variants"}
        product["variants"] = dict(self._variant(variant, known) for variant in asked["variants"])
        self.products[product["id"]] = product
        return {"productSet": {"product": self._shown(product), "userErrors": []}}

    def _variant(self, asked: dict[str, Any], known: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        key = asked.get("id") or f"gid://shopify/ProductVariant/{next(self.ids)}"
        item = known[key]["item"] if key in known else f"gid://shopify/InventoryItem/{next(self.ids)}"
        self.levels.setdefault(item, None)  # stocked nowhere yet
        return key, asked | {"id": key, "item": item}

    def _inventoryActivate(self, query: str, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        assert "@idempotent(key: $key)" in query and given["place"] == PLACE
        self.levels[given["item"]] = given["quantity"]
        return {"inventoryActivate": {"userErrors": []}}

    def _inventorySetQuantities(self, query: str, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        assert "@idempotent(key: $key)" in query, "mandatory since 2026-04"
        if given["key"] in self.done:
            return self.done[given["key"]]
        acts, self.before_set = self.before_set, []
        for act in acts:
            act()
        changes = given["input"]["quantities"]
        assert given["input"]["name"] == "available" and all(c["locationId"] == PLACE for c in changes)
        assert all("changeFromQuantity" in change for change in changes), "mandatory since 2026-04"
        errors = [
            {"code": "CHANGE_FROM_QUANTITY_STALE", "field": ["input", "quantities", str(n)], "message": "stale"}
            for n, change in enumerate(changes)
            if self.levels[change["inventoryItemId"]] != change["changeFromQuantity"]
        ]
        if not errors:
            self.levels |= {change["inventoryItemId"]: change["quantity"] for change in changes}
        answer = {"inventorySetQuantities": {"userErrors": errors}}
        self.done[given["key"]] = answer
        return answer

    def stock(self, sku: str) -> int | None:
        return self.levels[self.item(sku)]

    def item(self, sku: str) -> str:
        return next(v["item"] for p in self.products.values() for v in p["variants"].values() if v["sku"] == sku)

    def _by(self, identifier: dict[str, str]) -> dict[str, Any] | None:
        if "id" in identifier:
            return self.products.get(identifier["id"])
        return next((p for p in self.products.values() if p["handle"] == identifier["handle"]), None)

    def _shown(self, product: dict[str, Any]) -> dict[str, Any]:
        nodes = [
            {"id": key, "sku": v["sku"], "inventoryItem": {"id": v["item"]}} for key, v in product["variants"].items()
        ]
        return {"id": product["id"], "variants": {"nodes": nodes, "pageInfo": {"hasNextPage": False}}}

    def _item(self, key: str) -> dict[str, Any] | None:
        if key not in self.levels:
            return None
        level = self.levels[key]
        shown = None if level is None else {"quantities": [{"name": "available", "quantity": level}]}
        return {"id": key, "inventoryLevel": shown}

    def _envelope(self, data: dict[str, Any]) -> dict[str, Any]:
        cost = {"requestedQueryCost": 100, "actualQueryCost": 10, "throttleStatus": self.bucket}
        return {"data": data, "extensions": {"cost": cost}}

    def _throttled(self) -> dict[str, Any]:
        status = self.bucket | {"currentlyAvailable": 0.0}
        cost = {"requestedQueryCost": 300, "actualQueryCost": None, "throttleStatus": status}
        error = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
        return {"errors": [error], "extensions": {"cost": cost}}
