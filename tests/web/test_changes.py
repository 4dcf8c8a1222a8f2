"""The pages, the file and the API of who changed what."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from catalog.models import Category, Change
from catalog.services import change_member, update_product, update_variant
from catalog.services.retention import forget_old_changes
from erp.core.audit import acting
from tests.api.shop import Api
from tests.factories import UserFactory
from tests.web.shop import a_stranger, build_shop, queries_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Any:
    return fresh_shop()


def fresh_shop() -> Any:
    """With a complete product, and nothing told yet."""
    shop = build_shop()
    shop.product.category = Category.objects.get(slug="shirt")
    shop.product.save()
    Change.objects.all().delete()
    return shop


def page(shop: Any, user: Any, **params: str) -> Any:
    return shop.client(user).get(reverse("catalog:changes", args=[shop.brand.slug]), params)


def test_it_says_what_changed_in_words(shop) -> None:
    shirt, coat = shop.product.category, Category.objects.exclude(slug="shirt").first()
    update_product(product=shop.product, actor=shop.clerk, category=coat, season="winter", price=39000)
    body = unescape(page(shop, shop.clerk).content.decode())
    assert shop.clerk.username in body
    for words in (shirt.name_en, coat.name_en, "All seasons", "Winter", "39,000"):
        assert words in body
    assert reverse("inventory:product", args=[shop.brand.slug, shop.product.pk]) in body
    assert f"<del>{shirt.pk}</del>" not in body


def test_staff_see_no_memberships_and_owners_do(shop) -> None:
    with acting(shop.owner):
        change_member(membership=shop.brand.memberships.get(user=shop.viewer), role="staff")
    assert "Staff" in page(shop, shop.owner).content.decode()
    body = page(shop, shop.clerk).content.decode()
    assert "Nothing has changed yet" in body
    assert Api(shop.clerk).get("/api/v1/changes/").json()["results"] == []
    [row] = Api(shop.owner).get("/api/v1/changes/").json()["results"]
    assert (row["kind"], row["action"], row["actor"]) == ("membership", "changed", shop.owner.username)
    assert row["changes"] == [
        {"field": "role", "label": "Role", "before": "viewer", "after": "staff", "before_words": "Viewer",
         "after_words": "Staff"}
    ]  # fmt: skip


def test_filters(shop) -> None:
    update_product(product=shop.product, actor=shop.clerk, material="silk")
    update_variant(variant=shop.variants[0], actor=shop.owner, sku="OTHER-1")
    today = timezone.localdate().isoformat()

    def found(**params: str) -> int:
        return len(page(shop, shop.owner, **params).context["rows"])

    assert found() == 2
    assert found(kind="product") == 1
    assert found(actor=shop.clerk.username) == 1
    assert found(thing=f"product:{shop.product.pk}") == 2, "with its variants"
    assert found(thing=f"variant:{shop.variants[0].pk}") == 1
    assert found(thing=f"variant:{shop.variants[1].pk}") == 0
    assert found(thing="nonsense") == 0 == found(thing="product:99999999")
    assert found(since="2020-01-01", until=today) + found(since="2099-01-01") in (2, 0)
    assert found(since="2099-01-01") == 0
    assert found(until="2020-01-01") == 0
    bad = page(shop, shop.owner, kind="user'", since="yesterday")
    assert bad.status_code == 200 and len(bad.context["filter"].form.errors) == 2


def test_a_deleted_thing_keeps_its_history(shop) -> None:
    colour = shop.product.product_colours.create(colour=shop.variants[0].colour)
    colour.delete()
    rows = page(shop, shop.owner, kind="productcolour").context["rows"]
    assert [row.change.action for row in rows] == [2, 0]
    shop.product.category = Category.objects.create(slug="gone", name_ko="사라질", name_en="Gone")
    shop.product.save()
    shop.product.category, gone = None, shop.product.category
    shop.product.save()
    gone.delete()
    row = page(shop, shop.owner, kind="product").context["rows"][0]
    assert [(field.before, field.after) for field in row.fields] == [(f"deleted (No. {gone_pk(row)})", "")]


def gone_pk(row: Any) -> int:
    return row.change.changes["category"][0]


def test_the_file(shop) -> None:
    update_product(product=shop.product, actor=shop.clerk, material="=cmd()")
    answer = shop.client(shop.clerk).get(reverse("catalog:changes-csv", args=[shop.brand.slug]))
    text = b"".join(answer.streaming_content).decode()
    assert text.startswith("\ufeffNo.,When,Brand,By,")
    assert "'=cmd()" in text and text.count("\n") == 2
    assert answer["X-Content-Type-Options"] == "nosniff"
    api = Api(shop.clerk).get("/api/v1/changes.csv", {"brand": shop.brand.slug})
    assert b"".join(api.streaming_content).decode() == text
    bad = shop.client(shop.clerk).get(reverse("catalog:changes-csv", args=[shop.brand.slug]), {"since": "x"})
    assert bad.status_code == 302


def test_queries_do_not_grow_with_the_rows(shop) -> None:
    client = shop.client(shop.owner)
    address = reverse("catalog:changes", args=[shop.brand.slug])

    def change(n: int) -> None:
        shop.product.material = f"cotton {n}"
        shop.product.category = Category.objects.order_by("pk")[n % 5]
        shop.product.save()
        update_variant(variant=shop.variants[n % 4], actor=shop.clerk, sku=f"S-{n}")

    for n in range(2):
        change(n)
    few = queries_of(client, address)
    for n in range(2, 30):
        change(n)
    assert queries_of(client, address) == few
    api = Api(shop.owner)
    assert len(api.get("/api/v1/changes/").json()["results"]) == 50


def test_pages_are_walked_by_keys(shop) -> None:
    for n in range(60):
        shop.product.material = f"cotton {n}"
        shop.product.save()
    first = page(shop, shop.owner)
    assert len(first.context["rows"]) == 50
    older = page(shop, shop.owner, before=str(first.context["page"].older))
    assert len(older.context["rows"]) == 10
    assert page(shop, shop.owner, before="9" * 30).status_code == 200


def test_strangers_find_nothing(shop) -> None:
    update_product(product=shop.product, actor=shop.clerk, material="secret")
    change = Change.objects.get()
    stranger = a_stranger()
    assert page(shop, stranger).status_code == 404
    assert Api(stranger).get(f"/api/v1/changes/{change.pk}/").status_code == 404
    rows = Api(stranger).get("/api/v1/changes/").json()["results"]
    assert all(row["brand"] != shop.brand.slug for row in rows)
    assert Api(shop.viewer).get(f"/api/v1/changes/{change.pk}/").status_code == 200
    for method in ("post", "put", "patch", "delete"):
        assert getattr(Api(shop.owner), method)(f"/api/v1/changes/{change.pk}/", {}).status_code == 405
    assert shop.client(stranger).get("/audit/changes/").status_code == 404


def test_auditors_see_all_brands_and_people(shop) -> None:
    other = fresh_shop()
    update_product(product=shop.product, actor=shop.clerk, material="silk")
    update_product(product=other.product, actor=other.clerk, material="wool")
    auditor = UserFactory(is_auditor=True, username="auditor")
    client = shop.client(auditor)
    body = client.get("/audit/changes/").content.decode()
    assert all(words in body for words in ("silk", "wool", "auditor"))
    rows = client.get("/audit/changes/", {"brand": other.brand.slug}).context["rows"]
    assert [row.change.brand for row in rows] == [other.brand]
    assert client.get("/audit/changes/", {"kind": "zebra", "since": "x"}).status_code == 200


def test_korean(shop) -> None:
    update_product(product=shop.product, actor=shop.clerk, season="winter")
    client = shop.client(shop.clerk)
    client.cookies["django_language"] = "ko"
    body = client.get(reverse("catalog:changes", args=[shop.brand.slug])).content.decode()
    assert "겨울" in body and "계절" in body


def test_changes_are_forgotten_only_where_an_operator_says_so(shop, settings) -> None:
    update_product(product=shop.product, actor=shop.clerk, material="silk")
    Change.objects.update(timestamp=timezone.now() - timezone.timedelta(days=4000))
    assert forget_old_changes() == 0
    settings.CHANGES_KEPT_DAYS = 3650
    assert forget_old_changes() == 1
    call_command("check")
