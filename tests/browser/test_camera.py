"""The phone's camera as a scanner: Chromium plays a drawn barcode as its camera, and our server reads the frames."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.browser.product import CHROMIUM, CHROMIUM_ARGS
from tests.browser.walk import log_in, speak
from tests.labels.pictures import drawn

pytestmark = pytest.mark.browser
RECEIVE = "/b/haru/stock/receive/?product=1"
ANSWER = "/api/v1/scan/"


def film(path: Path, text: str) -> Path:
    """Half a second of a label that lies still, as raw video."""
    width, height = 640, 480
    luma = np.full((height, width), 190, np.uint8)
    code = np.asarray(drawn(text, "EAN-13", scale=4))
    top, left = (height - code.shape[0]) // 2, (width - code.shape[1]) // 2
    luma[top : top + code.shape[0], left : left + code.shape[1]] = code
    frame = b"FRAME\n" + luma.tobytes() + b"\x80" * (width * height // 2)
    path.write_bytes(f"YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420\n".encode() + frame * 5)
    return path


@pytest.fixture
def barcode(page: Page, shop: str) -> str:
    """The barcode of the first cell of a product's grid."""
    log_in(page, shop, "clerk")
    page.goto(shop + RECEIVE)
    return str(page.locator("input.cell").first.get_attribute("data-barcode"))


@pytest.fixture
def phone(playwright: Playwright, barcode: str, shop: str, tmp_path: Path) -> Iterator[Page]:
    """A phone whose camera looks at that barcode."""
    film_path = film(tmp_path / "camera.y4m", barcode)
    flags = [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={film_path}",
    ]
    browser: Browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*CHROMIUM_ARGS, *flags])
    page = browser.new_page(viewport={"width": 360, "height": 800})
    log_in(page, shop, "clerk")
    speak(page, shop, "ko")
    yield page
    browser.close()


def test_the_camera_counts_a_piece_up_once_while_it_is_in_sight(phone: Page, shop: str) -> None:
    phone.goto(shop + RECEIVE)
    cell = phone.locator("input.cell").first
    phone.get_by_role("button", name="카메라로 스캔하기").click()
    expect(cell).to_have_value("1")
    for _ in range(4):
        with phone.expect_response(lambda response: ANSWER in response.url) as answered:
            pass
        assert answered.value.json()["codes"]
    expect(cell).to_have_value("1")
    phone.get_by_role("button", name="카메라 닫기").click()
    expect(phone.locator("[data-camera]")).to_be_hidden()
    assert phone.evaluate("document.querySelector('[data-camera-video]').srcObject") is None


def test_the_scan_page_shows_what_the_camera_sees(phone: Page, shop: str, barcode: str) -> None:
    phone.goto(shop + "/b/haru/scan/")
    phone.get_by_role("button", name="카메라로 스캔하기").click()
    expect(phone.locator("#scanned")).to_be_visible()
    expect(phone.locator("#found")).to_contain_text(barcode)
    phone.wait_for_url(f"**/scan/?code={barcode}")
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_a_camera_it_says_what_to_do(page: Page, shop: str) -> None:
    log_in(page, shop, "clerk")
    speak(page, shop, "en")
    page.goto(shop + "/b/haru/scan/")
    page.get_by_role("button", name="Scan with the camera").click()
    expect(page.locator("[data-camera-status]")).to_contain_text("camera")
    expect(page.locator("[data-camera-status]")).to_have_class("camera-status is-wrong")


def test_on_a_page_that_is_not_secure_it_says_so(page: Page, shop: str) -> None:
    page.add_init_script("Object.defineProperty(window, 'isSecureContext', { value: false })")
    log_in(page, shop, "clerk")
    speak(page, shop, "en")
    page.goto(shop + "/b/haru/scan/")
    page.get_by_role("button", name="Scan with the camera").click()
    expect(page.locator("[data-camera-status]")).to_contain_text("https")


def test_the_browsers_own_reader_is_used_where_there_is_one(phone: Page, shop: str, barcode: str) -> None:
    phone.add_init_script(
        f"""window.BarcodeDetector = class {{
              static async getSupportedFormats() {{ return ["ean_13", "code_128", "qr_code"]; }}
              async detect() {{ return [{{ rawValue: "{barcode}" }}]; }}
            }};"""
    )
    asked: list[str] = []
    phone.on("request", lambda request: asked.append(request.url) if ANSWER in request.url else None)
    phone.goto(shop + RECEIVE)
    phone.get_by_role("button", name="카메라로 스캔하기").click()
    expect(phone.locator("input.cell").first).to_have_value("1")
    phone.wait_for_timeout(2_000)
    expect(phone.locator("input.cell").first).to_have_value("1")
    assert asked == []


def test_labels_are_previewed_and_printed(page: Page, shop: str) -> None:
    log_in(page, shop, "clerk")
    speak(page, shop, "ko")
    page.goto(shop + "/b/haru/labels/?product=1")
    page.locator("input.cell").first.fill("3")
    page.locator("input.cell").first.blur()
    picture = page.locator("#preview img")
    expect(picture).to_be_visible()
    assert page.evaluate("document.querySelector('#preview img').naturalWidth") > 500
    # In a tab of its own, so that what was typed stays.
    with page.context.expect_event("response", lambda answer: answer.request.method == "POST") as answered:
        page.get_by_role("button", name="라벨 3장 인쇄하기").click()
    assert answered.value.headers["content-type"] == "application/pdf"
    expect(page.locator("input.cell").first).to_have_value("3")
