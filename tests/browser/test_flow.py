"""The main job as a person does it, in a real browser against the running product: photos in, listing and stock out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.photos import SET, real_photos
from tests.browser.walk import log_in

pytestmark = pytest.mark.browser
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 360, "height": 800}
ANALYSIS_LIMIT = 30_000  # milliseconds; a cold worker loads the models first


@pytest.fixture
def photos() -> list[Path]:
    if not SET.exists():
        pytest.skip("the photo set ../shared/data is not here")
    return real_photos("shirt", "stripe", 2)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_from_photos_to_stock(page: Page, shop: str, photos: list[Path], size) -> None:
    page.set_viewport_size(size)
    log_in(page, shop, "clerk")
    page.goto(f"{shop}/b/haru/new/")
    page.locator("input[name=photos]").first.set_input_files(photos)
    page.locator(".savebar button").click()

    # The form is there at once, and what the person types meanwhile stays.
    page.wait_for_url(re.compile(r"/listing/$"))
    page.locator("[name=name_en]").fill("My own name")
    expect(page.locator("#suggestions")).to_have_attribute("data-state", "done", timeout=ANALYSIS_LIMIT)
    expect(page.locator("[name=name_en]")).to_have_value("My own name")
    expect(page.locator("[data-chosen-colours] input:checked").first).to_be_attached()
    complete_listing(page)
    page.locator("button[name=action][value=confirm]").click()

    page.wait_for_url(re.compile(r"/opening/$"))
    page.locator("input.cell").nth(0).fill("3")
    page.locator("input.cell").nth(1).fill("4")
    expect(page.locator("[data-submit]")).to_contain_text("7")
    page.locator("[data-submit]").click()

    page.wait_for_url(re.compile(r"/products/\d+/$"))
    expect(page.locator("main")).to_contain_text("7")
    expect(page.locator("main img").first).to_be_visible()
    page.goto(f"{shop}/b/haru/history/")
    expect(page.locator("main")).to_contain_text("My own name" if page.locator("html[lang=en]").count() else "3")


def complete_listing(page: Page) -> None:
    """What the photos did not tell is chosen by hand."""
    category = page.locator("select[name=category]")
    if not category.input_value():
        category.select_option(index=1)
    if not page.locator("[name=name_ko]").input_value():
        page.locator("[name=name_ko]").fill("스트라이프 셔츠")
    if not page.locator("[name=sizes]:checked").count():
        page.locator("[name=sizes]:visible").first.check()
        page.locator("[name=sizes]:visible").nth(1).check()


def test_a_file_that_is_no_photo_is_refused_by_name(page: Page, shop: str, tmp_path: Path) -> None:
    fake = tmp_path / "셔츠 🙂.jpg"
    fake.write_text("<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>")
    log_in(page, shop, "clerk")
    page.goto(f"{shop}/b/haru/new/")
    page.locator("input[name=photos]").first.set_input_files(fake)
    page.locator(".savebar button").click()
    expect(page.locator("[role=alert]").filter(has_text="셔츠 🙂.jpg")).to_be_visible()
    assert page.url.endswith("/new/")


def test_receiving_by_scanner_counts_and_can_be_undone(page: Page, shop: str) -> None:
    log_in(page, shop, "clerk")
    page.goto(f"{shop}/b/haru/stock/")
    sku = page.locator("main td.mono").first.inner_text()
    page.goto(f"{shop}/b/haru/stock/receive/")
    scanner = page.locator("[data-scan]").first
    for _beep in range(2):
        scanner.fill(sku)
        scanner.press("Enter")
        page.wait_for_timeout(500)
    expect(page.locator(f"input.cell[data-sku='{sku}']")).to_have_value("2")
    page.locator("[data-submit]").click()
    toast = page.locator(".toast").first
    expect(toast).to_contain_text("2")
    toast.locator("button[type=submit], button").first.click()
    expect(page.locator(".toast").first).to_be_visible()
