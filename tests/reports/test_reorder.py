"""What runs low, by which rule, and how many to order; always from the balances of this moment."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from catalog.models import Category, Product
from erp.core.errors import DomainError
from erp.inventory import overview
from erp.inventory.low import running_low
from erp.inventory.services import Claim, reserve
from erp.reports.models import ReorderRule
from erp.reports.services import remove_rule, set_rule
from erp.trade.models import Partner
from erp.trade.services.purchases import (
    Arrival,
    PurchaseEntry,
    PurchaseHeading,
    create_purchase,
    order_purchase,
    receive_delivery,
)
from tests.factories import ProductFactory, VariantFactory
from tests.reports.shop import Past
from tests.trade.desk import Desk, key
from tests.web.shop import a_stranger, queries_of


def low(past: Past) -> list[int]:
    return sorted(overview.low_variants(past.brand).values_list("pk", flat=True))


def numbers(past: Past, **data: str) -> dict[int, tuple]:
    lines = past.ask("reorder", show="all", **data).lines
    names = ("available", "point", "on_order", "waiting", "target", "suggested")
    return {line.variant: tuple(line.values[name] for name in names) for line in lines}


def buy(past: Past, pieces: dict, *, supplier: Partner | None = None):
    supplier = supplier or Partner.objects.create(brand=past.brand, name="창신동 봉제", is_supplier=True)
    order = create_purchase(
        brand=past.brand,
        heading=PurchaseHeading(supplier=supplier, location=past.main, currency="KRW"),
        entries=[PurchaseEntry(variant.pk, n, Decimal(8000)) for variant, n in pieces.items()],
        actor=past.shop.owner,
        idempotency_key=key(),
    )
    return order_purchase(order=order)


class TestTheRuleThatWins:
    def test_without_a_rule_the_brands_number_counts(self, past: Past) -> None:
        a, b, c, d = past.shop.variants
        past.receive({a: 4, b: 3, c: 2})
        assert low(past) == [b.pk, c.pk, d.pk]
        assert numbers(past) == {b.pk: (3, 3, 0, 0, 6, 3), c.pk: (2, 3, 0, 0, 6, 4), d.pk: (0, 3, 0, 0, 6, 6)}

    def test_the_most_specific_one(self, past: Past) -> None:
        a, b, c, d = past.shop.variants
        category = Category.objects.first()
        Product.objects.filter(pk=past.shop.product.pk).update(category=category)
        past.receive({a: 30, b: 30, c: 30, d: 30})
        assert low(past) == []
        set_rule(brand=past.brand, point=30, target=60)
        assert numbers(past)[a.pk] == (30, 30, 0, 0, 60, 30)
        set_rule(brand=past.brand, category=category, point=40, target=50)
        assert numbers(past)[a.pk] == (30, 40, 0, 0, 50, 20)
        set_rule(brand=past.brand, product=past.shop.product, point=10, target=20)
        assert low(past) == []
        rule = set_rule(brand=past.brand, variant=b, point=31, target=100)
        assert numbers(past) == {b.pk: (30, 31, 0, 0, 100, 70)}
        remove_rule(rule=rule)
        assert low(past) == []

    def test_another_brands_rules_are_not_ours(self, past: Past) -> None:
        other = ProductFactory().brand
        set_rule(brand=other, point=500, target=900)
        past.receive(dict.fromkeys(past.shop.variants, 50))
        assert low(past) == []

    def test_saying_it_again_changes_the_numbers(self, past: Past) -> None:
        set_rule(brand=past.brand, point=1, target=5)
        set_rule(brand=past.brand, point=2, target=6)
        assert [(rule.point, rule.target) for rule in ReorderRule.objects.all()] == [(2, 6)]

    @pytest.mark.parametrize("wrong", ["target", "two", "stranger"])
    def test_what_makes_no_sense_is_refused(self, wrong: str, past: Past) -> None:
        given: dict = {"brand": past.brand, "point": 5, "target": 9}
        if wrong == "target":
            given["target"] = 5
        elif wrong == "two":
            given |= {"product": past.shop.product, "variant": past.shop.variants[0]}
        else:
            given["product"] = ProductFactory()
        with pytest.raises(DomainError) as refused:
            set_rule(**given)
        assert refused.value.problems and not ReorderRule.objects.exists()


class TestLive:
    def test_reserved_pieces_are_not_available(self, past: Past) -> None:
        a, *others = past.shop.variants
        past.receive({a: 10} | dict.fromkeys(others, 50))
        assert low(past) == []
        reserve(brand=past.brand, claims=[Claim(a.pk, 8, past.main.pk)], actor=past.shop.owner, idempotency_key=key())
        assert numbers(past) == {a.pk: (2, 3, 0, 0, 6, 4)}
        assert overview.low(past.brand, limit=5).variants == 1
        page = past.client().get(past.shop.url("stock"), {"low": "1"}).content.decode()
        assert a.sku in page and others[0].sku not in page

    def test_what_is_on_the_way_is_not_ordered_again(self, past: Past) -> None:
        a, *others = past.shop.variants
        past.receive(dict.fromkeys(others, 50))
        order = buy(past, {a: 5})
        assert numbers(past) == {a.pk: (0, 3, 5, 0, 6, 1)}
        receive_delivery(order=order, arrivals=[Arrival(a.pk, 2)], actor=past.shop.owner, idempotency_key=key())
        assert numbers(past) == {a.pk: (2, 3, 3, 0, 6, 1)}
        buy(past, {a: 9}, supplier=order.supplier)
        assert numbers(past)[a.pk][-1] == 0
        assert past.ask("reorder").lines == []  # nothing to do, though it still runs low

    def test_what_customers_wait_for_comes_on_top(self, past: Past) -> None:
        a, *others = past.shop.variants
        past.receive(dict.fromkeys(others, 50))
        buyer = Partner.objects.create(brand=past.brand, name="미소상회", is_buyer=True)
        Product.objects.update(price=Decimal(1000))
        Desk(past.shop, buyer).placed(7)
        assert numbers(past) == {a.pk: (0, 3, 0, 7, 6, 13)}

    def test_no_longer_sold_is_never_low(self, past: Past) -> None:
        a = past.shop.variants[0]
        type(a).objects.exclude(pk=a.pk).update(is_active=False)
        assert low(past) == [a.pk]
        Product.objects.update(status="archived")
        assert list(running_low(type(a).objects.all())) == []


class TestPage:
    def test_a_button_for_each_supplier_with_the_quantities_typed(self, past: Past) -> None:
        a, b, c, d = past.shop.variants
        order = buy(past, {a: 1})
        page = past.client().get(past.url("reorder")).content.decode()
        links = [link.replace("&amp;", "&") for link in re.findall(r'href="([^"]+q-\d+=[^"]+)"', page)]
        [bought, rest] = links
        assert f"/purchases/new/?supplier={order.supplier_id}&q-{a.pk}=5" in bought
        assert f"/stock/receive/?q-{b.pk}=6" in rest and f"q-{d.pk}=6" in rest
        form = past.client().get(rest).content.decode()
        assert re.search(rf'name="q-{c.pk}"[^>]*value="6"', form)
        assert past.client().get(bought).status_code == 200
        only = past.ask("reorder", supplier=str(order.supplier_id))
        assert [line.variant for line in only.lines] == [a.pk]

    def test_who_only_looks_has_no_button(self, past: Past) -> None:
        page = past.client(past.shop.viewer).get(past.url("reorder")).content.decode()
        assert "/stock/receive/" not in page and "suggested" in page

    def test_more_variants_need_no_more_queries(self, past: Past) -> None:
        client = past.client()
        before = queries_of(client, past.url("reorder"))
        for _more in range(30):
            variant = VariantFactory(product=ProductFactory(brand=past.brand, status="active"))
            set_rule(brand=past.brand, variant=variant, point=4, target=9)
        assert queries_of(client, past.url("reorder")) == before


class TestRules:
    def test_added_changed_and_removed(self, past: Past) -> None:
        client, variant = past.client(past.shop.clerk), past.shop.variants[0]
        data = {"code": variant.sku.lower(), "point": "5", "target": "30"}
        client.post(past.url("rule-add"), data | {"target": "40"})
        assert client.post(past.url("rule-add"), data).status_code == 302
        [rule] = ReorderRule.objects.all()
        assert (rule.variant, rule.point, rule.target) == (variant, 5, 30)
        assert variant.sku in client.get(past.url("rules")).content.decode()
        assert client.post(f"{past.url('rules')}{rule.pk}/remove/").status_code == 302
        assert not ReorderRule.objects.exists()

    def test_what_is_wrong_stands_at_its_field_and_nothing_is_lost(self, past: Past) -> None:
        data = {"product": "nosuch", "code": "nosuch", "point": "-1", "target": "x"}
        answer = past.client().post(past.url("rule-add"), data)
        page = answer.content.decode()
        assert answer.status_code == 422 and page.count('class="error"') == 4 and page.count('value="nosuch"') == 2
        answer = past.client().post(past.url("rule-add"), {"point": "9", "target": "9"})
        assert answer.status_code == 422 and "Fill up to more than" in answer.content.decode()
        assert not ReorderRule.objects.exists()

    def test_who_may(self, past: Past) -> None:
        rule = set_rule(brand=past.brand, point=1, target=5)
        data = {"point": "2", "target": "6"}
        for user, status in ((past.shop.viewer, 403), (a_stranger(), 404)):
            client = past.client(user)
            assert client.post(past.url("rule-add"), data).status_code == status
            assert client.post(f"{past.url('rules')}{rule.pk}/remove/").status_code == status
        assert past.client(past.shop.viewer).get(past.url("rules")).status_code == 200
        assert [(rule.point, rule.target) for rule in ReorderRule.objects.all()] == [(1, 5)]

    def test_more_rules_need_no_more_queries(self, past: Past) -> None:
        client = past.client()
        set_rule(brand=past.brand, variant=past.shop.variants[0], point=1, target=5)
        before = queries_of(client, past.url("rules"))
        for variant in past.shop.variants[1:]:
            set_rule(brand=past.brand, variant=variant, point=1, target=5)
        assert queries_of(client, past.url("rules")) == before
