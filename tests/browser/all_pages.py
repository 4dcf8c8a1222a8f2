"""Every page of a brand that links lead to, found by walking them: the first of each kind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from django.urls import Resolver404, resolve
from playwright.sync_api import Page

# Files, photos, and the parts of pages that scripts fetch.
_NO_PAGE = re.compile(r"\.(csv|xlsx|pdf|zip)$|/images/|/find/$|/file/$")


def walk_brand(page: Page, shop: str, slug: str) -> Iterator[tuple[str, str]]:
    """Name and path of every page, which `page` has open as they are given."""
    start = f"/b/{slug}/"
    met: set[str] = set()
    waiting = [start]
    while waiting:
        path = waiting.pop(0)
        name = _name_of(path)
        if name is None or name in met:
            continue
        met.add(name)
        open_page(page, shop, path)
        hrefs = page.eval_on_selector_all("a[href]", "links => links.map(link => link.getAttribute('href'))")
        for address in (urlsplit(urljoin(shop + path, href)) for href in hrefs):
            if address.path.startswith(start) and f"{address.scheme}://{address.netloc}" == shop:
                waiting.append(address.path + (f"?{address.query}" if address.query else ""))
        yield name, path


def open_page(page: Page, shop: str, path: str) -> None:
    response = page.goto(shop + path)
    assert response is not None and response.status == 200, path


def _name_of(path: str) -> str | None:
    plain = urlsplit(path).path
    if _NO_PAGE.search(plain):
        return None
    try:
        return resolve(plain).view_name
    except Resolver404:
        return None
