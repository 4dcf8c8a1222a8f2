"""Adjusting: by a count that is compared with what was seen, and by pieces more or less with a reason."""

from __future__ import annotations

import pytest
from django.test import Client

from erp.inventory import services
from erp.inventory.models import Balance, Posting
from tests.web.shop import Shop


@pytest.fixture
def clerk(shop: Shop) -> Client:
    return shop.client(shop.clerk)


def count(shop: Shop, *texts: str, seen: tuple[int, ...] | None = None, **more: str) -> dict[str, str]:
    """The fields of a count; the page showed what is on hand now unless `seen` says otherwise."""
    seen = tuple(shop.on_hand(n) for n in range(4)) if seen is None else seen
    shown = {f"seen-{variant.pk}": str(n) for variant, n in zip(shop.variants, seen, strict=False)}
    return shop.entry(*texts, mode="count", **{"seen-at": str(shop.main.pk)}, **shown, **more)


def error_of(response, variant) -> str:
    return response.context["form"].sheet.cells[variant.pk].error


class TestCount:
    def test_posts_the_differences_only(self, shop: Shop, clerk: Client) -> None:
        shop.stock(5, 5, 5)
        response = clerk.post(shop.url("adjust"), count(shop, "3", "5", "9"), follow=True)
        assert "Adjusted 6 pieces of 2 variants." in response.content.decode()
        assert [shop.on_hand(n) for n in range(3)] == [3, 5, 9]

    def test_zero_is_a_count(self, shop: Shop, clerk: Client) -> None:
        shop.stock(5, 2)
        clerk.post(shop.url("adjust"), count(shop, "0"))
        assert [shop.on_hand(n) for n in range(2)] == [0, 2]

    def test_a_first_count_where_nothing_ever_was(self, shop: Shop, clerk: Client) -> None:
        clerk.post(shop.url("adjust"), count(shop, "4"))
        assert shop.on_hand() == 4

    def test_agreement_is_said_and_nothing_is_posted(self, shop: Shop, clerk: Client) -> None:
        shop.stock(5)
        response = clerk.post(shop.url("adjust"), count(shop, "5"), follow=True)
        assert "The book agrees with your count" in response.content.decode()
        assert Posting.objects.count() == 1

    def test_is_shown_again_when_the_balance_moved_meanwhile(self, shop: Shop, clerk: Client) -> None:
        shop.stock(5, 5)
        data = count(shop, "3", "4")
        services.ship(
            brand=shop.brand,
            location=shop.main,
            quantities={shop.variants[0].pk: 1},
            actor=shop.owner,
            idempotency_key="meanwhile",
        )
        response = clerk.post(shop.url("adjust"), data)
        assert response.status_code == 422
        assert error_of(response, shop.variants[0]) == "5 when you counted, 4 now. Count again."
        assert error_of(response, shop.variants[1]) == ""
        assert [shop.on_hand(n) for n in range(2)] == [4, 5]
        page = response.content.decode()
        assert f'name="seen-{shop.variants[0].pk}" value="4"' in page
        assert f'name="seen-{shop.variants[1].pk}" value="5"' in page
        clerk.post(shop.url("adjust"), data | {f"seen-{shop.variants[0].pk}": "4"})
        assert [shop.on_hand(n) for n in range(2)] == [3, 4]

    def test_the_same_count_twice_posts_once(self, shop: Shop, clerk: Client) -> None:
        shop.stock(5)
        data = count(shop, "3")
        first, again = (clerk.post(shop.url("adjust"), data) for _ in range(2))
        assert first["Location"] == again["Location"]
        assert shop.on_hand() == 3

    def test_what_was_seen_stays_while_another_cell_is_mended(self, shop: Shop, clerk: Client) -> None:
        shop.stock(5, 5)
        response = clerk.post(shop.url("adjust"), count(shop, "3", "x", seen=(7, 5)))
        assert f'name="seen-{shop.variants[0].pk}" value="7"' in response.content.decode()

    @pytest.mark.parametrize("spoilt", ["", "x", "-1", "9" * 30])
    def test_without_what_was_seen_the_number_is_shown_first(self, shop: Shop, clerk: Client, spoilt: str) -> None:
        shop.stock(5)
        response = clerk.post(shop.url("adjust"), count(shop, "3") | {f"seen-{shop.variants[0].pk}": spoilt})
        assert "Look at the number in the book again" in error_of(response, shop.variants[0])
        assert shop.on_hand() == 5

    def test_a_refusal_stands_at_its_own_cell(self, shop: Shop, clerk: Client) -> None:
        """The first cell agrees with the book, so the ledger never hears of it."""
        shop.stock(5, 5, 5)
        Balance.objects.filter(variant=shop.variants[1]).update(reserved=4)
        response = clerk.post(shop.url("adjust"), count(shop, "5", "2", "6"))
        assert response.status_code == 422
        assert [bool(error_of(response, variant)) for variant in shop.variants[:3]] == [False, True, False]
        assert [shop.on_hand(n) for n in range(3)] == [5, 5, 5]

    def test_another_place_needs_its_own_numbers(self, shop: Shop, clerk: Client) -> None:
        shop.stock(5)
        response = clerk.post(shop.url("adjust"), count(shop, "3", location=str(shop.defect.pk)))
        assert "Look at the number in the book again" in error_of(response, shop.variants[0])
        assert shop.on_hand(location=shop.defect) == 0


class TestMoreOrLess:
    def test_adds(self, shop: Shop, clerk: Client) -> None:
        clerk.post(shop.url("adjust"), shop.entry("2", mode="add", note="Found behind the shelf"))
        assert shop.on_hand() == 2
        assert Posting.objects.get().note == "Found behind the shelf"

    def test_takes_away(self, shop: Shop, clerk: Client) -> None:
        shop.stock(5)
        clerk.post(shop.url("adjust"), shop.entry("2", mode="remove", note="Moths"))
        assert shop.on_hand() == 3

    def test_no_more_than_there_is(self, shop: Shop, clerk: Client) -> None:
        shop.stock(1)
        response = clerk.post(shop.url("adjust"), shop.entry("2", mode="remove", note="Moths"))
        assert error_of(response, shop.variants[0]) == "Only 1 to take."
        assert shop.on_hand() == 1

    @pytest.mark.parametrize("mode", ["add", "remove"])
    def test_needs_a_reason_and_keeps_the_numbers(self, shop: Shop, clerk: Client, mode: str) -> None:
        shop.stock(5)
        response = clerk.post(shop.url("adjust"), shop.entry("2", mode=mode, note="  "))
        assert response.status_code == 422
        assert "Say why" in str(response.context["form"].errors["note"])
        assert f'name="q-{shop.variants[0].pk}" value="2"' in response.content.decode()
        assert shop.on_hand() == 5

    def test_an_unknown_way_posts_nothing(self, shop: Shop, clerk: Client) -> None:
        response = clerk.post(shop.url("adjust"), shop.entry("2", mode="steal", note="x"))
        assert response.status_code == 422
        assert not Posting.objects.exists()


def test_each_way_has_its_own_button(shop: Shop, clerk: Client) -> None:
    page = clerk.get(shop.url("adjust")).content.decode()
    for words in ("Save the count of %(n)s variants", "Add %(n)s pieces", "Take away %(n)s pieces"):
        assert words in page
