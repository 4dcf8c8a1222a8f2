"""What the script of the colour x size grid adds: totals, keys, paste and the scanner."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from erp.inventory.models import Posting
from tests.browser.in_process import ORIGIN, answer_with
from tests.factories import ProductFactory, VariantFactory
from tests.web.shop import Shop, build_shop

pytestmark = pytest.mark.browser


@pytest.fixture(scope="session", autouse=True)
def _database_beside_the_browser() -> Iterator[None]:
    """Playwright's event loop runs in this thread; the database is asked between its turns, never at once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield


@pytest.fixture
def stall(db) -> Shop:
    return build_shop()


@pytest.fixture
def receiving(stall: Shop, page: Page) -> Page:
    answer_with(page, stall.client(stall.clerk))
    page.goto(f"{ORIGIN}{stall.url('receive')}?product={stall.product.pk}")
    return page


def cell(page: Page, stall: Shop, place: int):
    return page.locator(f'input[name="q-{stall.variants[place].pk}"]')


def scan(page: Page, code: str) -> None:
    page.locator("[data-scan]").fill(code)
    page.locator("[data-scan]").press("Enter")


def test_totals_and_the_button_follow_what_is_typed(receiving: Page, stall: Shop) -> None:
    button = receiving.locator("[data-submit]")
    expect(button).to_have_text("Receive")
    cell(receiving, stall, 0).fill("1")
    expect(button).to_have_text("Receive 1 piece")
    cell(receiving, stall, 1).fill("3")
    cell(receiving, stall, 2).fill("1,200")
    expect(button).to_have_text("Receive 1,204 pieces")
    expect(receiving.locator("tbody [data-total]")).to_have_text(["4", "1,200"])
    expect(receiving.locator("tfoot td")).to_have_text(["1,201", "3", "1,204"])


def test_a_bad_number_is_marked_while_typing(receiving: Page, stall: Shop) -> None:
    cell(receiving, stall, 0).fill("-3")
    expect(receiving.locator("td.has-error")).to_have_count(1)
    cell(receiving, stall, 0).fill("3")
    expect(receiving.locator("td.has-error")).to_have_count(0)


def test_arrows_and_enter_move(receiving: Page, stall: Shop) -> None:
    cell(receiving, stall, 0).focus()
    for key, place in (
        ("ArrowRight", 1),
        ("ArrowDown", 3),
        ("ArrowLeft", 2),
        ("ArrowUp", 0),
        ("Enter", 2),
        ("Enter", 1),
    ):
        receiving.keyboard.press(key)
        expect(cell(receiving, stall, place)).to_be_focused()
    receiving.keyboard.press("Shift+Enter")
    expect(cell(receiving, stall, 2)).to_be_focused()


def test_enter_in_the_last_cell_goes_to_the_button_and_posts_nothing(receiving: Page, stall: Shop) -> None:
    cell(receiving, stall, 3).fill("2")
    receiving.keyboard.press("Enter")
    expect(receiving.locator("[data-submit]")).to_be_focused()
    assert not Posting.objects.exists()


def test_a_block_of_a_spreadsheet_is_pasted(receiving: Page, stall: Shop) -> None:
    cell(receiving, stall, 0).focus()
    receiving.evaluate(
        """() => {
            const data = new DataTransfer();
            data.setData("text", "1\\t2\\t9\\r\\n3\\t4\\r\\n");
            const paste = new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true});
            document.activeElement.dispatchEvent(paste);
        }"""
    )
    for place in range(4):
        expect(cell(receiving, stall, place)).to_have_value(str(place + 1))
    expect(receiving.locator("[data-scan-status]")).to_contain_text("1 values had no cell")
    expect(receiving.locator("[data-submit]")).to_have_text("Receive 10 pieces")


def test_each_scan_counts_one_up(receiving: Page, stall: Shop) -> None:
    for _ in range(3):
        scan(receiving, stall.variants[1].sku.lower())
    expect(cell(receiving, stall, 1)).to_have_value("3")
    expect(receiving.locator("[data-scan-status]")).to_have_text("Oxford shirt, Navy, L: 3")
    expect(receiving.locator("[data-scan]")).to_have_value("")


def test_a_scan_of_another_product_brings_its_grid(receiving: Page, stall: Shop) -> None:
    other = VariantFactory(product=ProductFactory(brand=stall.brand, status="active", name_en="Skirt"))
    cell(receiving, stall, 0).fill("7")
    scan(receiving, other.sku)
    expect(receiving.locator(f'input[name="q-{other.pk}"]')).to_have_value("1")
    expect(cell(receiving, stall, 0)).to_have_value("7")
    expect(receiving.locator("[data-submit]")).to_have_text("Receive 8 pieces")


def test_an_unknown_code_is_said_and_kept_to_be_mended(receiving: Page, stall: Shop) -> None:
    scan(receiving, "NOPE-1")
    expect(receiving.locator("[data-scan-status].is-wrong")).to_contain_text("“NOPE-1” is not known.")
    expect(receiving.locator("[data-scan]")).to_have_value("NOPE-1")


def test_words_offer_a_product_that_one_press_adds(receiving: Page, stall: Shop) -> None:
    other = VariantFactory(product=ProductFactory(brand=stall.brand, status="active", name_en="Skirt"))
    scan(receiving, "skirt")
    receiving.locator("[data-scan-offers] button").click()
    expect(receiving.locator(f'input[name="q-{other.pk}"]')).to_be_focused()


def test_a_scanner_that_types_into_a_cell_is_recognised(receiving: Page, stall: Shop) -> None:
    cell(receiving, stall, 0).fill("5")
    cell(receiving, stall, 0).evaluate(
        """(cell, code) => {
            const press = (key) =>
                cell.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true}));
            cell.focus();
            for (const key of code) {
                press(key);
                cell.value = cell.value === "5" ? key : cell.value + key;
            }
            press("Enter");
        }""",
        stall.variants[3].sku,
    )
    expect(cell(receiving, stall, 3)).to_have_value("1")
    expect(cell(receiving, stall, 0)).to_have_value("5")


def test_a_double_click_posts_once(receiving: Page, stall: Shop) -> None:
    cell(receiving, stall, 0).fill("2")
    receiving.locator("[data-submit]").dblclick()
    expect(receiving.get_by_text("Received 2 pieces of 1 variant.")).to_be_visible()
    assert Posting.objects.count() == 1
    assert stall.on_hand() == 2


def test_a_count_shows_what_it_will_change(stall: Shop, page: Page) -> None:
    stall.stock(9)
    answer_with(page, stall.client(stall.clerk))
    page.goto(f"{ORIGIN}{stall.url('adjust')}?product={stall.product.pk}")
    cell(page, stall, 0).fill("5")
    expect(page.locator(f"#now-q-{stall.variants[0].pk}")).to_have_text("9 now · −4")
    expect(page.locator("[data-submit]")).to_have_text("Save the count of 1 variant")
    page.get_by_label("Pieces to add").check()
    expect(page.locator("[data-submit]")).to_have_text("Add 5 pieces")
    expect(page.locator(f"#now-q-{stall.variants[0].pk}")).to_have_text("9 now")
