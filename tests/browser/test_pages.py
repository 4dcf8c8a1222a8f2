"""Every page at the width of a phone and of a desk: nothing overflows, nothing is out of reach of a screen reader."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.walk import log_in, speak

pytestmark = pytest.mark.browser
PAGES = [
    "/b/haru/",
    "/b/haru/products/",
    "/b/haru/products/1/",
    "/b/haru/products/1/edit/",
    "/b/haru/new/",
    "/b/haru/stock/",
    "/b/haru/stock/receive/?product=1",
    "/b/haru/stock/ship/?product=1",
    "/b/haru/stock/adjust/?product=1",
    "/b/haru/stock/transfer/?product=1",
    "/b/haru/history/",
    "/b/haru/labels/?product=1&fill=1",
    "/b/haru/scan/?code=2000000000015",
]
WIDTHS = {"phone": {"width": 360, "height": 800}, "desk": {"width": 1440, "height": 900}}
WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("width", WIDTHS)
def test_pages_fit_and_are_accessible(page: Page, shop: str, language: str, width: str) -> None:
    page.set_viewport_size(WIDTHS[width])
    speak(page, shop, language)
    log_in(page, shop, "owner")
    troubles: dict[str, object] = {}
    for path in PAGES:
        response = page.goto(shop + path)
        assert response.status == 200, path
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if overflow > 0:
            troubles[path] = f"{overflow} px wider than the screen"
        violations = Axe().run(page, options=WCAG).response["violations"]
        if violations:
            troubles[f"{path} axe"] = [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in violations]
    assert troubles == {}


def test_nothing_fails_in_the_console(page: Page, shop: str) -> None:
    """No script error, no refused resource: the content policy fits the pages."""
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: messages.append(str(error)))
    log_in(page, shop, "owner")
    for path in PAGES:
        page.goto(shop + path)
    assert messages == []
