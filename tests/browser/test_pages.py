"""Every page at the width of a phone and of a desk: nothing overflows, nothing is out of reach of a screen reader."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import resolve
from playwright.sync_api import Page, expect

from tests.browser.all_pages import open_page, walk_brand
from tests.browser.walk import log_in, speak

pytestmark = pytest.mark.browser
# Pages as they are with something chosen on them, which the walk meets blank.
FILLED = [
    "/b/haru/stock/receive/?product=1",
    "/b/haru/stock/ship/?product=1",
    "/b/haru/stock/adjust/?product=1",
    "/b/haru/stock/transfer/?product=1",
    "/b/haru/labels/?product=1&fill=1",
    "/b/haru/scan/?code=2000000000015",
    "/b/haru/orders/new/?buyer=5",
    "/b/haru/packs/new/?product=1",
    "/b/haru/counts/new/?scope=cycle",
    "/b/haru/owed/?by=buyers",
    "/b/haru/channels/new/?kind=smartstore",
    "/account/tokens/",
    "/account/tokens/new/",
]
WIDTHS = {"phone": {"width": 360, "height": 740}, "desk": {"width": 1440, "height": 900}}
WCAG = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],  # what passes is not written out
}
VIOLATIONS = "options => axe.run(document, options).then(found => found.violations)"
# Words of the page itself in Latin letters only, where Korean was asked for.
WORDS = "h1, h2, h3, label, legend, button, summary, .btn, .chip, .badge, .nav-link, .page-lead"
LATIN = """words => [...document.querySelectorAll(words)]
  .filter(part => !part.closest("[translate=no]") && !part.querySelector("[translate=no]")) // of a marketplace
  .map(part => part.textContent.trim())
  .filter(words => /[A-Za-z]{4,}/.test(words) && !/[가-힣]/.test(words))"""
# Sizes, languages and codes are the same in every language.
SAME = {"English", "Free", "Code 128", "EAN-13"}


# It is a walk through the product, not past it: every part has pages on it.
PARTS = {"catalog", "channels", "counting", "exchange", "inventory", "labels", "reports", "trade", "vision"}


# Both languages, widths and colour schemes, each once: a walk takes a minute.
LOOKS = [("ko", "phone", "dark"), ("en", "desk", "light")]


@pytest.mark.parametrize(("language", "width", "scheme"), LOOKS)
def test_pages_fit_and_are_accessible(page: Page, shop: str, language: str, width: str, scheme: str) -> None:
    page.set_viewport_size(WIDTHS[width])
    page.emulate_media(color_scheme=scheme)
    speak(page, shop, language)
    log_in(page, shop, "owner")
    page.add_init_script(Axe().axe_script)  # once for all pages: it is half a megabyte
    troubles: dict[str, object] = {}
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: messages.append(str(error)))
    names: set[str] = set()
    for name, path in open_all(page, shop):
        names.add(name)
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if overflow > 0:
            troubles[path] = f"{overflow} px wider than the screen"
        if language == "ko" and (words := [text for text in page.evaluate(LATIN, WORDS) if text not in SAME]):
            troubles[f"{path} words"] = words
        expect(page.locator(".htmx-request")).to_have_count(0)  # what is being fetched is faint
        violations = page.evaluate(VIOLATIONS, WCAG)
        if violations:
            troubles[f"{path} axe"] = [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in violations]
        if width == "desk" and path not in FILLED and not is_marked(page):
            troubles[f"{path} menu"] = "no link of the navigation in sight says where one is"
    assert troubles == {}
    assert messages == []  # no script error, no refused resource: the content policy fits the pages
    assert {name.partition(":")[0] for name in names} == PARTS and len(names) > 75


def open_all(page: Page, shop: str) -> Iterator[tuple[str, str]]:
    """Name and path of every page of a brand, and of some with something chosen, each as it is opened."""
    yield from walk_brand(page, shop, "haru")
    for path in FILLED:
        open_page(page, shop, path)
        yield resolve(urlsplit(path).path).view_name, path


def is_marked(page: Page) -> bool:
    """One link says where one is, and it is in sight whatever else is open."""
    current = page.locator(".side [aria-current=page]")
    box = current.bounding_box() if current.count() == 1 else None
    return box is not None and 0 <= box["y"] <= WIDTHS["desk"]["height"] - box["height"]


def test_groups_of_the_navigation_stay_as_they_were_left(page: Page, shop: str) -> None:
    """Opened with the keyboard, a group comes open with the next page: nothing moves once it is drawn."""
    page.set_viewport_size(WIDTHS["desk"])
    log_in(page, shop, "owner")
    page.goto(f"{shop}/b/haru/")
    group = page.locator(".side details[data-remember]").first
    group.locator("summary").focus()
    page.keyboard.press("Enter")
    page.route("**/*.js", lambda route: route.abort())
    page.goto(f"{shop}/b/haru/products/")
    assert group.get_attribute("open") is not None
