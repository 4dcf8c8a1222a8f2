"""The versions of Shopify's API that we speak, the newest first, and what is different in each."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from erp.channels.formats.template import DATA


@cache
def limits() -> dict[str, Any]:
    return json.loads((DATA / "live" / "shopify.json").read_text(encoding="utf-8"))


def versions() -> list[str]:
    return sorted(limits()["versions"], reverse=True)


def has_barcodes(version: str) -> bool:
    """Whether a variant has a list of barcodes there; before, it had one."""
    return bool(limits()["versions"][version]["barcodes"])
