"""Who changed what is recorded, whichever way the change came."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from knox.models import AuthToken
from rest_framework.test import APIClient

from catalog.audit import audited
from catalog.audit.recording import _values
from catalog.models import Change, Colour, Product, ProductColour, ProductImage, Variant
from catalog.services import (
    add_image,
    add_member,
    change_member,
    order_images,
    remove_member,
    save_listings,
    set_variants,
    update_brand,
    update_product,
    update_variant,
)
from catalog.services.listings import ProductEntry, VariantEntry
from erp.core.audit import acting, acting_person
from erp.inventory.services.places import update_location
from tests import photos
from tests.api.shop import colours, make_shop, sizes
from tests.factories import MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Any:
    shop = make_shop("haru")
    Change.objects.all().delete()
    return shop


def told() -> list[tuple[str, str, int, dict[str, Any]]]:
    """Who, what, action, fields of every change, the oldest first."""
    rows = Change.objects.order_by("pk").select_related("content_type")
    return [(row.actor_name, row.content_type.model, row.action, row.changes) for row in rows]


def test_a_service_ascribes_what_it_writes_to_its_actor(shop) -> None:
    update_product(product=shop.product, actor=shop.staff, price=Decimal("39000"), material="cotton")
    assert told() == [
        ("haru-staff", "product", 1, {"price": [None, "39000"], "material": ["", "cotton"]}),
    ]
    change = Change.objects.get()
    assert (change.brand, change.topic, change.actor) == (shop.brand, f"product:{shop.product.pk}", shop.staff)
    update_product(product=shop.product, actor=shop.staff, price=Decimal("39000.00"))
    assert Change.objects.count() == 1, "the same price is no change"


def test_a_variant_is_seen_on_the_page_of_its_product(shop) -> None:
    variant = shop.variants[0]
    before = variant.sku
    update_variant(variant=variant, actor=shop.owner, sku="NEW-1")
    change = Change.objects.get()
    assert change.changes == {"sku": [before, "NEW-1"]}
    assert (change.topic, change.object_id) == (f"product:{shop.product.pk}", variant.pk)


def test_a_token_tells_who_it_was(shop) -> None:
    """REST framework authenticates after every middleware."""
    _row, token = AuthToken.objects.create(user=shop.staff)
    client = APIClient(HTTP_AUTHORIZATION=f"Token {token}")
    answer = client.patch(f"/api/v1/products/{shop.product.pk}/", {"material": "linen"}, format="json")
    assert answer.status_code == 200
    assert told()[-1] == ("haru-staff", "product", 1, {"material": ["", "linen"]})
    # A service that takes no actor: the request tells.
    grid = {"colours": ["navy", "black"], "size_run": "alpha", "sizes": ["M"]}
    assert client.put(f"/api/v1/products/{shop.product.pk}/variants/", grid, format="json").status_code == 200
    assert {row[0] for row in told()} == {"haru-staff"}
    assert Change.objects.order_by("-pk").first().cid
    assert acting_person() is None, "the next request is somebody else's"


def test_the_admin_tells_who_it_was(shop, client) -> None:
    client.force_login(shop.owner, backend="django.contrib.auth.backends.ModelBackend")
    membership = shop.brand.memberships.get(user=shop.staff)
    answer = client.post(f"/admin/catalog/membership/{membership.pk}/change/", {"role": "viewer"})
    assert answer.status_code == 302
    assert told() == [("haru-owner", "membership", 1, {"role": ["staff", "viewer"]})]


def test_nobody_acts_where_nobody_is_named(shop) -> None:
    shop.product.material = "silk"
    shop.product.save()
    assert told() == [("", "product", 1, {"material": ["", "silk"]})]


def test_a_job_says_whom_it_works_for(shop) -> None:
    with acting(shop.staff):
        shop.product.material = "silk"
        shop.product.save()
    assert told()[0][0] == "haru-staff"


class TestBulkWritesAreRecordedAsWell:
    def test_the_grid(self, shop) -> None:
        with acting(shop.owner):
            set_variants(product=shop.product, colours=colours(["navy", "black"]), sizes=sizes(["S", "M"]))
        made = [row for row in told() if row[1] == "variant" and row[2] == 0]
        retired = [row for row in told() if row[1] == "variant" and row[2] == 1]
        assert len(made) == 2 and len(retired) == 2
        assert {row[0] for row in told()} == {"haru-owner"}
        assert retired[0][3] == {"is_active": [True, False]}
        black = Variant.objects.get(product=shop.product, colour__slug="black", size__code="S")
        recorded = Change.objects.get(content_type__model="variant", object_id=black.pk)
        assert recorded.changes["barcode"] == [None, black.barcode]
        gone = [row for row in told() if row[1] == "productcolour" and row[2] == 2]
        assert len(gone) == 1

    def test_the_order_of_photos(self, shop) -> None:
        images = [
            add_image(product=shop.product, data=photos.jpeg(seed=n), filename=f"{n}.jpg", actor=shop.owner)
            for n in (1, 2)
        ]
        Change.objects.all().delete()
        order_images(product=shop.product, order=[image.public_id for image in reversed(images)], actor=shop.staff)
        assert [row[3] for row in told()] == [{"position": [0, 1]}, {"position": [1, 0]}]
        assert {row[0] for row in told()} == {"haru-staff"}

    def test_an_import(self, shop) -> None:
        fresh = Product(brand=shop.brand, style_number="IMP1", currency="KRW")
        size, navy = sizes(["S"])[0], colours(["navy"])[0]
        entries = [
            ProductEntry(1, fresh, {"name_ko": "새 옷"}, [VariantEntry(1, navy, size)]),
            ProductEntry(2, shop.product, {"material": "wool"}, [
                VariantEntry(2, navy, size, variant=shop.variants[0], sku="CHANGED-1"),
            ]),
        ]  # fmt: skip
        save_listings(brand=shop.brand, actor=shop.staff, entries=entries)
        rows = told()
        assert {row[0] for row in rows} == {"haru-staff"}
        assert ("haru-staff", "product", 1, {"material": ["", "wool"], "size_run": [None, size.run_id]}) in rows or (
            "haru-staff", "product", 1, {"material": ["", "wool"]},
        ) in rows  # fmt: skip
        assert {row[3]["sku"][1] for row in rows if row[1] == "variant"} == {"IMP1-NV-S", "CHANGED-1"}
        assert {(row[1], row[2]) for row in rows} == {
            ("product", 0), ("product", 1), ("productcolour", 0), ("variant", 0), ("variant", 1),
        }  # fmt: skip

    def test_it_costs_no_query_for_each_row(self, shop, django_assert_max_num_queries) -> None:
        size_run = sizes(["XS", "S", "M", "L", "XL"])
        many = list(Colour.objects.filter(brand=None)[:12])
        with django_assert_max_num_queries(30):
            set_variants(product=shop.product, colours=many, sizes=size_run)
        assert Change.objects.filter(content_type__model="variant", action=0).count() >= 56

    def test_it_says_the_same_as_a_save_does(self, shop) -> None:
        product = Product.objects.get(pk=shop.product.pk)
        values = {name: value for name, value in _values(product).items() if value not in (None, "")}
        Change.objects.all().delete()
        copy = Product.objects.get(pk=product.pk)
        copy.pk, copy.style_number, copy._state.adding = None, "COPY1", True
        copy.save()
        recorded = {name: pair[1] for name, pair in Change.objects.get().changes.items()}
        assert recorded == values | {"style_number": "COPY1"}


class TestPeople:
    def test_memberships(self, shop) -> None:
        person = UserFactory(username="minji")
        with acting(shop.owner):
            membership = add_member(brand=shop.brand, user=person, role="staff")
            change_member(membership=membership, role="owner")
            remove_member(membership=membership)
        rows = [row for row in told() if row[1] == "membership"]
        assert [(row[0], row[2]) for row in rows] == [("haru-owner", 0), ("haru-owner", 1), ("haru-owner", 2)]
        assert rows[1][3] == {"role": ["staff", "owner"]}
        assert Change.objects.filter(content_type__model="membership", is_private=True).count() == 3

    def test_no_secret_is_kept(self, shop) -> None:
        user = UserFactory(username="minji")
        user.set_password("another-secret")
        user.is_auditor = True
        user.save()
        rows = [row for row in told() if row[1] == "user"]
        assert rows[-1][3] == {"is_auditor": [False, True]}
        assert user.password not in str(rows) and "password" not in str(rows)
        user.set_password("a-third-secret")
        user.save()
        assert [row for row in told() if row[1] == "user"] == rows

    def test_the_history_outlives_the_account_and_the_brand(self) -> None:
        membership = MembershipFactory(role="staff")
        user, brand = membership.user, membership.brand
        with acting(user):
            update_brand(brand=brand, actor=user, low_stock_at=9)
        name, brand_pk = user.username, brand.pk
        brand.delete()
        user.delete()
        change = Change.objects.get(content_type__model="brand", action=1)
        assert change.actor_name == name
        assert change.brand_id == brand_pk
        assert Change.objects.filter(content_type__model="membership", action=2).exists()


def test_a_place(shop) -> None:
    with acting(shop.owner):
        update_location(location=shop.main, name_ko="새 창고")
    assert told()[0][:3] == ("haru-owner", "location", 1)
    assert told()[0][3]["name_ko"][1] == "새 창고"


class TestWhoSeesWhat:
    @pytest.fixture
    def other(self, shop) -> Any:
        return make_shop("mono")

    def test_by_brand_and_role(self, shop, other) -> None:
        Change.objects.all().delete()
        update_product(product=shop.product, actor=shop.owner, material="silk")
        update_product(product=other.product, actor=other.owner, material="wool")
        change_member(membership=shop.brand.memberships.get(user=shop.viewer), role="staff")
        UserFactory(username="newcomer")

        def seen(user: Any) -> list[str]:
            rows = Change.objects.visible_to(user).order_by("pk").select_related("content_type")
            return [row.content_type.model for row in rows]

        assert seen(shop.staff) == ["product"]
        assert seen(shop.owner) == ["product", "membership"]
        assert seen(other.owner) == ["product"]
        assert seen(UserFactory()) == []
        assert seen(UserFactory(is_auditor=True))[:4] == ["product", "product", "membership", "user"]
        assert seen(UserFactory(is_active=False, is_auditor=True)) == []


def test_two_models_of_one_name_are_a_mistake_of_the_programmer() -> None:
    class Brand(get_user_model()):  # type: ignore[misc]
        class Meta:
            app_label = "core"
            proxy = True

    with pytest.raises(ValueError, match="called brand"):
        audited(Brand, brand=None)


def test_a_photo_is_recorded_without_its_files(shop) -> None:
    image = add_image(product=shop.product, data=photos.jpeg(), filename="front.jpg", actor=shop.staff)
    assert told() == [("haru-staff", "productimage", 0, {
        "product": [None, shop.product.pk], "original_name": [None, "front.jpg"], "position": [None, 0],
    })]  # fmt: skip
    ProductImage.objects.get(pk=image.pk).delete()
    assert Change.objects.filter(topic=f"product:{shop.product.pk}").count() == 2
    assert ProductColour.objects.filter(product=shop.product).exists()
