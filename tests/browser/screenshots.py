"""The README's pictures, taken of the running product with its demonstration data: `make screenshots`."""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import Browser, FilePayload, sync_playwright

from catalog.drawing import Sketch, draw_photo
from tests.browser.product import CHROMIUM, CHROMIUM_ARGS, ROOT, running_product
from tests.browser.walk import log_in, speak

FOLDER = ROOT / "docs" / "screenshots"
DESK = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 740}
# name, path and where one has to follow a link on it its words, viewport, language, colour scheme
SHOTS = [
    ("home", "/b/haru/", DESK, "en", "light"),
    ("products", "/b/haru/products/", DESK, "en", "light"),
    ("product", "/b/haru/products/1/", DESK, "en", "light"),
    ("receive", "/b/haru/stock/receive/?product=1", DESK, "en", "light"),
    ("history", "/b/haru/history/", DESK, "en", "light"),
    ("slip-ko", "/b/haru/slips/ 동화 사입", DESK, "ko", "light"),
    ("count-review-ko", "/b/haru/counts/ 후드 실사", DESK, "ko", "light"),
    ("report-ko", "/b/haru/reports/best/", DESK, "ko", "light"),
    ("phone-home-ko", "/b/haru/", PHONE, "ko", "light"),
    ("phone-product-ko", "/b/haru/products/1/", PHONE, "ko", "dark"),
    ("phone-receive-ko", "/b/haru/stock/receive/?product=1", PHONE, "ko", "light"),
]
SKIRT = [
    Sketch("skirt", ["#67202f", "#c9a66b"], "check", room, seed=7, tilt=tilt)
    for room, tilt in (("linen", 3), ("wall", 0))
]
ANALYSED = 60_000  # milliseconds until the worker has looked at every photo of the demonstration


def take(browser: Browser, address: str, shot: tuple) -> None:
    name, path, viewport, language, scheme = shot
    context = browser.new_context(viewport=viewport, color_scheme=scheme, device_scale_factor=1)
    page = context.new_page()
    speak(page, address, language)
    log_in(page, address, "owner")
    path, _, words = path.partition(" ")
    page.goto(address + path)
    if words:
        page.get_by_role("link", name=words).first.click()
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / f"{name}.png")
    context.close()


def take_listing(browser: Browser, address: str) -> None:
    """A new product whose photos have been read."""
    context = browser.new_context(viewport=DESK)
    page = context.new_page()
    speak(page, address, "en")
    log_in(page, address, "owner")
    page.goto(f"{address}/b/haru/new/")
    photos = [
        FilePayload(name=f"{sketch.room}.jpg", mimeType="image/jpeg", buffer=draw_photo(sketch)) for sketch in SKIRT
    ]
    page.locator("input[name=photos]").first.set_input_files(photos)
    page.locator(".savebar button").click()
    page.wait_for_url("**/listing/")
    page.locator("#suggestions[data-state=done]").wait_for(state="attached", timeout=ANALYSED)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / "listing.png")
    context.close()


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        running_product(Path(folder)) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
        for shot in SHOTS:
            take(browser, address, shot)
        take_listing(browser, address)
        browser.close()
    print(f"{len(SHOTS) + 1} pictures in {FOLDER.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
