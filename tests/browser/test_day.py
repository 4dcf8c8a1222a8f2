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
    page = day.page
    # Open: whom the brand deals with.
    factory = day.partner("창신 공장", sells=True)
    cloth = day.partner("동대문 원단", sells=True)
    first, second, third = (day.partner(name, buys=True) for name in ("언니네", "스타일샵", "부산 몰"))
    stylist = day.partner("스타일리스트 민")
    day.open("/products/")
    links = page.eval_on_selector_all("main a[href]", "links => links.map(link => link.getAttribute('href'))")
    product = next(match[1] for link in links if (match := re.fullmatch(rf"{BRAND}/products/(\d+)/", link)))

    # Receive: two orders with costs; one comes whole, of the other a part.
    orders = []
    for supplier, quantities in ((factory, (10, 0)), (cloth, (0, 8))):
        day.open(f"/purchases/new/?supplier={supplier}&product={product}")
        one, two = day.cells()[:2]
        for cell, quantity in zip((one, two), quantities, strict=True):
            if quantity:
                day.type(cell, quantity)
        page.fill(f"[name='cost-{product}']", "20")
        day.press("발주하기")
        page.wait_for_url(re.compile(r"/purchases/[0-9a-f-]{36}/$"))
        orders.append(page.url.removeprefix(f"{day.address}{BRAND}"))
    was = (on_hand(day, product, one), on_hand(day, product, two))
    for path, cell, came in ((orders[0], one, 10), (orders[1], two, 5)):
        day.open(f"{path}receive/")
        day.type(cell, came)
        day.press("입고")
        page.wait_for_url(re.compile(r"/(purchases|deliveries)/"))
    assert (on_hand(day, product, one), on_hand(day, product, two)) == (was[0] + 10, was[1] + 5)
    day.open(orders[1])
    day.sees("5", "8")

    # Sell to three buyers: one pays all, one owes, one is owed goods.
    slips = [sell(day, first, product, {one: 2}, paid=20), sell(day, second, product, {one: 3}, paid=10)]
    there = on_hand(day, product, two)
    slips.append(sell(day, third, product, {two: there + 2}, paid=(there + 2) * 10, owed=True))
    numbers = [int(re.findall(r"\d{6,8}-(\d+)", text)[0]) for text in slips]
    assert numbers == list(range(numbers[0], numbers[0] + 3))  # without a gap
    assert "$20.00" in slips[1]  # what the second one owes
    day.open(f"/partners/{second}/")
    day.sees("$20.00")
    day.open("/owed/")
    day.sees("부산 몰")

    # The rest of the order comes and is offered to whom it is owed.
    day.open(f"{orders[1]}receive/")
    day.type(two, 3)
    day.press("입고")
    page.wait_for_url(re.compile(r"/(purchases|deliveries)/"))
    day.open("/owed/arrivals/")
    day.sees("부산 몰")
    page.click("main .savebar button")
    day.open("/stock/reserved/")
    day.sees("SO-")

    # Lend samples, and take goods back.
    day.open(f"/samples/new/?product={product}")
    page.select_option("[name=borrower]", stylist)
    page.fill("[name=due_on]", (date.today() + timedelta(days=5)).isoformat())
    day.type(one, 2)
    day.press("빌려주기")
    page.wait_for_url(re.compile(r"/samples/[0-9a-f-]{36}/"))
    day.sees("스타일리스트 민")
    day.open(f"/returns/new/?buyer={first}&product={product}")
    page.select_option("[name=buyer]", first)
    day.type(one, 1)
    page.fill(f"[name='price-{product}']", "10")
    day.press("미리 보기")
    day.sees("$10.00")
    day.press("반품")
    page.wait_for_url(re.compile(r"/returns/[0-9a-f-]{36}/"))
    day.open(f"/partners/{first}/")
    day.sees("$10.00")

    # Count one shelf: a piece is missing.
    left = on_hand(day, product, one)
    day.open("/counts/new/")
    page.check("[name=scope][value=chosen]")
    day.open(f"/stock/adjust/?product={product}")
    day.type(one, left - 1)
    day.press("저장")
    assert on_hand(day, product, one) == left - 1

    # Close the days before today, look at the reports, and prove the books.
    day.open("/periods/")
    page.fill("[name=through]", (date.today() - timedelta(days=3)).isoformat())
    day.press("마감")
    day.sees("마감")
    for report in ("stock-value", "movements", "owed", "buyers", "margin"):
        day.open(f"/reports/{report}/")
    day.open("/reports/buyers/")
    day.sees("스타일샵", "$20.00")


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
