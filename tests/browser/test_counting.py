"""What the script of the counting page adds: scans that outlast a bad network, and the others' progress."""

from __future__ import annotations

from collections.abc import Iterator
from contextvars import copy_context

import pytest
from django.urls import reverse
from playwright.sync_api import Page, Route, expect

from erp.counting.models import CountEntry
from tests.browser.in_process import ORIGIN, answer_with
from tests.counting.conftest import Counted, build_counted

pytestmark = pytest.mark.browser


@pytest.fixture(scope="session", autouse=True)
def _database_beside_the_browser() -> Iterator[None]:
    """Playwright's event loop runs in this thread; the database is asked between its turns, never at once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield


@pytest.fixture
def counted(db) -> Counted:
    return build_counted()


@pytest.fixture
def counting(counted: Counted, page: Page) -> Page:
    answer_with(page, counted.shop.client(counted.shop.clerk))
    page.goto(ORIGIN + reverse("counting:count", args=[counted.shop.brand.slug, counted.count.public_id]))
    return page


def scan(page: Page, code: str) -> None:
    page.locator("[data-scan]").fill(code)
    page.locator("[data-scan]").press("Enter")


def test_scans_are_counted_one_after_the_other(counting: Page, counted: Counted) -> None:
    for _time in range(3):
        scan(counting, counted.variant(0).sku)
    expect(counting.locator("[data-scan-status]")).to_contain_text("Navy M: 3")
    expect(counting.locator(".count-progress")).to_contain_text("1 of 3 variants")
    expect(counting.locator(".count-progress")).to_contain_text("3 pieces")
    assert CountEntry.objects.values("device").distinct().count() == 1


def test_a_scan_whose_answer_was_lost_counts_once(counting: Page, counted: Counted) -> None:
    lost = []
    client = counted.shop.client(counted.shop.clerk)
    context = copy_context()  # see tests.browser.in_process

    def lose(route: Route) -> None:
        """The server counts it, and the answer never arrives."""
        if lost:
            return route.fallback()
        body = route.request.post_data_buffer or b""
        path, kind = route.request.url.removeprefix(ORIGIN), route.request.headers["content-type"]
        context.run(client.post, path, body, content_type=kind)
        lost.append(route)
        return route.abort()

    counting.route("**/scan/", lose)
    scan(counting, counted.variant(0).sku)
    expect(counting.locator("[data-scan-waiting]")).to_contain_text("1 scans wait")
    scan(counting, counted.variant(1).sku)
    expect(counting.locator("[data-scan-status]")).to_contain_text("Navy L: 1")
    expect(counting.locator("[data-scan-waiting]")).to_be_empty()
    assert (len(lost), counted.line(0).counted, counted.line(1).counted) == (1, 1, 1)


def test_an_unknown_code_is_told_and_the_next_one_counts(counting: Page, counted: Counted) -> None:
    scan(counting, "nope")
    expect(counting.locator("[data-scan-status].is-wrong")).to_contain_text("“nope” is not known")
    scan(counting, counted.variant(0).sku)
    expect(counting.locator("[data-scan-status]")).to_contain_text("Navy M: 1")


def test_what_the_camera_reads_is_counted(counting: Page, counted: Counted) -> None:
    counting.locator("[data-scan]").evaluate(
        "(field, code) => field.dispatchEvent(new CustomEvent('scan:code', { detail: { code } }))",
        counted.variant(0).sku,
    )
    expect(counting.locator("[data-scan-status]")).to_contain_text("Navy M: 1")


def test_a_scan_is_undone_in_place(counting: Page, counted: Counted) -> None:
    scan(counting, counted.variant(0).sku)
    counting.get_by_role("button", name="Undo").click()
    expect(counting.locator(".count-progress")).to_contain_text("0 of 3 variants")
    assert counted.line(0).counted is None
