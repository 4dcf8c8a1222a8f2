"""Which sizes sell and which run out; samples, consignment; what is dead."""

from __future__ import annotations

from catalog.days import business_day
from tests.reports.shop import Past


def test_share_of_sales_beside_share_of_stock(past: Past) -> None:
    navy_m, navy_l, ivory_m, ivory_l = past.shop.variants
    past.receive({navy_m: 10, navy_l: 10, ivory_m: 10, ivory_l: 10}, ago=30)
    past.sell({navy_m: 10, ivory_m: 5}, ago=9)
    past.sell({navy_l: 5}, ago=3)
    lines = {line.label: line.values for line in past.ask("sizes").lines}
    assert (lines["M"]["sold"], lines["M"]["sold_share"], lines["M"]["stock_share"]) == (15, 0.75, 0.25)
    assert (lines["L"]["sold"], lines["L"]["on_hand"], lines["L"]["out"], lines["M"]["out"]) == (5, 15, 0, 1)
    assert lines["M"]["gap"] == 0.5


def test_a_broken_style_names_the_size_that_ran_out_first(past: Past) -> None:
    navy_m, navy_l, ivory_m, ivory_l = past.shop.variants
    past.receive({navy_m: 2, navy_l: 2, ivory_m: 2, ivory_l: 2}, ago=30)
    past.sell({navy_l: 2}, ago=12)
    past.receive({navy_l: 1}, ago=11)
    past.sell({ivory_m: 2}, ago=9)
    past.sell({navy_l: 1}, ago=4)
    [line] = past.ask("sizes", view="styles").lines
    values = line.values
    assert (values["first_out"], values["days"], values["missing"], values["out"], values["on_hand"]) == (
        "M", 9, "M, L", 2, 4,
    )  # fmt: skip
    assert (business_day(past.brand) - values["since"]).days == 9


def test_a_style_that_is_sold_out_is_not_broken(past: Past) -> None:
    past.receive({past.shop.variants[0]: 2}, ago=30)
    past.sell({past.shop.variants[0]: 2}, ago=12)
    assert past.ask("sizes", view="styles").lines == []


def test_samples_are_no_sale_until_they_are_sold(past: Past) -> None:
    variant = past.shop.variants[0]
    past.receive({variant: 10}, ago=30)
    past.move("transfer", past.main.pk, "sample", {variant: 4}, ago=5)
    assert past.values("best", "net") == {} and past.values("stock-value", "pieces", by="variant") == {variant.pk: 6}
    past.move("shipment", "sample", "customer", {variant: 1}, ago=2)
    assert past.values("best", "net", by="variant") == {variant.pk: 1}
    assert past.ask("difference").totals["closing"] == 6


def test_dead_is_what_has_not_sold(past: Past) -> None:
    old, moving, fresh, _none = past.shop.variants
    past.receive({old: 5, moving: 5}, ago=200)
    past.sell({old: 1}, ago=120)
    past.sell({moving: 1}, ago=20)
    past.receive({fresh: 5}, ago=10)
    lines = {line.variant: line.values for line in past.ask("dead-stock", by="variant").lines}
    assert {pk: (values["pieces"], values["days"]) for pk, values in lines.items()} == {old.pk: (4, 120)}
    assert past.ask("dead-stock").lines == []  # the product sells, in another colour
    assert set(past.values("dead-stock", "pieces", by="variant", idle="180")) == set()


def test_worst_is_what_could_have_sold_and_did_not(past: Past) -> None:
    first, second = past.shop.variants[:2]
    past.receive({first: 5, second: 5}, ago=50)
    past.sell({first: 2}, ago=5)
    assert past.values("best", "net", by="variant", end="worst", sort="net") == {second.pk: 0, first.pk: 2}
    assert past.values("best", "net", by="variant") == {first.pk: 2}
