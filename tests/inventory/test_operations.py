"""Opening stock, receiving, shipping, moving and adjusting."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from catalog.models import Product, Variant
from erp.core.errors import DomainError
from erp.inventory.models import Location, Posting, StockMovement
from erp.inventory.services import (
    Count,
    Line,
    adjust,
    count_stock,
    ensure_locations,
    post_movements,
    post_opening,
    receive,
    reverse_posting,
    ship,
    transfer,
)
from erp.inventory.verify import verify_ledger
from tests.factories import BrandFactory, LocationFactory, ProductFactory, UserFactory, VariantFactory
from tests.inventory.conftest import Shop


def ends(variant: Variant) -> list[tuple[str, str, str, int]]:
    rows = StockMovement.objects.filter(variant=variant).order_by("pk")
    return [
        (m.kind, m.source.code, m.destination.code, m.quantity) for m in rows.select_related("source", "destination")
    ]


def test_each_operation_goes_the_right_way(shop: Shop) -> None:
    shirt = shop.shirts[0]
    here = {"brand": shop.brand, "location": shop.main}
    post_opening(**here, quantities={shirt.pk: 10}, **shop.heading())
    receive(**here, quantities={shirt.pk: 5}, **shop.heading())
    ship(**here, quantities={shirt.pk: 3}, **shop.heading())
    transfer(brand=shop.brand, source=shop.main, destination=shop.shop, quantities={shirt.pk: 4}, **shop.heading())
    adjust(**here, deltas={shirt.pk: -1}, **shop.heading())
    adjust(**here, deltas={shirt.pk: 2}, **shop.heading())
    assert ends(shirt) == [
        ("opening", "OPENING", "MAIN", 10),
        ("receipt", "SUPPLIER", "MAIN", 5),
        ("shipment", "MAIN", "CUSTOMER", 3),
        ("transfer", "MAIN", "SHOP", 4),
        ("adjustment", "MAIN", "ADJUST", 1),
        ("adjustment", "ADJUST", "MAIN", 2),
    ]
    assert (shop.on_hand(shirt), shop.on_hand(shirt, shop.shop)) == (9, 4)
    assert verify_ledger() == []


class TestOpening:
    def test_once_for_each_variant(self, shop: Shop) -> None:
        first, second, third = shop.shirts
        here = {"brand": shop.brand, "location": shop.main}
        post_opening(**here, quantities={second.pk: 4}, **shop.heading())
        elsewhere = {shirt.pk: 1 for shirt in (first, second, third)}
        with pytest.raises(DomainError) as caught:
            post_opening(brand=shop.brand, location=shop.shop, quantities=elsewhere, **shop.heading())
        assert [(p.line, p.field, p.code) for p in caught.value.problems] == [(2, "variant", "opening_exists")]
        post_opening(**here, quantities={first.pk: 1, third.pk: 1}, **shop.heading())
        assert [shop.on_hand(shirt) for shirt in shop.shirts] == [1, 4, 1]

    def test_again_once_it_was_taken_back(self, shop: Shop) -> None:
        here = {"brand": shop.brand, "location": shop.main, "quantities": {shop.shirts[0].pk: 4}}
        wrong = post_opening(**here, **shop.heading())
        reverse_posting(posting=wrong, **shop.heading())
        post_opening(**here, **shop.heading())
        assert shop.on_hand(shop.shirts[0]) == 4

    def test_of_one_variant_at_two_places_at_once(self, shop: Shop) -> None:
        shirt = shop.shirts[0]
        lines = [Line(shirt.pk, 3, "opening", shop.main.pk), Line(shirt.pk, 2, "opening", shop.shop.pk)]
        post_movements(brand=shop.brand, kind="opening", lines=lines, **shop.heading())
        assert (shop.on_hand(shirt), shop.on_hand(shirt, shop.shop)) == (3, 2)

    def test_the_same_press_twice_is_one(self, shop: Shop) -> None:
        heading = shop.heading()
        here = {"brand": shop.brand, "location": shop.main, "quantities": {shop.shirts[0].pk: 4}}
        assert [post_opening(**here, **heading).replayed for _press in range(2)] == [False, True]


class TestDraft:
    """A draft's listing is finished before anything of it comes into the house; what is there already may go."""

    @pytest.fixture
    def draft(self, shop: Shop) -> Variant:
        return VariantFactory(product=ProductFactory(brand=shop.brand))

    @pytest.mark.parametrize("operation", [post_opening, receive, adjust])
    def test_takes_nothing_in(self, shop: Shop, draft: Variant, operation: Callable[..., Posting]) -> None:
        pieces = {shop.shirts[0].pk: 2, draft.pk: 3}
        what = {"deltas": pieces} if operation is adjust else {"quantities": pieces}
        with pytest.raises(DomainError) as caught:
            operation(brand=shop.brand, location=shop.main, **what, **shop.heading())
        assert [(p.line, p.field, p.code) for p in caught.value.problems] == [(2, "variant", "draft_product")]
        assert not Posting.objects.exists()

    def test_a_count_finds_nothing_of_it(self, shop: Shop, draft: Variant) -> None:
        counts = {shop.shirts[0].pk: Count(0, 0), draft.pk: Count(1, 0)}
        with pytest.raises(DomainError) as caught:
            count_stock(brand=shop.brand, location=shop.main, counts=counts, **shop.heading())
        assert [(p.line, p.code) for p in caught.value.problems] == [(2, "draft_product")]

    def test_what_is_there_already_goes_and_is_taken_back(self, shop: Shop) -> None:
        shirt = shop.shirts[0]
        shop.stock(shirt, 5)
        Product.objects.filter(pk=shirt.product_id).update(status="draft")
        here = {"brand": shop.brand, "quantities": {shirt.pk: 2}}
        shipped = ship(**here, location=shop.main, **shop.heading())
        transfer(**here, source=shop.main, destination=shop.shop, **shop.heading())
        reverse_posting(posting=shipped, **shop.heading())
        assert (shop.on_hand(shirt), shop.on_hand(shirt, shop.shop)) == (3, 2)

    def test_an_archived_product_takes_returns_in(self, shop: Shop) -> None:
        Product.objects.filter(pk=shop.shirts[0].product_id).update(status="archived")
        shop.stock(shop.shirts[0], 1)
        assert shop.on_hand(shop.shirts[0]) == 1


def test_refusals_number_the_quantities_in_their_order(shop: Shop) -> None:
    shop.stock(shop.shirts[1], 1)
    quantities = {variant.pk: 1 for variant in shop.shirts}
    with pytest.raises(DomainError) as caught:
        ship(brand=shop.brand, location=shop.main, quantities=quantities, **shop.heading())
    assert [p.line for p in caught.value.problems] == [1, 3]


def test_an_adjustment_finds_and_loses_in_one_posting(shop: Shop) -> None:
    first, second, _third = shop.shirts
    shop.stock(first, 5)
    posting = adjust(
        brand=shop.brand, location=shop.main, deltas={first.pk: -5, second.pk: 3}, **shop.heading(note="count")
    )
    assert posting.movements.count() == 2
    assert (shop.on_hand(first), shop.on_hand(second)) == (0, 3)


def test_a_refused_count_is_numbered_among_all_counts(shop: Shop) -> None:
    first, second, third = shop.shirts
    for shirt in shop.shirts:
        shop.stock(shirt, 5)
    shop.reserve(third, 5)
    counts = {first.pk: Count(5, 5), second.pk: Count(6, 5), third.pk: Count(4, 5)}
    with pytest.raises(DomainError) as caught:
        count_stock(brand=shop.brand, location=shop.main, counts=counts, **shop.heading())
    assert [(p.line, p.code) for p in caught.value.problems] == [(3, "insufficient_stock")]


@pytest.mark.parametrize("delta", [0, "2", None, -(10**12), 10**12])
def test_an_adjustment_needs_a_difference(shop: Shop, delta: object) -> None:
    with pytest.raises(DomainError) as caught:
        adjust(brand=shop.brand, location=shop.main, deltas={shop.shirts[0].pk: delta}, **shop.heading())
    assert caught.value.code == "invalid_quantity"


def test_another_brands_location_is_unknown(shop: Shop) -> None:
    foreign = LocationFactory()
    with pytest.raises(DomainError) as caught:
        receive(brand=shop.brand, location=foreign, quantities={shop.shirts[0].pk: 1}, **shop.heading())
    assert caught.value.code == "unknown_location"


def test_a_retired_variant_can_still_be_sold_off(shop: Shop) -> None:
    shop.stock(shop.shirts[0], 1)
    Variant.objects.filter(pk=shop.shirts[0].pk).update(is_active=False)
    ship(brand=shop.brand, location=shop.main, quantities={shop.shirts[0].pk: 1}, **shop.heading())
    assert shop.on_hand(shop.shirts[0]) == 0


def test_a_new_brand_gets_its_locations_when_it_first_needs_them(db: None) -> None:
    variant = VariantFactory(product__status="active")
    warehouse = LocationFactory(brand=variant.brand, code="W1")
    receive(
        brand=variant.brand, location=warehouse, quantities={variant.pk: 1}, actor=UserFactory(), idempotency_key="k"
    )
    kinds = Location.objects.of(variant.brand).values_list("kind", flat=True)
    # A shop is for whoever has one; a place on consignment comes with the partner.
    assert set(kinds) == set(Location.Kind.values) - {"shop", "consignment"}
    assert len(kinds) == len(set(kinds))


def test_standard_locations_are_made_once(db: None) -> None:
    brand = BrandFactory()
    ensure_locations(brand=brand)
    ensure_locations(brand=brand)
    rows = Location.objects.of(brand).values_list("code", "kind", "is_internal")
    assert sorted(rows) == [
        ("ADJUST", "adjustment", False),
        ("CUSTOMER", "customer", False),
        ("DEFECT", "defective", True),
        ("MAIN", "warehouse", True),
        ("OPENING", "opening", False),
        ("SAMPLE", "sample", False),
        ("SUPPLIER", "supplier", False),
    ]


def test_a_standard_code_that_an_owner_took_is_left_to_them(db: None) -> None:
    mine = LocationFactory(code="CUSTOMER", kind="shop")
    ensure_locations(brand=mine.brand)
    assert Location.objects.of(mine.brand).get(kind="customer").code == "CUSTOMER2"
    mine.refresh_from_db()
    assert mine.kind == "shop"
