"""The listing in a real browser while photos come, go and are looked at: what a person did is kept."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.photos import SET, real_photos
from tests.browser.walk import log_in

pytestmark = pytest.mark.browser
ANALYSIS_LIMIT = 30_000  # milliseconds; a cold worker loads the models first
SLOW = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 60_000}  # bytes a second


@pytest.fixture
def photos() -> list[Path]:
    if not SET.exists():
        pytest.skip("the photo set ../shared/data is not here")
    return real_photos("pants", "solid", 3)


def new_product(page: Page, shop: str, photos: list[Path], *, twice: bool = False) -> None:
    log_in(page, shop, "clerk")
    page.goto(f"{shop}/b/haru/new/")
    page.locator("input[name=photos]").first.set_input_files(photos)
    button = page.locator(".savebar button")
    button.dblclick() if twice else button.click()
    page.wait_for_url(re.compile(r"/listing/$"))


def wait_until_looked_at(page: Page) -> None:
    expect(page.locator("#suggestions")).to_have_attribute("data-state", "done", timeout=ANALYSIS_LIMIT)


def drafts(page: Page, shop: str) -> int:
    page.goto(f"{shop}/b/haru/products/?status=draft")
    return page.locator("a.list-cover").count()


def test_a_double_click_makes_one_product(page: Page, shop: str, photos: list[Path]) -> None:
    log_in(page, shop, "clerk")
    before = drafts(page, shop)
    page.context.clear_cookies()
    new_product(page, shop, photos[:1], twice=True)
    page.wait_for_timeout(500)
    assert drafts(page, shop) == before + 1


def test_photos_added_while_others_are_looked_at_are_shown(
    page: Page, shop: str, photos: list[Path], tmp_path: Path
) -> None:
    new_product(page, shop, photos[:1])
    keep_polling(page)
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW)
    fake = tmp_path / "drawing.jpg"
    fake.write_bytes(b"<svg xmlns='http://www.w3.org/2000/svg'/>" + b" " * 60_000)
    page.locator("[data-add-photos]").set_input_files([*photos[1:3], fake])
    expect(page.locator("li.photo")).to_have_count(3)
    expect(page.locator("[data-part=refused]")).to_contain_text("drawing.jpg")
    page.unroute_all(behavior="ignoreErrors")


def keep_polling(page: Page) -> None:
    """As a long queue would: every poll is answered as if photos were still waiting."""

    def answer(route: Route) -> None:
        response = route.fetch()
        again = f'id="suggestions" hx-get="{route.request.url}" hx-trigger="every 100ms" hx-swap="outerHTML"'
        body = response.text()
        if "hx-trigger" not in body:
            body = body.replace('id="suggestions"', f'{again} hx-sync="this:abort"', 1)
        route.fulfill(response=response, body=body)

    page.route(re.compile(r"/suggestions/$"), answer)


def test_what_was_stored_or_touched_stays_and_what_a_removed_photo_said_goes(
    page: Page, shop: str, photos: list[Path]
) -> None:
    new_product(page, shop, photos[:1])
    wait_until_looked_at(page)
    expect(page.locator("[name=name_ko]")).not_to_have_value("")
    page.locator(".photo-remove").click()
    expect(page.locator("li.photo")).to_have_count(0)
    expect(page.locator("[name=name_ko]")).to_have_value("")

    # What the person emptied stays empty through a refused save and the photos after it.
    page.locator("[name=name_en]").fill("x")
    page.locator("[name=name_en]").fill("")
    choose_run(page, 3)
    page.locator("[name=style_number]").fill("")
    page.locator("button[name=action][value=draft]").click()
    expect(page.locator("[name=style_number]")).to_have_attribute("aria-invalid", "true")
    add_photo(page, photos[1])
    expect(page.locator("[name=name_ko]")).not_to_have_value("")
    expect(page.locator("[name=name_en]")).to_have_value("")
    run = chosen_run(page)

    # And a size run that was saved is no longer the photos' to choose.
    page.locator("[name=style_number]").fill(f"RUN-{page.url.split('/')[-3]}")
    address = page.url
    page.locator("button[name=action][value=draft]").click()
    page.wait_for_url(re.compile(r"/b/haru/$"))
    page.goto(address)
    add_photo(page, photos[2])
    assert chosen_run(page) == run


def add_photo(page: Page, photo: Path) -> None:
    shown = page.locator("li.photo").count()
    page.locator("[data-add-photos]").set_input_files(photo)
    expect(page.locator("li.photo")).to_have_count(shown + 1)
    wait_until_looked_at(page)


def choose_run(page: Page, place: int) -> None:
    page.locator(".choice-option:has([name=size_run])").nth(place).click()


def chosen_run(page: Page) -> str:
    return page.locator("[name=size_run]:checked").input_value()
