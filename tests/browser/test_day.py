"""A day of a small brand, from the first order to the proof of the books, on its pages and in Korean."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.walk import log_in, speak

pytestmark = pytest.mark.browser
BRAND = "/b/mono"  # its prices are in dollars


class Day:
    """What the owner does on the pages of the brand, a step a method."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address

    def open(self, path: str) -> None:
        response = self.page.goto(f"{self.address}{BRAND}{path}")
        assert response is not None
        assert response.status == 200, path

    def sees(self, *words: str) -> None:
        for text in words:
            expect(self.page.locator("main")).to_contain_text(text)

    def press(self, name: str) -> None:
        """The button with these words, whatever number stands in them."""
        self.page.locator("main").get_by_role("button", name=re.compile(name)).first.click()

    def partner(self, name: str, *, buys: bool = False, sells: bool = False) -> str:
        self.open("/partners/new/")
        self.page.fill("[name=name]", name)
        self.page.set_checked("[name=is_buyer]", buys)
        self.page.set_checked("[name=is_supplier]", sells)
        self.press("저장")
        self.page.wait_for_url(re.compile(r"/partners/\d+/$"))
        self.sees(name)
        return self.page.url.rstrip("/").rpartition("/")[2]

    def cells(self) -> list[str]:
        """The names of the first grid's inputs, in its order."""
        return self.page.eval_on_selector_all("input.cell", "cells => cells.map(cell => cell.name)")

    def type(self, cell: str, number: int) -> None:
        self.page.fill(f"[name='{cell}']", str(number))


@pytest.fixture
def day(page: Page, shop: str) -> Day:
    page.set_viewport_size({"width": 1440, "height": 900})
    speak(page, shop, "ko")
    log_in(page, shop, "mono")
    return Day(page, shop)


def on_hand(day: Day, product: str, cell: str) -> int:
    """What the adjusting page says lies in the main place."""
    day.open(f"/stock/adjust/?product={product}")
    return int(day.page.get_attribute(f"[name='{cell}']", "data-now") or 0)


def test_a_day_from_the_first_order_to_the_proof(day: Day) -> None:
    suppliers = [day.partner(name, sells=True) for name in ("창신 공장", "동대문 원단")]
    buyers = [day.partner(name, buys=True) for name in ("언니네", "스타일샵", "부산 몰")]
    stylist = day.partner("스타일리스트 민")
    product, style = a_product(day)
    second_order, one, two = receive_two_orders(day, suppliers, product)
    sell_to_three(day, buyers, product, one, two)
    deliver_what_is_owed(day, second_order, two)
    lend_and_take_back(day, stylist, buyers[0], product, one)
    count(day, product, style, one)
    close_and_look(day)
    verify(day)


def a_product(day: Day) -> tuple[str, str]:
    """Its id and its style number."""
    day.open("/products/")
    links = day.page.eval_on_selector_all("main a[href]", "links => links.map(link => link.getAttribute('href'))")
    product = next(match[1] for link in links if (match := re.fullmatch(rf"{BRAND}/products/(\d+)/", link)))
    day.open(f"/products/{product}/")
    return product, re.findall(r"\b[A-Z]+\d{3,}\b", day.page.locator("main").inner_text())[0]


def receive_two_orders(day: Day, suppliers: list[str], product: str) -> tuple[str, str, str]:
    """Two orders with costs: one comes whole, of the other a part. Answers the second one and two variants' cells."""
    page, orders, cells = day.page, [], ["", ""]
    for place, (supplier, quantity) in enumerate(zip(suppliers, (10, 8), strict=True)):
        day.open(f"/purchases/new/?supplier={supplier}&product={product}")
        cells = day.cells()[:2]
        day.type(cells[place], quantity)
        page.fill(f"[name='cost-{product}']", "20")
        day.press("발주하기")
        page.wait_for_url(re.compile(r"/purchases/[0-9a-f-]{36}/$"))
        orders.append(page.url.removeprefix(f"{day.address}{BRAND}"))
    was = [on_hand(day, product, cell) for cell in cells]
    for path, cell, came in zip(orders, cells, (10, 5), strict=True):
        receive(day, path, cell, came)
    assert [on_hand(day, product, cell) for cell in cells] == [was[0] + 10, was[1] + 5]
    day.open(orders[1])
    day.sees("5", "8")
    return orders[1], cells[0], cells[1]


def receive(day: Day, order: str, cell: str, pieces: int) -> None:
    day.open(f"{order}receive/")
    day.type(cell, pieces)
    day.press("입고")
    day.page.wait_for_url(re.compile(r"/(purchases|deliveries)/"))


def sell_to_three(day: Day, buyers: list[str], product: str, one: str, two: str) -> None:
    """One pays all, one owes, one is owed goods; their slips are numbered without a gap."""
    slips = [sell(day, buyers[0], product, {one: 2}, paid=20), sell(day, buyers[1], product, {one: 3}, paid=10)]
    more = on_hand(day, product, two) + 2
    slips.append(sell(day, buyers[2], product, {two: more}, paid=more * 10, owed=True))
    numbers = [int(re.findall(r"\d{6,8}-(\d+)", text)[0]) for text in slips]
    assert numbers == list(range(numbers[0], numbers[0] + 3))
    assert "$20.00" in slips[1]
    day.open(f"/partners/{buyers[1]}/")
    day.sees("$20.00")
    day.open("/owed/")
    day.sees("부산 몰")


def deliver_what_is_owed(day: Day, order: str, cell: str) -> None:
    """The rest of the order comes, is held for whom it is owed, and goes out with a slip that asks for nothing more."""
    page = day.page
    receive(day, order, cell, 3)
    page.get_by_role("link", name=re.compile("나눠 주기")).first.click()
    page.wait_for_url(re.compile(r"/owed/arrivals/"))
    day.sees("부산 몰")
    page.click("main .savebar button")
    page.wait_for_url(re.compile(r"/orders/[0-9a-f-]{36}/$"))
    page.locator("main").get_by_role("link", name="출고").first.click()
    page.wait_for_url(re.compile(r"/ship/$"))
    day.press("출고")
    page.wait_for_url(re.compile(r"/(slips|orders)/[0-9a-f-]{36}/"))
    day.open("/owed/")
    expect(page.locator("main")).not_to_contain_text("부산 몰")


def lend_and_take_back(day: Day, stylist: str, buyer: str, product: str, cell: str) -> None:
    page = day.page
    day.open(f"/samples/new/?product={product}")
    page.select_option("[name=borrower]", stylist)
    page.fill("[name=due_on]", (date.today() + timedelta(days=5)).isoformat())
    day.type(cell, 2)
    day.press("빌려주기")
    page.wait_for_url(re.compile(r"/samples/[0-9a-f-]{36}/"))
    day.sees("스타일리스트 민")
    day.open(f"/returns/new/?buyer={buyer}&product={product}")
    page.select_option("[name=buyer]", buyer)
    day.type(cell, 1)
    page.fill(f"[name='price-{product}']", "10")
    day.press("미리 보기")
    day.sees("$10.00")
    day.press("반품")
    page.wait_for_url(re.compile(r"/returns/[0-9a-f-]{36}/"))
    day.open(f"/partners/{buyer}/")
    day.sees("$10.00")


def count(day: Day, product: str, style: str, cell: str) -> None:
    """All of a product is counted by the grid; a piece is missing on the shelf, and after the review in the book."""
    page, left = day.page, on_hand(day, product, cell)
    book = page.eval_on_selector_all("input.cell", "cells => cells.map(cell => [cell.name, cell.dataset.now || '0'])")
    day.open("/counts/new/")
    page.check("[name=scope][value=chosen]")
    page.fill("[name=codes]", style)
    day.press("실사 시작")
    page.wait_for_url(re.compile(r"/counts/[0-9a-f-]{36}/$"))
    page.locator(f"main a[href$='/products/{product}/']").first.click()
    for name, now in book:
        day.type(name, int(now) - (name == cell))
    page.locator("main [data-submit]").click()
    page.wait_for_url(re.compile(r"/counts/[0-9a-f-]{36}/$"))
    day.press("검토")
    page.wait_for_url(re.compile(r"/review/$"))
    day.sees("-1")
    day.press("반영")
    page.wait_for_url(re.compile(r"/counts/"))
    assert on_hand(day, product, cell) == left - 1


def close_and_look(day: Day) -> None:
    """Earlier days are closed; the reports tell of the day."""
    day.open("/periods/")
    day.page.fill("[name=through]", (date.today() - timedelta(days=3)).isoformat())
    day.press("마감")
    day.sees("마감")
    for report in ("stock-value", "movements", "owed", "margin", "buyers"):
        day.open(f"/reports/{report}/")
    day.sees("스타일샵", "$20.00")


def verify(day: Day) -> None:
    """An auditor has the books proved."""
    page = day.page
    page.context.clear_cookies()
    speak(page, day.address, "ko")
    log_in(page, day.address, "auditor")
    page.goto(f"{day.address}/audit/")
    day.press("점검")
    expect(page.locator("main .badge-ok").first).to_be_visible()
    expect(page.locator(".check-differences")).to_have_count(0)


def sell(day: Day, buyer: str, product: str, quantities: dict[str, int], *, paid: int, owed: bool = False) -> str:
    """Sells at ten dollars a piece at once, and answers what the slip says."""
    page = day.page
    day.open(f"/orders/new/?buyer={buyer}&product={product}")
    for cell, quantity in quantities.items():
        day.type(cell, quantity)
    page.fill(f"[name='price-{product}']", "10")
    if owed:
        page.select_option("[name=shortage]", "owed")
    page.fill("[name=paid]", str(paid))
    page.click("button[name=step][value=sell]")
    page.wait_for_url(re.compile(r"/(slips|orders)/[0-9a-f-]{36}/"))
    if "/slips/" not in page.url:
        page.locator("main a[href*='/slips/']").first.click()
        page.wait_for_url(re.compile(r"/slips/"))
    return page.locator("main").inner_text()
