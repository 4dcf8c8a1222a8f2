"""Deliveries as shops make them, signed."""

from __future__ import annotations

import base64
import hmac
import json
import uuid
from hashlib import sha256
from typing import Any

from erp.channels.signing import sign


def shopify_order(number: str, *goods: tuple[str, int], **changes: Any) -> dict[str, Any]:
    """The fields of an order that we read, as Shopify's Order resource has them."""
    lines = [
        {
            "id": n,
            "sku": sku,
            "name": "Navy shirt - Navy / S",
            "title": "Navy shirt",
            "quantity": count,
            "price": "12000",
        }
        for n, (sku, count) in enumerate(goods)
    ]
    told = {
        "id": 450789469,
        "name": number,
        "created_at": "2026-11-20T10:00:00+09:00",
        "updated_at": "2026-11-20T10:00:00+09:00",
        "cancelled_at": None,
        "financial_status": "paid",
        "fulfillment_status": None,
        "currency": "KRW",
        "customer": {"first_name": "Jane", "last_name": "Doe"},
        "shipping_address": {"name": "Jane Doe"},
        "line_items": lines,
    }
    return told | changes


def shopify_headers(secret: str, body: bytes, topic: str = "orders/create", name: str = "") -> dict[str, str]:
    digest = base64.b64encode(hmac.digest(secret.encode(), body, sha256)).decode()
    return {
        "X-Shopify-Topic": topic,
        "X-Shopify-Hmac-Sha256": digest,
        "X-Shopify-Webhook-Id": name or str(uuid.uuid4()),
        "X-Shopify-Event-Id": str(uuid.uuid4()),
    }


def post(client: Any, url: str, body: bytes, headers: dict[str, str]) -> Any:
    headers = {"Accept-Language": "en"} | headers
    return client.generic("POST", url, body, content_type="application/json", headers=headers)


def signed(client: Any, url: str, key: str, content: Any, *, moment: int | None = None, **headers: str) -> Any:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return post(client, url, body, {"Webhook-Signature": sign(key, body, moment=moment)} | headers)
