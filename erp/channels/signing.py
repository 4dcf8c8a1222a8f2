"""Signatures of webhooks, ours and Shopify's. Compared in constant time; old ones are refused."""

from __future__ import annotations

import base64
import hmac
import time
from hashlib import sha256

# How far two clocks may be apart, and how old a delivery may be.
TOLERANCE = 300
RIGHT, WRONG, LATE = "right", "wrong", "late"


def sign(key: str, body: bytes, *, moment: int | None = None) -> str:
    """The header of a delivery: `t=1700000000,v1=<hex>`, the HMAC-SHA256 of "t.body"."""
    moment = int(time.time()) if moment is None else moment
    return f"t={moment},v1={_of_moment(key, body, moment)}"


def judge(key: str, body: bytes, header: str, *, now: float | None = None) -> str:
    """RIGHT, WRONG, or LATE: signed with this key, but too long ago or by a clock that is ahead."""
    parts = dict(part.strip().partition("=")[::2] for part in header[:500].split(","))
    stamp, given = parts.get("t", ""), parts.get("v1", "")
    if not stamp.isascii() or not stamp.isdecimal() or len(stamp) > 12 or not given.isascii():
        return WRONG
    if not hmac.compare_digest(_of_moment(key, body, int(stamp)), given):
        return WRONG
    now = time.time() if now is None else now
    return RIGHT if abs(now - int(stamp)) <= TOLERANCE else LATE


def is_shopifys(key: str, body: bytes, header: str) -> bool:
    """X-Shopify-Hmac-SHA256: the body's HMAC-SHA256 in base64."""
    expected = base64.b64encode(hmac.digest(key.encode(), body, sha256)).decode()
    return header.isascii() and hmac.compare_digest(expected, header)


def _of_moment(key: str, body: bytes, moment: int) -> str:
    return hmac.digest(key.encode(), f"{moment}.".encode() + body, sha256).hex()
