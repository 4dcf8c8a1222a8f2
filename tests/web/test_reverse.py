"""The page of a posting, and taking it back once."""

from __future__ import annotations

import uuid

import pytest

from erp.inventory.models import Posting
from erp.inventory.services import receive, reverse_movement, ship
from tests.factories import VariantFactory
from tests.web.shop import Shop, a_stranger, build_shop, queries_of


@pytest.fixture
def posting(shop: Shop) -> Posting:
    return shop.stock(3, 0, 21)


class TestPage:
    def test_shows_lines_totals_and_who(self, shop: Shop, posting: Posting) -> None:
        response = shop.client(shop.clerk).get(shop.url("posting", posting.public_id))
        page = response.content.decode()
        assert response.context["sums"] == {"lines": 2, "pieces": 24, "reversed": 0}
        assert shop.variants[0].sku in page
        assert shop.variants[2].sku in page
        assert shop.variants[1].sku not in page
        assert str(shop.owner) in page
        assert "Reverse 24 pieces" in page

    def test_a_viewer_sees_it_without_buttons(self, shop: Shop, posting: Posting) -> None:
        response = shop.client(shop.viewer).get(shop.url("posting", posting.public_id))
        assert response.status_code == 200
        assert shop.url("reverse", posting.public_id) not in response.content.decode()
        assert shop.url("receive") not in response.content.decode()

    def test_to_a_stranger_it_does_not_exist(self, shop: Shop, posting: Posting) -> None:
        assert shop.client(a_stranger()).get(shop.url("posting", posting.public_id)).status_code == 404

    def test_the_posting_of_another_brand_is_not_found_here(self, shop: Shop) -> None:
        foreign = build_shop().stock(1)
        assert shop.client(shop.owner).get(shop.url("posting", foreign.public_id)).status_code == 404

    def test_many_lines_come_in_pages_with_the_same_queries(self, shop: Shop, posting: Posting) -> None:
        variants = VariantFactory.create_batch(210, product=shop.product)
        big = receive(
            brand=shop.brand,
            location=shop.main,
            quantities={variant.pk: 1 for variant in variants},
            actor=shop.owner,
            idempotency_key=str(uuid.uuid4()),
        )
        client = shop.client(shop.clerk)
        address = shop.url("posting", big.public_id)
        assert queries_of(client, address) == queries_of(client, shop.url("posting", posting.public_id)) <= 13
        assert len(client.get(address).context["page_obj"].object_list) == 200
        assert len(client.get(address, {"page": 2}).context["page_obj"].object_list) == 10


class TestReverse:
    def test_takes_everything_back_and_both_pages_say_so(self, shop: Shop, posting: Posting) -> None:
        client = shop.client(shop.clerk)
        response = client.post(shop.url("reverse", posting.public_id), {"note": "wrong box"}, follow=True)
        reversal = Posting.objects.get(kind="reversal")
        page = response.content.decode()
        assert "Reversed 24 pieces of 2 variants." in page
        assert "This was reversed." in page
        assert shop.url("posting", reversal.public_id) in page
        assert shop.url("reverse", posting.public_id) not in page
        assert (reversal.note, reversal.actor) == ("wrong box", shop.clerk)
        assert [shop.on_hand(n) for n in range(4)] == [0, 0, 0, 0]
        page = client.get(shop.url("posting", reversal.public_id)).content.decode()
        assert "This took back:" in page
        assert shop.url("posting", posting.public_id) in page
        assert shop.url("reverse", reversal.public_id) not in page

    @pytest.mark.parametrize("note", ["", "another reason"])
    def test_twice_reverses_once(self, shop: Shop, posting: Posting, note: str) -> None:
        client = shop.client(shop.clerk)
        client.post(shop.url("reverse", posting.public_id), {"note": ""})
        response = client.post(shop.url("reverse", posting.public_id), {"note": note}, follow=True)
        assert response.status_code == 200
        assert Posting.objects.filter(kind="reversal").count() == 1
        assert shop.on_hand(2) == 0

    def test_is_refused_with_the_reason_when_the_goods_are_gone(self, shop: Shop, posting: Posting) -> None:
        ship(
            brand=shop.brand,
            location=shop.main,
            quantities={shop.variants[2].pk: 1},
            actor=shop.owner,
            idempotency_key="gone",
        )
        response = shop.client(shop.clerk).post(shop.url("reverse", posting.public_id), {"note": "kept words"})
        page = response.content.decode()
        assert response.status_code == 400
        assert shop.variants[2].sku in page
        assert "Nothing was reversed" in page
        assert 'value="kept words"' in page
        assert not Posting.objects.filter(kind="reversal").exists()

    def test_a_part_that_was_reversed_is_told(self, shop: Shop, posting: Posting) -> None:
        reverse_movement(movement=posting.movements.first(), actor=shop.owner, idempotency_key="part")
        page = shop.client(shop.clerk).get(shop.url("posting", posting.public_id)).content.decode()
        assert "1 of 2 lines was reversed." in page
        assert shop.url("reverse", posting.public_id) not in page

    def test_a_viewer_is_refused(self, shop: Shop, posting: Posting) -> None:
        assert shop.client(shop.viewer).post(shop.url("reverse", posting.public_id)).status_code == 403
        assert shop.on_hand() == 3

    def test_a_stranger_finds_nothing(self, shop: Shop, posting: Posting) -> None:
        assert shop.client(a_stranger()).post(shop.url("reverse", posting.public_id)).status_code == 404
        assert shop.on_hand() == 3

    def test_a_link_cannot_reverse(self, shop: Shop, posting: Posting) -> None:
        assert shop.client(shop.clerk).get(shop.url("reverse", posting.public_id)).status_code == 405
        assert shop.on_hand() == 3
