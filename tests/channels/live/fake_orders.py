"""The part of the shop that keeps orders, what is to be sent of them, and whom it tells of them."""

from __future__ import annotations

from itertools import count
from typing import Any

PAGE = {"hasNextPage": False, "endCursor": None}


def errors(*messages: str) -> list[dict[str, Any]]:
    return [{"field": ["input"], "message": message} for message in messages]


class FakeOrders:
    """`lacking` are rights that the token does not have, by the name of what is asked."""

    ids: count[int]

    def __init__(self) -> None:
        self.orders: dict[str, dict[str, Any]] = {}  # by id
        self.to_send: dict[str, dict[str, Any]] = {}  # fulfilment orders by id
        self.sent: dict[str, dict[str, Any]] = {}  # fulfilments by id
        self.mailed: list[str] = []
        self.hooks: dict[str, dict[str, Any]] = {}
        self.lacking: set[str] = set()
        self.page_size = 100

    def place(self, name: str, goods: dict[str, int], place: str = "Seoul", key: str = "") -> str:
        """Goods of an order at one place of the shop; the same `key` adds another place to the same order."""
        key = key or f"gid://shopify/Order/{next(self.ids)}"
        self.orders.setdefault(key, {"id": key, "name": name})
        made = f"gid://shopify/FulfillmentOrder/{next(self.ids)}"
        lines = {f"gid://shopify/FulfillmentOrderLineItem/{next(self.ids)}": [sku, n] for sku, n in goods.items()}
        self.to_send[made] = {"id": made, "order": key, "place": place, "status": "OPEN", "lines": lines}
        return key

    def _orders(self, query: str, given: dict[str, Any]) -> dict[str, Any]:
        wanted = given["query"].removeprefix("name:").strip('"')
        found = [row for row in self.orders.values() if row["name"].startswith(wanted)]  # a search finds more
        return {"orders": {"nodes": found[:5]}}

    def _fulfillments(self, query: str, given: dict[str, Any]) -> dict[str, Any]:
        rows = [row for row in self.sent.values() if row["order"] == given["id"]]
        shown = [{"id": r["id"], "status": r["status"], "trackingInfo": [{"number": r["number"]}]} for r in rows]
        return {"order": {"fulfillments": shown}}

    def _fulfillment(self, query: str, given: dict[str, Any]) -> dict[str, Any]:
        goods = self.sent[given["id"]]["goods"].items()
        nodes = [{"quantity": n, "lineItem": {"sku": sku, "name": sku}} for sku, n in goods]
        return {"fulfillment": {"fulfillmentLineItems": self._paged(nodes, given)}}

    def _fulfillmentOrders(self, query: str, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        rows = [row for row in self.to_send.values() if row["order"] == given["id"]]
        nodes = [
            {"id": row["id"], "status": row["status"], "assignedLocation": {"location": {"id": row["place"]}}}
            for row in rows
        ]
        return {"order": {"fulfillmentOrders": self._paged(nodes, given)}}

    def _fulfillmentOrder(self, query: str, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        lines = self.to_send[given["id"]]["lines"].items()
        nodes = [{"id": key, "remainingQuantity": n, "sku": sku, "lineItem": {"name": sku}} for key, (sku, n) in lines]
        return {"fulfillmentOrder": {"lineItems": self._paged(nodes, given)}}

    def _fulfillmentCreate(self, query: str, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        asked = given["fulfillment"]
        parts = [(self.to_send[p["fulfillmentOrderId"]], p) for p in asked["lineItemsByFulfillmentOrder"]]
        assert len({row["place"] for row, _part in parts}) == 1, "one fulfilment is of one location"
        goods: dict[str, int] = {}
        for row, part in parts:
            for line in part["fulfillmentOrderLineItems"]:
                sku, remaining = row["lines"][line["id"]]
                if line["quantity"] > remaining or row["status"] != "OPEN":
                    wrong = errors("Invalid fulfillment order line item quantity requested.")
                    return {"fulfillmentCreate": {"fulfillment": None, "userErrors": wrong}}
                row["lines"][line["id"]][1] -= line["quantity"]
                goods[sku] = goods.get(sku, 0) + line["quantity"]
            if not any(n for _sku, n in row["lines"].values()):
                row["status"] = "CLOSED"
        made = self.fulfil(parts[0][0]["order"], goods, **asked["trackingInfo"])
        self.mailed += [made] if asked["notifyCustomer"] else []
        return {"fulfillmentCreate": {"fulfillment": {"id": made}, "userErrors": []}}

    def fulfil(self, order: str, goods: dict[str, int], number: str = "", company: str = "") -> str:
        made = f"gid://shopify/Fulfillment/{next(self.ids)}"
        row = {"id": made, "order": order, "status": "SUCCESS", "number": number, "company": company, "goods": goods}
        self.sent[made] = row
        return made

    def _fulfillmentTrackingInfoUpdate(self, query: str, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        row = self.sent.get(given["id"])
        if row is None or row["status"] != "SUCCESS":
            wrong = errors("Fulfillment does not exist.")
            return {"fulfillmentTrackingInfoUpdate": {"fulfillment": None, "userErrors": wrong}}
        row |= {"number": given["info"]["number"], "company": given["info"]["company"]}
        return {"fulfillmentTrackingInfoUpdate": {"fulfillment": {"id": row["id"]}, "userErrors": []}}

    def _webhookSubscriptions(self, query: str, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"webhookSubscriptions": self._paged(list(self.hooks.values()), given)}

    def _webhookSubscriptionCreate(self, query: str, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        taken = any((h["topic"], h["uri"]) == (given["topic"], given["uri"]) for h in self.hooks.values())
        if taken or not given["uri"].startswith("https://"):
            wrong = errors("Address for this topic has already been taken" if taken else "Address is not allowed")
            return {"webhookSubscriptionCreate": {"webhookSubscription": None, "userErrors": wrong}}
        key = self.hook(given["topic"], given["uri"])
        return {"webhookSubscriptionCreate": {"webhookSubscription": {"id": key}, "userErrors": []}}

    def hook(self, topic: str, uri: str) -> str:
        key = f"gid://shopify/WebhookSubscription/{next(self.ids)}"
        self.hooks[key] = {"id": key, "topic": topic, "uri": uri}
        return key

    def _webhookSubscriptionDelete(self, query: str, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        gone = self.hooks.pop(given["id"], None)
        wrong = [] if gone else errors("Webhook subscription does not exist")
        told = {"deletedWebhookSubscriptionId": given["id"] if gone else None, "userErrors": wrong}
        return {"webhookSubscriptionDelete": told}

    def _paged(self, nodes: list[dict[str, Any]], given: dict[str, Any]) -> dict[str, Any]:
        start = int(given.get("after") or 0)
        end = start + self.page_size
        return {"nodes": nodes[start:end], "pageInfo": {"hasNextPage": end < len(nodes), "endCursor": str(end)}}
