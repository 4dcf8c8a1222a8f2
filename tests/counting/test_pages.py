"""The pages of a count, read in Korean and English, with and without script."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Category, Product
from erp.counting.models import CountEntry, CountLine, StockCount
from tests.counting.conftest import Counted, start
from tests.factories import MembershipFactory, ProductFactory, VariantFactory
from tests.web.shop import queries_of


def url(counted: Counted, name: str, *args: Any) -> str:
    shared = [] if name in ("counts", "new") else [counted.count.public_id]
    return reverse(f"counting:{name}", args=[counted.shop.brand.slug, *shared, *args])


@pytest.fixture
def clerk(counted: Counted) -> Client:
    return counted.shop.client(counted.shop.clerk)


@pytest.fixture
def korean(counted: Counted) -> Client:
    client = counted.shop.client(counted.shop.owner)
    client.cookies["django_language"] = "ko"
    return client


def text(response: Any) -> str:
    return response.content.decode()


class TestStarting:
    def begin(self, client: Client, counted: Counted, **more: str) -> Any:
        data = {"key": str(uuid4()), "location": str(counted.shop.main.pk), "scope": "full"} | more
        return client.post(url(counted, "new"), data)

    def test_everything(self, counted: Counted, clerk: Client) -> None:
        answer = self.begin(clerk, counted, title="밤 실사", blind="on")
        count = StockCount.objects.latest("pk")
        assert answer.url == reverse("counting:count", args=[counted.shop.brand.slug, count.public_id])
        assert (count.title, count.blind, count.created_by, count.lines.count()) == (
            "밤 실사", True, counted.shop.clerk, 3,
        )  # fmt: skip

    def test_a_category(self, counted: Counted, clerk: Client) -> None:
        shirt = Category.objects.get(slug="shirt")
        Product.objects.filter(pk=counted.shop.product.pk).update(category=shirt)
        self.begin(clerk, counted, scope="category", category=str(shirt.pk))
        assert StockCount.objects.latest("pk").lines.count() == 3

    def test_chosen_products_by_style_sku_or_barcode(self, counted: Counted, clerk: Client) -> None:
        other = VariantFactory(product=ProductFactory(brand=counted.shop.brand, status="active"), barcode="20000015")
        self.begin(clerk, counted, scope="chosen", codes=f"{counted.shop.product.style_number.lower()}\n\n20000015")
        wanted = {other.pk, *(variant.pk for variant in counted.shop.variants)}
        assert set(StockCount.objects.latest("pk").lines.values_list("variant_id", flat=True)) == wanted

    def test_every_line_that_names_nothing_is_told_and_kept(self, counted: Counted, clerk: Client) -> None:
        answer = self.begin(clerk, counted, scope="chosen", codes=f"nope\n{counted.variant(0).sku}\n=1+1")
        assert answer.status_code == 422
        assert "Line 1: “nope”" in text(answer) and "Line 3: “=1+1”" in text(answer)
        assert counted.variant(0).sku in text(answer)
        assert StockCount.objects.count() == 1

    def test_todays_proposals(self, counted: Counted, clerk: Client) -> None:
        counted.sell(1, 5)
        page = text(clerk.get(url(counted, "new"), {"scope": "cycle"}))
        assert page.index(f'"variant" value="{counted.variant(1).pk}"') < page.index(
            f'"variant" value="{counted.variant(0).pk}"'
        )
        assert "Never counted" in page
        self.begin(clerk, counted, scope="cycle", variant=str(counted.variant(1).pk))
        assert StockCount.objects.latest("pk").lines.get().variant == counted.variant(1)
        self.begin(clerk, counted, scope="cycle")
        assert StockCount.objects.latest("pk").lines.count() == 3

    def test_the_same_press_twice(self, counted: Counted, clerk: Client) -> None:
        key = str(uuid4())
        assert self.begin(clerk, counted, key=key).url == self.begin(clerk, counted, key=key).url
        assert StockCount.objects.count() == 2


class TestScanning:
    def test_by_script_a_scan_sent_again_counts_once(self, counted: Counted, clerk: Client) -> None:
        scan = {"code": counted.variant(0).sku.lower(), "entry": str(uuid4()), "device": "phone-1"}
        for _time in range(3):
            answer = clerk.post(url(counted, "scan"), scan)
        assert answer.json()["text"].endswith("Navy M: 1")
        assert CountEntry.objects.get().device == "phone-1"

    def test_an_unknown_code_is_told(self, counted: Counted, clerk: Client) -> None:
        answer = clerk.post(url(counted, "scan"), {"code": "nope\0", "device": "x"})
        assert (answer.status_code, "“nope” is not known" in answer.json()["text"]) == (422, True)
        answer = clerk.post(url(counted, "scan"), {"code": "nope"}, follow=True)
        assert "“nope” is not known" in text(answer)

    def test_without_script(self, counted: Counted, clerk: Client) -> None:
        answer = clerk.post(url(counted, "scan"), {"code": counted.variant(0).sku}, follow=True)
        assert "Navy M: 1" in text(answer)
        assert counted.line(0).counted == 1

    def test_the_page_shows_how_far_everybody_is(self, counted: Counted, korean: Client) -> None:
        counted.scan(0, 2)
        counted.type(1, 20)
        page = text(korean.get(url(counted, "count")))
        assert "옵션 3개 중 2개" in page and "22장" in page
        assert counted.shop.clerk.username in page
        assert "차이 검토하기" in page
        assert "옵션 3개 중 2개" in text(korean.get(url(counted, "progress")))

    def test_a_person_takes_their_own_scan_back(self, counted: Counted, clerk: Client) -> None:
        entry = counted.entry(counted.scan(0))
        assert "Undo" in text(clerk.get(url(counted, "progress")))
        clerk.post(url(counted, "undo"), {"entry": entry.pk}, HTTP_HX_REQUEST="true")
        assert counted.line(0).counted is None
        owner = counted.shop.client(counted.shop.owner)
        entry = counted.entry(counted.scan(0))
        assert "Undo" not in text(owner.get(url(counted, "progress")))
        answer = owner.post(url(counted, "undo"), {"entry": entry.pk}, HTTP_HX_REQUEST="true")
        assert (answer.status_code, "Somebody else scanned this" in text(answer)) == (422, True)
        assert counted.line(0).counted == 1

    def test_what_is_no_longer_open_is_drawn_anew(self, counted: Counted, clerk: Client) -> None:
        counted.scan(0)
        counted.review()
        assert clerk.get(url(counted, "progress")).headers["HX-Refresh"] == "true"
        assert clerk.get(url(counted, "count")).url == url(counted, "review")


class TestGrid:
    def test_it_shows_and_saves_what_was_counted(self, counted: Counted, clerk: Client) -> None:
        counted.type(0, 7)
        sheet = url(counted, "sheet", counted.shop.product.pk)
        page = text(clerk.get(sheet))
        first, second = counted.variant(0).pk, counted.variant(1).pk
        assert f'name="was-{first}" value="7"' in page and "10 now" in page
        clerk.post(sheet, {f"q-{first}": "8", f"was-{first}": "7", f"q-{second}": "0", f"was-{second}": ""})
        assert (counted.line(0).counted, counted.line(1).counted, counted.line(2).counted) == (8, 0, None)
        clerk.post(sheet, {f"q-{first}": "", f"was-{first}": "8"})
        assert counted.line(0).counted is None

    def test_what_another_counted_meanwhile_is_told(self, counted: Counted, clerk: Client) -> None:
        sheet = url(counted, "sheet", counted.shop.product.pk)
        first, second = counted.variant(0).pk, counted.variant(1).pk
        counted.scan(0, 4)
        answer = clerk.post(sheet, {f"q-{first}": "9", f"was-{first}": "", f"q-{second}": "x", f"was-{second}": ""})
        assert answer.status_code == 422 and 'value="x"' in text(answer)
        answer = clerk.post(sheet, {f"q-{first}": "9", f"was-{first}": "", f"q-{second}": "5", f"was-{second}": ""})
        assert "Meanwhile somebody counted 4." in text(answer)
        assert f'name="was-{first}" value="4"' in text(answer)
        assert (counted.line(0).counted, counted.line(1).counted) == (4, None)

    def test_on_to_the_next_product(self, counted: Counted, clerk: Client) -> None:
        other = VariantFactory(product=ProductFactory(brand=counted.shop.brand, status="active"))
        counted.enter_entry = counted.scan(0)
        pk = counted.shop.product.pk
        CountLine.objects.create(count=counted.count, variant=other)
        answer = clerk.post(url(counted, "sheet", pk), {"next": "1"})
        assert answer.url == url(counted, "sheet", other.product_id)

    def test_a_product_is_found_by_its_words(self, counted: Counted, clerk: Client) -> None:
        other = ProductFactory(brand=counted.shop.brand, status="active", name_en="Wool coat")
        page = text(clerk.get(url(counted, "count"), {"q": "coat"}))
        assert url(counted, "sheet", other.pk) in page and "Not expected here" in page
        assert url(counted, "sheet", counted.shop.product.pk) not in page


class TestBlind:
    def test_the_book_is_hidden_until_the_review(self, counted: Counted) -> None:
        shop = counted.shop
        counted.count = start(shop, blind=True)
        clerk, owner = shop.client(shop.clerk), shop.client(shop.owner)
        assert "10 now" not in text(owner.get(url(counted, "sheet", shop.product.pk)))
        counted.type(0, 7)
        assert clerk.post(url(counted, "start-review")).status_code == 403
        assert owner.post(url(counted, "start-review")).url == url(counted, "review")
        page = clerk.get(url(counted, "review"))
        assert "This count is in review" in text(page) and "Book then" not in text(page)
        assert "Book then" in text(owner.get(url(counted, "review")))
        for name in ("decide", "reopen", "post"):
            assert clerk.post(url(counted, name), {"what": "zero"}).status_code == 403
        counted.count.refresh_from_db()
        assert counted.count.state == "reviewing"

    def test_whoever_started_it_reviews_it(self, counted: Counted) -> None:
        counted.count = start(counted.shop, blind=True, actor=counted.shop.clerk)
        counted.type(0, 7)
        clerk = counted.shop.client(counted.shop.clerk)
        assert clerk.post(url(counted, "start-review")).url == url(counted, "review")
        assert "Book then" in text(clerk.get(url(counted, "review")))


class TestReview:
    def test_differences_in_korean(self, counted: Counted, korean: Client) -> None:
        counted.type(0, 7)
        counted.type(1, 25)
        assert korean.post(url(counted, "start-review")).url == url(counted, "review")
        page = text(korean.get(url(counted, "review")))
        assert page.index(counted.variant(1).colour.name) and "차이 2건 반영하기" in page
        assert "세지 않은 옵션 1개는 그대로 두기" in page

    def test_what_is_wrong_is_named_and_what_was_typed_stays(self, counted: Counted, clerk: Client) -> None:
        counted.type(0, 9)
        counted.type(1, 19)
        counted.sell(0, 2)
        counted.review()
        answer = clerk.post(url(counted, "post"), {"revision": counted.count.revision, "note": "밤에 셈"})
        page = text(answer)
        assert answer.status_code == 400
        assert "1 variant was not counted" in page
        assert f"{counted.variant(0).sku} moved while counting: 10 then, 8 now" in page
        assert 'value="밤에 셈"' in page
        assert counted.shop.on_hand(1) == 20

    def test_decide_and_post(self, counted: Counted, clerk: Client) -> None:
        counted.type(0, 9)
        counted.sell(0, 2)
        counted.review()
        page = clerk.post(url(counted, "decide"), {"what": "carry"}, follow=True)
        assert "Tick the lines" in text(page)
        clerk.post(url(counted, "decide"), {"what": "carry", "line": counted.line(0).pk})
        clerk.post(url(counted, "decide"), {"what": "wait", "line": counted.line(0).pk})
        assert not counted.line(0).carry
        clerk.post(url(counted, "decide"), {"what": "carry", "line": counted.line(0).pk})
        clerk.post(url(counted, "decide"), {"what": "zero"})
        page = clerk.post(url(counted, "post"), {"revision": counted.count.revision}, follow=True)
        counted.count.refresh_from_db()
        posting = reverse("inventory:posting", args=[counted.shop.brand.slug, counted.count.posting.public_id])
        assert posting in text(page)
        assert [counted.shop.on_hand(place) for place in range(3)] == [7, 0, 0]

    def test_count_again(self, counted: Counted, clerk: Client) -> None:
        counted.type(0, 9)
        counted.review()
        answer = clerk.post(url(counted, "decide"), {"what": "recount", "line": counted.line(0).pk})
        assert answer.url == url(counted, "count")
        assert counted.line(0).counted is None
        counted.type(0, 9)
        counted.review()
        clerk.post(url(counted, "reopen"))
        counted.count.refresh_from_db()
        assert counted.count.is_open

    def test_an_old_review_posts_nothing(self, counted: Counted, clerk: Client) -> None:
        counted.type(0, 9)
        counted.review()
        answer = clerk.post(url(counted, "post"), {"revision": "0", "leave_uncounted": "on"})
        assert (answer.status_code, counted.shop.on_hand(0)) == (409, 10)

    def test_cancel(self, counted: Counted, clerk: Client) -> None:
        counted.type(0, 9)
        clerk.post(url(counted, "cancel"))
        page = text(clerk.get(url(counted, "count"), {"show": "all"}))
        assert "This count was cancelled" in page and "−1" in page or "-1" in page
        assert counted.shop.on_hand(0) == 10


POSTS = ["scan", "undo", "cancel", "start-review", "decide", "reopen", "post"]


@pytest.mark.parametrize("name", [*POSTS, "new", "sheet"])
def test_viewers_change_nothing(counted: Counted, name: str) -> None:
    counted.scan(0)
    before = list(StockCount.objects.values()), list(CountLine.objects.values()), CountEntry.objects.count()
    args = [counted.shop.product.pk] if name == "sheet" else []
    data = {"code": counted.variant(0).sku, "scope": "full", "location": counted.shop.main.pk, "what": "zero"}
    viewer = counted.shop.client(counted.shop.viewer)
    assert viewer.post(url(counted, name, *args), data).status_code == 403
    stranger = counted.shop.client(MembershipFactory().user)
    assert stranger.post(url(counted, name, *args), data).status_code == 404
    after = list(StockCount.objects.values()), list(CountLine.objects.values()), CountEntry.objects.count()
    assert before == after


def test_viewers_look(counted: Counted) -> None:
    viewer = counted.shop.client(counted.shop.viewer)
    page = text(viewer.get(url(counted, "count")))
    assert "data-count-scan" not in page and url(counted, "start-review") not in page
    assert "New count" not in text(viewer.get(url(counted, "counts")))
    counted.type(0, 9)
    counted.review()
    page = text(viewer.get(url(counted, "review")))
    assert "Book then" in page and url(counted, "post") not in page


def test_pages_ask_the_same_for_many_rows(counted: Counted, clerk: Client) -> None:
    counted.type(0, 9)
    few = {name: queries_of(clerk, url(counted, name)) for name in ("counts", "count", "progress")}
    _grow(counted)
    assert {name: queries_of(clerk, url(counted, name)) for name in few} == few
    counted.review()
    many = {show: queries_of(clerk, url(counted, "review"), {"show": show}) for show in ("differing", "all")}
    counted.post()
    many["result"] = queries_of(clerk, url(counted, "count"))
    other = start(counted.shop, scope="chosen", variants=[counted.variant(0).pk])
    counted.count = other
    counted.type(0, 1)
    counted.review()
    assert queries_of(clerk, url(counted, "review"), {"show": "differing"}) == many["differing"]
    counted.post()
    assert queries_of(clerk, url(counted, "count")) == many["result"]


def _grow(counted: Counted) -> None:
    """Thirty more products in the count, all but one counted, and thirty more counts."""
    grow: list[Callable[[], Any]] = [lambda: start(counted.shop) for _n in range(30)]
    for each in grow:
        each()
    for _n in range(29):
        variant = VariantFactory(product=ProductFactory(brand=counted.shop.brand, status="active"))
        counted.shop.variants.append(variant)
        counted.scan(len(counted.shop.variants) - 1)
