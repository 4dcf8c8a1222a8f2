"""A product that was photographed and confirmed goes out to every marketplace: nothing of it is typed a second time."""

from __future__ import annotations

import io
import re
import uuid
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from erp.channels.models import Channel
from tests.browser.photos import SET, real_photos
from tests.browser.test_flow import ANALYSIS_LIMIT, complete_listing
from tests.browser.walk import log_in, speak
from tests.channels.test_shopee import KEYS, form

pytestmark = pytest.mark.browser
# What our own words are there, as the person looks it up.
THEIR_CATEGORY = "50000830"


@pytest.fixture
def photos() -> list[Path]:
    if not SET.exists():
        pytest.skip("the photo set ../shared/data is not here")
    return real_photos("shirt", "stripe", 1)


def test_from_one_photo_to_every_marketplace(page: Page, shop: str, photos: list[Path]) -> None:
    speak(page, shop, "en")
    log_in(page, shop, "owner")
    style = photographed(page, shop, photos)
    for kind in Channel.Kind.values:
        channel = opened(page, shop, kind, f"시험 {kind} {style}")
        listed(page, channel, style)
        assert style in sent(page, channel), kind


def photographed(page: Page, shop: str, photos: list[Path]) -> str:
    """Gives the style number of the new product, which has seven pieces."""
    style = f"BR-{uuid.uuid4().hex[:8].upper()}"
    page.goto(f"{shop}/b/haru/new/")
    page.locator("input[name=photos]").first.set_input_files(photos)
    page.locator(".savebar .btn-primary").click()
    page.wait_for_url(re.compile(r"/listing/$"))
    expect(page.locator("#suggestions")).to_have_attribute("data-state", "done", timeout=ANALYSIS_LIMIT)
    complete_listing(page)
    page.locator("[name=price]").fill("39000")
    page.locator("[name=style_number]").fill(style)
    page.locator("button[name=action][value=confirm]").click()
    page.wait_for_url(re.compile(r"/opening/$"))
    page.locator("input.cell").nth(0).fill("3")
    page.locator("input.cell").nth(1).fill("4")
    page.locator("[data-submit]").click()
    page.wait_for_url(re.compile(r"/products/\d+/$"))
    return style


def opened(page: Page, shop: str, kind: str, name: str) -> str:
    """Opens a channel as it is proposed. Gives its address."""
    page.goto(f"{shop}/b/haru/channels/new/?kind={kind}")
    page.locator("[name=name]").fill(name)
    page.locator("[name=shop_url]").fill("https://shop.example/products")
    if not page.locator("[name=price_factor]").input_value():
        page.locator("[name=price_factor]").fill("0.11")
    page.locator(".savebar .btn-primary").click()
    page.wait_for_url(re.compile(r"/products/$"))
    return page.url.removesuffix("products/")


def listed(page: Page, channel: str, style: str) -> None:
    """Puts the product there, says what only the marketplace knows, and makes it ready."""
    page.locator("label, li, tr").filter(has_text=style).locator("input[type=checkbox]").first.check()
    page.locator(".savebar .btn-primary").click()
    page.wait_for_url(channel)
    listing = page.locator("a.list-cover").first.get_attribute("href")
    if page.locator(f"a[href$='{channel.rsplit('/b/', 1)[1]}form/']").count():
        page.goto(f"{channel}form/")
        workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        given = {"name": "form.xlsx", "mimeType": workbook, "buffer": form([*KEYS, "ps_sku_short|0|0"])}
        page.locator("input[type=file]").set_input_files(given)
        save(page, "form.upload .btn-primary")
    filled(page, f"{channel}categories/", "[name^='t-']", THEIR_CATEGORY)
    filled(page, f"{channel}columns/", "[aria-labelledby=g-required] input", "1")
    page.goto(f"{channel.split('/b/')[0]}{listing}")
    save(page, "button[name=to][value=ready]")


def filled(page: Page, address: str, inputs: str, text: str) -> None:
    page.goto(address)
    for field in page.locator(inputs).all():
        field.fill(text)
    if page.locator(inputs).count():
        save(page, ".savebar .btn-primary")


def save(page: Page, button: str) -> None:
    """Presses a button, and waits until what it sends is answered: going elsewhere would give it up."""
    with page.expect_response(lambda response: response.request.method == "POST"):
        page.locator(button).first.click()
    page.wait_for_load_state()


def sent(page: Page, channel: str) -> str:
    """Makes the file of products and gives what is in it."""
    page.goto(f"{channel}exports/")
    page.locator("form:has([name=what][value=products]) button:not([name])").click()
    page.wait_for_url(re.compile(r"/exports/[0-9a-f-]{36}/$"))
    with page.expect_download() as download:
        page.locator("a[href$='/file/']").click(timeout=ANALYSIS_LIMIT)
    data = Path(download.value.path()).read_bytes()
    if not download.value.suggested_filename.endswith(".xlsx"):
        return data.decode("utf-8-sig")
    rows = [row for sheet in load_workbook(io.BytesIO(data)) for row in sheet.iter_rows(values_only=True)]
    return "\n".join(str(value) for row in rows for value in row)
