"""The navigation of a brand's pages: a few pages always in sight, the rest in groups, each with what lies under it.

With erp.urls and erp.api one of the places that know every app.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.access import Right


@dataclass(frozen=True)
class Link:
    """A page of the menu; `under` are the names of the pages that lie under it, or the beginnings of such names."""

    name: str
    label: Any
    icon: str
    under: tuple[str, ...] = ()
    right: Right = Right.VIEW

    def nearness(self, name: str) -> int:
        """How much of the name of a page this link covers; 0: the page does not lie under it."""
        if name == self.name:
            return len(name) + 1
        fits = (other for other in self.under if name == other or name.startswith((f"{other}-", f"{other}:")))
        return max(map(len, fits), default=0)


@dataclass(frozen=True)
class Group:
    label: Any
    links: tuple[Link, ...]


@dataclass(frozen=True)
class Shown:
    """A link of this brand, for this person, on this page."""

    address: str
    label: Any
    icon: str
    current: bool


WORK, MANAGE = Right.WORK, Right.MANAGE

ALWAYS = (
    Link("inventory:home", _("Home"), "home"),
    Link(
        "inventory:products", _("Products"), "hanger",
        (
            "inventory:product", "catalog:edit", "catalog:images", "catalog:size-table", "vision:listing",
            "inventory:opening", "trade:cost", "trade:product-cost",
        ),
    ),
    Link("inventory:stock", _("Stock"), "boxes", ("inventory:reservations",)),
    Link("vision:new", _("New product"), "camera", right=WORK),
    Link("labels:scan", _("Scan"), "scan"),
)  # fmt: skip
GROUPS = (
    Group(
        pgettext_lazy("menu", "Sell"),
        (
            Link("trade:order-sell", _("Sell now"), "cart", right=WORK),
            Link("trade:orders", _("Orders"), "draft", ("trade:order", "trade:orders")),
            Link("trade:owed", _("Owed goods"), "clock", ("trade:arrivals",)),
            Link("trade:slips", _("Slips"), "slip", ("trade:slip",)),
            Link("trade:returns", _("Returns"), "undo", ("trade:return",)),
            Link(
                "trade:partners", _("Partners"), "people",
                ("trade:partner", "trade:shop", "trade:account", "trade:payment"),
            ),
            Link("trade:packs", _("Packs"), "tag", ("trade:pack",)),
        ),
    ),
    Group(
        _("Marketplaces"),
        (
            Link("channels:channels", _("Channels"), "globe", ("channels",)),
            Link("channels:webhooks", _("Webhooks"), "link", ("channels:webhook",), right=MANAGE),
        ),
    ),
    Group(
        pgettext_lazy("menu", "Buy"),
        (
            Link("trade:purchases", _("Purchase orders"), "truck", ("trade:purchase", "trade:delivery")),
            Link("reports:reorder", _("What to reorder"), "refresh", ("reports:rule", "reports:rules")),
        ),
    ),
    Group(
        pgettext_lazy("menu", "Move stock"),
        (
            Link("inventory:receive", pgettext_lazy("menu", "Receive"), "receive", right=WORK),
            Link("inventory:ship", pgettext_lazy("menu", "Ship"), "ship", right=WORK),
            Link("inventory:transfer", pgettext_lazy("menu", "Move"), "transfer", right=WORK),
            Link("inventory:adjust", pgettext_lazy("menu", "Adjust"), "adjust", right=WORK),
            Link(
                "counting:counts", _("Stock counts"), "check",
                ("counting:new", "counting:count", "counting:sheet", "counting:review"),
            ),
            Link("trade:samples", _("Sample loans"), "hanger", ("trade:loan",)),
            Link("trade:consignments", _("Consignment"), "link", ("trade:consignment",)),
            Link("labels:labels", _("Labels"), "tag", right=WORK),
        ),
    ),
    Group(
        _("Records"),
        (
            Link("inventory:history", _("Stock history"), "history", ("inventory:posting", "inventory:life")),
            Link("reports:index", _("Reports"), "chart", ("reports",)),
            Link("catalog:changes", _("Changes"), "eye"),
            Link("inventory:seals", _("Daily seals"), "lock"),
            Link("inventory:periods", _("Closed periods"), "book"),
        ),
    ),
    Group(
        _("Files"),
        (
            Link("exchange:imports", _("Import"), "receive", ("exchange:import",), right=WORK),
            Link("exchange:export", _("Export"), "download"),
            Link("exchange:archives", pgettext_lazy("file", "Archive"), "archive", right=MANAGE),
            Link("vision:photo-settings", _("Photos and learning"), "image", right=MANAGE),
        ),
    ),
)  # fmt: skip


def menu(request: HttpRequest) -> dict[str, Any]:
    """`menu`, made only where a template of a brand's page asks for it."""
    return {"menu": SimpleLazyObject(partial(_menu, request))} if getattr(request, "brand", None) else {}


def _menu(request: Any) -> dict[str, Any]:
    here = _link_of(request.resolver_match.view_name) if request.resolver_match else None
    groups = [(group.label, list(_shown(request, group.links, here))) for group in GROUPS]
    left_open = request.COOKIES.get("menu", "").split(".")  # numbers of groups, written by app.js
    shown = [
        {
            "label": label,
            "links": links,
            "open": any(link.current for link in links),
            "left_open": str(number) in left_open,
        }
        for number, (label, links) in enumerate(((label, links) for label, links in groups if links), start=1)
    ]
    return {
        "always": list(_shown(request, ALWAYS, here)),
        "groups": shown,
        "in_group": any(group["open"] for group in shown),
    }


def _link_of(name: str) -> Link | None:
    """The link that a page lies under: its own, else the one with the longest beginning of its name."""
    links = [*ALWAYS, *(link for group in GROUPS for link in group.links)]
    nearest = max(links, key=lambda link: link.nearness(name))
    return nearest if nearest.nearness(name) else None


def _shown(request: Any, links: tuple[Link, ...], here: Link | None) -> Iterator[Shown]:
    rights = {Right.VIEW: True, WORK: request.can_work, MANAGE: request.can_manage}
    for link in links:
        if rights[link.right]:
            yield Shown(reverse(link.name, args=[request.brand.slug]), link.label, link.icon, link is here)
