"""Which marketplaces are spoken to directly, and how each is opened."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from erp.channels.live.adapter import Adapter
from erp.channels.live.pace import Pace
from erp.channels.live.shopify.adapter import Shopify
from erp.channels.live.shopify.versions import versions


@dataclass(frozen=True, slots=True)
class Live:
    """`shop` is what the address of a shop looks like; `versions` are of its API, the newest first."""

    shop: re.Pattern[str]
    versions: tuple[str, ...]
    open: Callable[..., Adapter]


LIVE = {"shopify": Live(re.compile(r"[a-z0-9][a-z0-9-]{0,60}\.myshopify\.com"), tuple(versions()), Shopify)}


def live(kind: str) -> Live | None:
    return LIVE.get(kind)


def open_adapter(kind: str, *, shop: str, version: str, token: str, place: str, pace: Pace | None = None) -> Adapter:
    return LIVE[kind].open(shop=shop, version=version, token=token, place=place, pace=pace)
