"""The colour x size grid: every entry page, each bad quantity, and one posting for one press."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client
from django.urls import reverse

from erp.inventory.models import Location, Posting, StockMovement
from tests.factories import ProductFactory, VariantFactory
from tests.web.shop import Shop, a_stranger, build_shop, queries_of

ENTRIES = ("receive", "ship", "transfer", "adjust")


@pytest.fixture
def clerk(shop: Shop) -> Client:
    return shop.client(shop.clerk)


def cell_of(response, variant):
    """The cell of a variant on the page that came back."""
    return response.context["form"].sheet.cells[variant.pk]


@pytest.mark.parametrize("name", ENTRIES)
class TestWhoMay:
    def test_a_clerk_gets_the_grid(self, shop: Shop, clerk: Client, name: str) -> None:
        response = clerk.get(shop.url(name), {"product": shop.product.pk})
        assert response.status_code == 200
        for variant in shop.variants:
            assert f'name="q-{variant.pk}"' in response.content.decode()

    def test_a_viewer_is_refused_and_nothing_changes(self, shop: Shop, name: str) -> None:
        shop.stock(5)
        viewer = shop.client(shop.viewer)
        assert viewer.get(shop.url(name)).status_code == 403
        assert viewer.post(shop.url(name), shop.entry("1")).status_code == 403
        assert Posting.objects.count() == 1

    def test_to_a_stranger_the_brand_does_not_exist(self, shop: Shop, name: str) -> None:
        stranger = shop.client(a_stranger())
        assert stranger.get(shop.url(name)).status_code == 404
        assert stranger.post(shop.url(name), shop.entry("1")).status_code == 404
        assert not Posting.objects.exists()

    def test_without_login_one_is_sent_to_it(self, shop: Shop, name: str) -> None:
        response = Client().post(shop.url(name), shop.entry("1"))
        assert response.status_code == 302
        assert "/login/" in response["Location"]
        assert not Posting.objects.exists()


class TestReceive:
    def test_posts_and_says_what_changed_with_undo(self, shop: Shop, clerk: Client) -> None:
        response = clerk.post(
            shop.url("receive"), shop.entry("3", "", "21", reference="PO-7", note="night"), follow=True
        )
        posting = Posting.objects.get()
        assert response.redirect_chain[0][0] == shop.url("posting", posting.public_id)
        assert (posting.kind, posting.reference, posting.note, posting.actor) == (
            "receipt",
            "PO-7",
            "night",
            shop.clerk,
        )
        assert [shop.on_hand(n) for n in range(4)] == [3, 0, 21, 0]
        page = response.content.decode()
        assert "Received 24 pieces of 2 variants." in page
        assert shop.url("reverse", posting.public_id) in page

    def test_one_piece_of_one_variant_is_singular(self, shop: Shop, clerk: Client) -> None:
        response = clerk.post(shop.url("receive"), shop.entry("1"), follow=True)
        assert "Received 1 piece of 1 variant." in response.content.decode()

    def test_the_same_form_twice_posts_once(self, shop: Shop, clerk: Client) -> None:
        data = shop.entry("3")
        first = clerk.post(shop.url("receive"), data)
        again = clerk.post(shop.url("receive"), data)
        assert first.status_code == again.status_code == 302
        assert first["Location"] == again["Location"]
        assert Posting.objects.count() == 1
        assert shop.on_hand() == 3

    def test_going_back_and_changing_numbers_asks_before_posting_again(self, shop: Shop, clerk: Client) -> None:
        data = shop.entry("3")
        clerk.post(shop.url("receive"), data)
        changed = clerk.post(shop.url("receive"), data | {f"q-{shop.variants[0].pk}": "4"})
        assert changed.status_code == 422
        assert "posted before, with other numbers" in changed.content.decode()
        assert shop.on_hand() == 3
        key = changed.context["form"]["key"].value()
        assert key != data["key"]
        clerk.post(shop.url("receive"), data | {f"q-{shop.variants[0].pk}": "4", "key": key})
        assert shop.on_hand() == 7

    def test_each_page_has_its_own_key(self, shop: Shop, clerk: Client) -> None:
        keys = {str(clerk.get(shop.url("receive")).context["form"]["key"].value()) for _ in range(2)}
        assert len(keys) == 2

    @pytest.mark.parametrize("key", ["", "not-a-key"])
    def test_a_spoilt_key_posts_nothing(self, shop: Shop, clerk: Client, key: str) -> None:
        response = clerk.post(shop.url("receive"), shop.entry("3", key=key))
        assert response.status_code == 422
        assert not Posting.objects.exists()
        repaired = response.context["form"]["key"].value()
        assert clerk.post(shop.url("receive"), shop.entry("3", key=repaired)).status_code == 302

    def test_into_another_place(self, shop: Shop, clerk: Client) -> None:
        clerk.post(shop.url("receive"), shop.entry("2", location=str(shop.defect.pk)))
        assert shop.on_hand(location=shop.defect) == 2
        assert shop.on_hand() == 0

    def test_the_place_of_another_brand_is_unknown(self, shop: Shop, clerk: Client) -> None:
        response = clerk.post(shop.url("receive"), shop.entry("2", location=str(build_shop().main.pk)))
        assert response.status_code == 422
        assert response.context["form"].errors["location"]
        assert not Posting.objects.exists()

    def test_several_products_in_one_posting(self, shop: Shop, clerk: Client) -> None:
        other = VariantFactory(product=ProductFactory(brand=shop.brand, status="active"))
        clerk.post(shop.url("receive"), shop.entry("2", **{f"q-{other.pk}": "5"}))
        assert Posting.objects.get().movements.count() == 2


class TestBadQuantities:
    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("-3", "without a minus sign"),
            ("−3", "without a minus sign"),
            ("abc", "no number"),
            ("3 pieces", "no number"),
            ("1e3", "no number"),
            ("1.5", "whole numbers"),
            ("1000000000000", "At most 1,000,000 pieces"),
            ("9" * 5000, "At most 1,000,000 pieces"),
            ("1000001", "At most 1,000,000 pieces"),
        ],
    )
    def test_is_named_at_its_cell_and_nothing_is_saved(self, shop: Shop, clerk: Client, text: str, words: str) -> None:
        response = clerk.post(shop.url("receive"), shop.entry("4", text, note="kept"))
        assert response.status_code == 422
        assert words in cell_of(response, shop.variants[1]).error
        assert cell_of(response, shop.variants[0]).error == ""
        page = response.content.decode()
        assert f'name="q-{shop.variants[0].pk}" value="4"' in page
        assert 'value="kept"' in page
        assert "1 cell needs mending." in page
        assert not Posting.objects.exists()

    def test_all_bad_cells_are_named_at_once(self, shop: Shop, clerk: Client) -> None:
        response = clerk.post(shop.url("receive"), shop.entry("-1", "x", "2", "10000000"))
        wrong = [bool(cell_of(response, variant).error) for variant in shop.variants]
        assert wrong == [True, True, False, True]
        assert "3 cells need mending." in response.content.decode()

    @pytest.mark.parametrize(("text", "meant"), [("１２", 12), (" 7 ", 7), ("1,200", 1200), ("007", 7)])
    def test_numbers_as_people_write_them(self, shop: Shop, clerk: Client, text: str, meant: int) -> None:
        clerk.post(shop.url("receive"), shop.entry(text))
        assert shop.on_hand() == meant

    @pytest.mark.parametrize("texts", [(), ("",), ("0", "0")])
    def test_nothing_typed_is_said(self, shop: Shop, clerk: Client, texts: tuple[str, ...]) -> None:
        response = clerk.post(shop.url("receive"), shop.entry(*texts))
        assert "Type how many pieces in at least one cell." in response.content.decode()
        assert not Posting.objects.exists()

    def test_a_zero_beside_a_number_means_none(self, shop: Shop, clerk: Client) -> None:
        clerk.post(shop.url("receive"), shop.entry("0", "2"))
        assert StockMovement.objects.get().variant == shop.variants[1]

    @pytest.mark.parametrize("key", ["q-999999999", "q-abc", "q-99999999999999999999999", "q-١"])
    def test_an_unknown_variant_is_named(self, shop: Shop, clerk: Client, key: str) -> None:
        response = clerk.post(shop.url("receive"), shop.entry("2", **{key: "5"}))
        assert response.status_code == 422
        assert "is no variant of this brand" in response.content.decode()
        assert not Posting.objects.exists()

    def test_the_variant_of_another_brand_is_as_unknown(self, shop: Shop, clerk: Client) -> None:
        foreign = build_shop().variants[0]
        response = clerk.post(shop.url("receive"), shop.entry("2", **{f"q-{foreign.pk}": "5"}))
        page = response.content.decode()
        assert f"“{foreign.pk}” is no variant of this brand" in page
        assert foreign.sku not in page
        assert not Posting.objects.exists()

    def test_what_was_typed_is_escaped(self, shop: Shop, clerk: Client) -> None:
        response = clerk.post(shop.url("receive"), shop.entry('"><script>x'))
        assert "<script>x" not in response.content.decode()


class TestShip:
    def test_over_issue_says_at_the_cell_how_many_there_are(self, shop: Shop, clerk: Client) -> None:
        shop.stock(2, 9)
        response = clerk.post(shop.url("ship"), shop.entry("3", "4", "1"))
        assert response.status_code == 422
        assert cell_of(response, shop.variants[0]).error == "Only 2 to take."
        assert cell_of(response, shop.variants[1]).error == ""
        assert cell_of(response, shop.variants[2]).error == "Only 0 to take."
        assert [shop.on_hand(n) for n in range(2)] == [2, 9]
        assert Posting.objects.filter(kind="shipment").count() == 0

    def test_what_is_there_goes_out(self, shop: Shop, clerk: Client) -> None:
        shop.stock(2)
        response = clerk.post(shop.url("ship"), shop.entry("2"), follow=True)
        assert "Shipped 2 pieces of 1 variant." in response.content.decode()
        assert shop.on_hand() == 0


class TestTransfer:
    def test_moves(self, shop: Shop, clerk: Client) -> None:
        shop.stock(5)
        clerk.post(shop.url("transfer"), shop.entry("2", destination=str(shop.defect.pk)))
        assert (shop.on_hand(), shop.on_hand(location=shop.defect)) == (3, 2)

    def test_needs_two_places(self, shop: Shop, clerk: Client) -> None:
        shop.stock(5)
        response = clerk.post(shop.url("transfer"), shop.entry("2", destination=str(shop.main.pk)))
        assert "Choose another place" in response.content.decode()
        assert shop.on_hand() == 5

    def test_over_issue(self, shop: Shop, clerk: Client) -> None:
        shop.stock(1)
        response = clerk.post(shop.url("transfer"), shop.entry("2", destination=str(shop.defect.pk)))
        assert cell_of(response, shop.variants[0]).error == "Only 1 to take."


class TestFind:
    def test_a_scanned_sku_brings_the_grid_and_names_the_variant(self, shop: Shop, clerk: Client) -> None:
        response = clerk.get(shop.url("find"), {"entry": "receive", "code": shop.variants[1].sku.lower()})
        page = response.content.decode()
        assert f'data-variant="{shop.variants[1].pk}"' in page
        assert f'name="q-{shop.variants[0].pk}"' in page

    @pytest.mark.parametrize("scanned", ["0012345678905", "012345678905"])
    def test_a_barcode_with_or_without_the_leading_zero(self, shop: Shop, clerk: Client, scanned: str) -> None:
        variant = shop.variants[2]
        variant.barcode = "0012345678905"
        variant.save()
        response = clerk.get(shop.url("find"), {"code": scanned})
        assert f'data-variant="{variant.pk}"' in response.content.decode()

    def test_words_offer_products(self, shop: Shop, clerk: Client) -> None:
        response = clerk.get(shop.url("find"), {"code": "oxford"})
        assert f'name="add" value="{shop.product.pk}"' in response.content.decode()

    def test_an_unknown_code_is_a_clear_error(self, shop: Shop, clerk: Client) -> None:
        response = clerk.get(shop.url("find"), {"code": "NOPE-<1>"})
        assert response.status_code == 404
        assert "“NOPE-&lt;1&gt;” is not known." in response.content.decode()

    def test_the_sku_of_another_brand_is_unknown(self, shop: Shop, clerk: Client) -> None:
        response = clerk.get(shop.url("find"), {"code": build_shop().variants[0].sku})
        assert response.status_code == 404

    def test_the_product_of_another_brand_is_unknown(self, shop: Shop, clerk: Client) -> None:
        assert clerk.get(shop.url("find"), {"product": build_shop().product.pk}).status_code == 404

    def test_a_draft_says_so(self, shop: Shop, clerk: Client) -> None:
        draft = VariantFactory(product=ProductFactory(brand=shop.brand))
        response = clerk.get(shop.url("find"), {"code": draft.sku})
        assert "belongs to a draft" in response.content.decode()

    def test_a_draft_takes_nothing_in(self, shop: Shop, clerk: Client) -> None:
        """Not on a way round the search, either."""
        draft = VariantFactory(product=ProductFactory(brand=shop.brand))
        response = clerk.post(shop.url("receive"), shop.entry("4", **{f"q-{draft.pk}": "2"}))
        assert response.status_code == 422
        assert "belongs to a draft" in cell_of(response, draft).error
        assert cell_of(response, shop.variants[0]).error == ""
        assert not Posting.objects.exists()

    def test_is_for_those_who_work(self, shop: Shop) -> None:
        assert shop.client(shop.viewer).get(shop.url("find"), {"code": "x"}).status_code == 403
        assert shop.client(a_stranger()).get(shop.url("find"), {"code": "x"}).status_code == 404


class TestWithoutScript:
    def test_a_code_counts_one_up_and_keeps_what_was_typed(self, shop: Shop, clerk: Client) -> None:
        data = shop.entry("4", "x", action="find", code=shop.variants[0].sku, note="kept")
        response = clerk.post(shop.url("receive"), data)
        assert response.status_code == 200
        assert cell_of(response, shop.variants[0]).text == "5"
        assert cell_of(response, shop.variants[1]).text == "x"
        assert 'value="kept"' in response.content.decode()
        assert not Posting.objects.exists()

    def test_an_unknown_code_is_said(self, shop: Shop, clerk: Client) -> None:
        response = clerk.post(shop.url("receive"), shop.entry("4", action="find", code="NOPE"))
        assert "“NOPE” is not known." in response.content.decode()
        assert cell_of(response, shop.variants[0]).text == "4"

    def test_an_offered_product_is_added(self, shop: Shop, clerk: Client) -> None:
        other = VariantFactory(product=ProductFactory(brand=shop.brand, status="active"))
        response = clerk.post(shop.url("receive"), shop.entry("4", add=str(other.product.pk)))
        assert cell_of(response, other).text == ""
        assert cell_of(response, shop.variants[0]).text == "4"

    def test_another_place_shows_its_balances(self, shop: Shop, clerk: Client) -> None:
        shop.stock(8)
        shop.stock(3, location=shop.defect)
        response = clerk.post(shop.url("ship"), shop.entry("1", action="refresh", location=str(shop.defect.pk)))
        assert cell_of(response, shop.variants[0]).available == 3
        assert not Posting.objects.filter(kind="shipment").exists()


def test_more_products_need_no_more_queries(shop: Shop, clerk: Client) -> None:
    few = queries_of(clerk, shop.url("ship"), {"product": shop.product.pk})
    products = [shop.product.pk]
    for _ in range(5):
        product = ProductFactory(brand=shop.brand, status="active")
        products.append(product.pk)
        VariantFactory.create_batch(4, product=product)
    assert queries_of(clerk, shop.url("ship"), {"product": products}) == few <= 16


def test_a_key_is_only_of_its_brand(shop: Shop, clerk: Client) -> None:
    key = str(uuid.uuid4())
    other = build_shop()
    clerk.post(shop.url("receive"), shop.entry("1", key=key))
    other.client(other.clerk).post(other.url("receive"), other.entry("1", key=key))
    assert (shop.on_hand(), other.on_hand()) == (1, 1)


class TestNoPlace:
    """Only what was closed before closing was guarded can be without any; an owner may well have one place only."""

    @pytest.mark.parametrize("name", ENTRIES)
    def test_the_page_says_what_to_do(self, shop: Shop, clerk: Client, name: str) -> None:
        Location.objects.of(shop.brand).internal().update(is_active=False)
        page = clerk.get(shop.url(name)).content.decode()
        assert ("Moving takes two open places" if name == "transfer" else "No place is open") in page
        assert "Ask the owner" in page
        assert "data-entry" not in page
        locations = reverse("admin:inventory_location_changelist")
        owner = shop.client(shop.owner)
        assert f'href="{locations}?brand={shop.brand.slug}"' in owner.get(shop.url(name)).content.decode()
        assert owner.post(shop.url(name), shop.entry("1")).status_code == 422

    def test_opening_stock_says_so_too(self, shop: Shop, clerk: Client) -> None:
        Location.objects.of(shop.brand).internal().update(is_active=False)
        assert "No place is open" in clerk.get(shop.url("opening", shop.product.pk)).content.decode()

    def test_one_place_is_enough_for_all_but_moving(self, shop: Shop, clerk: Client) -> None:
        Location.objects.filter(pk=shop.defect.pk).update(is_active=False)
        pages = {name: clerk.get(shop.url(name)).content.decode() for name in ENTRIES}
        assert [name for name, page in pages.items() if "data-entry" not in page] == ["transfer"]
