"""An order is scanned, its total follows, and it is picked by scanning."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.walk import log_in, speak

pytestmark = pytest.mark.browser


def scan(page: Page, code: str) -> None:
    page.fill("#code", code)
    page.press("#code", "Enter")


def test_scanned_placed_and_picked(page: Page, shop: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    speak(page, shop, "ko")
    log_in(page, shop, "clerk")
    page.goto(f"{shop}/b/haru/orders/new/")
    page.fill("#name", "미소상회")
    page.locator("form[method=post] .btn", has_text="추가하고 계속하기").click()
    scan(page, "HA0012-WH-M")
    cell = page.locator("input.cell[data-sku='HA0012-WH-M']")
    expect(cell).to_have_value("1")
    scan(page, "ha0012-wh-m")
    expect(cell).to_have_value("2")
    expect(page.locator("[data-sum]")).to_have_text("₩64,000")
    expect(page.locator("[data-submit]")).to_have_text("2장 주문하기")
    page.locator("[data-pay-all]").click()
    expect(page.locator("input[name=paid]")).to_have_value("64000")
    page.locator("[data-submit]").click()
    expect(page.locator("h1")).to_contain_text("미소상회")
    page.locator("a.btn", has_text="피킹").click()
    scan(page, "HA0012-WH-M")
    expect(page.locator("[data-submit]")).to_have_text("1장 피킹 완료")
    scan(page, "HA0001-XX")
    expect(page.locator("[data-scan-status]")).to_contain_text("제자리에 두세요")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
