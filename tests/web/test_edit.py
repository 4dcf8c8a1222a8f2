"""Editing a product, its photos and its status."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from catalog.models import Category, Colour, Product, ProductImage, Size, SizeRun
from catalog.services import add_image
from tests import photos
from tests.factories import ColourFactory, ProductFactory
from tests.web.shop import Shop, a_stranger, queries_of


@pytest.fixture
def clerk(shop: Shop) -> Client:
    return shop.client(shop.clerk)


def address(shop: Shop, name: str = "edit", product: Product | None = None) -> str:
    return reverse(f"catalog:{name}", args=[shop.brand.slug, (product or shop.product).pk])


def typed(shop: Shop, **changes: Any) -> dict[str, Any]:
    """What the form of the shop's product sends when nothing was changed."""
    product = shop.product
    return {
        "style_number": product.style_number,
        "name_ko": product.name_ko,
        "name_en": product.name_en,
        "category": Category.objects.get(slug="shirt").pk,
        "price": "39,000",
        "currency": "KRW",
        "colours": [shop.variants[0].colour_id, shop.variants[2].colour_id],
        "size_run": shop.variants[0].size.run_id,
        "sizes": [shop.variants[0].size_id, shop.variants[1].size_id],
        "season": "all",
        "gender": "unisex",
        "material": "",
        "care": "",
    } | changes


class TestWhoMay:
    @pytest.mark.parametrize("name", ["edit", "images", "status"])
    def test_to_a_stranger_it_does_not_exist(self, shop: Shop, name: str) -> None:
        assert shop.client(a_stranger()).post(address(shop, name)).status_code == 404

    @pytest.mark.parametrize("name", ["edit", "images", "status"])
    def test_a_viewer_changes_nothing(self, shop: Shop, name: str) -> None:
        data = typed(shop, name_ko="새 이름") | {"to": "archived"}
        assert shop.client(shop.viewer).post(address(shop, name), data).status_code == 403
        shop.product.refresh_from_db()
        assert (shop.product.name_ko, shop.product.status) == ("옥스퍼드 셔츠", "active")

    @pytest.mark.parametrize("name", ["edit", "images", "status"])
    def test_another_brands_product_does_not_exist_here(self, clerk: Client, shop: Shop, name: str) -> None:
        other = ProductFactory()
        assert clerk.post(address(shop, name, other), typed(shop)).status_code == 404
        other.refresh_from_db()
        assert other.status == "draft"


class TestEdit:
    def test_it_saves(self, clerk: Client, shop: Shop) -> None:
        response = clerk.post(address(shop), typed(shop, name_ko="린넨 셔츠", material="Linen"))
        assert response.url == shop.url("product", shop.product.pk)
        shop.product.refresh_from_db()
        assert (shop.product.name_ko, shop.product.material) == ("린넨 셔츠", "Linen")
        assert shop.product.price == Decimal(39000)

    def test_the_grid_stays_as_it_is_while_it_is_not_touched(self, clerk: Client, shop: Shop) -> None:
        """A cell that was retired by itself does not come back because a name is mended."""
        retired = shop.variants[3]
        retired.is_active = False
        retired.save()
        clerk.post(address(shop), typed(shop, name_ko="린넨 셔츠"))
        retired.refresh_from_db()
        assert not retired.is_active

    def test_a_colour_more_makes_variants(self, clerk: Client, shop: Shop) -> None:
        camel = ColourFactory(name_en="Camel")
        clerk.post(
            address(shop), typed(shop, colours=[shop.variants[0].colour_id, shop.variants[2].colour_id, camel.pk])
        )
        assert shop.product.variants.filter(colour=camel, is_active=True).count() == 2

    def test_a_size_less_retires_variants_and_deletes_none(self, clerk: Client, shop: Shop) -> None:
        clerk.post(address(shop), typed(shop, sizes=[shop.variants[0].size_id]))
        assert list(shop.product.variants.order_by("pk").values_list("is_active", flat=True)) == [True, False] * 2

    def test_the_run_decides_which_sizes_count(self, clerk: Client, shop: Shop) -> None:
        alpha = SizeRun.objects.get(slug="alpha")
        sizes = [shop.variants[0].size_id, *alpha.sizes.filter(code__in=["S", "M"]).values_list("pk", flat=True)]
        clerk.post(address(shop), typed(shop, size_run=alpha.pk, sizes=sizes))
        sold = shop.product.variants.filter(is_active=True).values_list("size__code", flat=True)
        assert sorted(sold) == ["M", "M", "S", "S"]

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("style_number", ""),
            ("price", "-1"),
            ("price", "much"),
            ("price", "12.5"),  # won have no decimals
            ("price", "9" * 30),
            ("name_ko", "x" * 121),
            ("category", ""),
            ("category", "999999"),
            ("colours", []),
            ("sizes", []),
            ("colours", ["x"]),
            ("size_run", ""),
            ("season", "monsoon"),
        ],
    )
    def test_a_refusal_names_the_field_keeps_the_text_and_saves_nothing(
        self, clerk: Client, shop: Shop, field: str, value: Any
    ) -> None:
        data = typed(shop, material="Wool & <silk>") | {field: value}
        response = clerk.post(address(shop), data)
        assert response.status_code == 422
        assert field in response.context["form"].errors
        assert "Wool &amp; &lt;silk&gt;" in response.content.decode()
        shop.product.refresh_from_db()
        assert (shop.product.material, shop.product.price) == ("", None)
        assert shop.product.variants.filter(is_active=True).count() == 4

    def test_no_name_at_all(self, clerk: Client, shop: Shop) -> None:
        response = clerk.post(address(shop), typed(shop, name_ko=" ", name_en=""))
        assert response.context["form"].errors["name_ko"] == ["Give the product a name."]

    def test_a_style_number_that_another_product_has(self, clerk: Client, shop: Shop) -> None:
        taken = ProductFactory(brand=shop.brand)
        response = clerk.post(address(shop), typed(shop, style_number=taken.style_number))
        assert "style_number" in response.context["form"].errors

    def test_a_colour_of_another_brand(self, clerk: Client, shop: Shop) -> None:
        foreign = ColourFactory(brand=ProductFactory().brand)
        response = clerk.post(address(shop), typed(shop, colours=[foreign.pk]))
        assert "colours" in response.context["form"].errors
        assert foreign.name_ko not in clerk.get(address(shop)).content.decode()

    def test_sizes_start_with_those_of_the_last_product(self, clerk: Client, shop: Shop) -> None:
        Product.objects.filter(pk=shop.product.pk).update(size_run=shop.variants[0].size.run)
        draft = ProductFactory(brand=shop.brand)
        chips = {
            run: dict(sizes) for run, _c, sizes in clerk.get(address(shop, product=draft)).context["form"].run_chips
        }
        assert all(chips[shop.variants[0].size.run].values())
        alpha = chips[SizeRun.objects.get(slug="alpha")]
        assert [size.code for size, ticked in alpha.items() if ticked] == ["S", "M", "L", "XL", "2XL"]

    def test_its_queries_do_not_grow(self, clerk: Client, shop: Shop) -> None:
        clerk.get(address(shop))
        few = queries_of(clerk, address(shop))
        run = SizeRun.objects.create(brand=shop.brand, slug="own", name_ko="우리")
        Size.objects.bulk_create(Size(run=run, code=str(n)) for n in range(5))
        Colour.objects.bulk_create(
            Colour(brand=shop.brand, slug=f"c{n}", code=f"Q{n}", name_ko="색", hex="#101010") for n in range(5)
        )
        assert queries_of(clerk, address(shop)) == few


class TestStatus:
    def test_archive_and_back(self, clerk: Client, shop: Shop) -> None:
        Product.objects.filter(pk=shop.product.pk).update(category=Category.objects.first())
        for to in ("archived", "active"):
            assert clerk.post(address(shop, "status"), {"to": to}).url == shop.url("product", shop.product.pk)
            shop.product.refresh_from_db()
            assert shop.product.status == to

    def test_what_is_missing_is_said(self, clerk: Client, shop: Shop) -> None:
        draft = ProductFactory(brand=shop.brand, name_ko="", name_en="")
        page = clerk.post(address(shop, "status", draft), {"to": "active"}, follow=True).content.decode()
        for words in ("Give the product a name.", "Choose a category.", "Choose at least one colour and one size."):
            assert words in page

    def test_it_is_a_post(self, clerk: Client, shop: Shop) -> None:
        assert clerk.get(address(shop, "status")).status_code == 405


class TestImages:
    @pytest.fixture
    def three(self, shop: Shop) -> list[ProductImage]:
        return [
            add_image(product=shop.product, data=photos.jpeg(seed=n), filename=f"{n}.jpg", actor=shop.clerk)
            for n in range(3)
        ]

    def order(self, shop: Shop) -> list[str]:
        return list(shop.product.images.values_list("original_name", flat=True))

    def test_add(self, clerk: Client, shop: Shop) -> None:
        files = [
            SimpleUploadedFile("front.jpg", photos.jpeg(seed=1)),
            SimpleUploadedFile("evil.jpg", photos.SVG),
            SimpleUploadedFile("back.jpg", photos.jpeg(seed=2)),
        ]
        page = clerk.post(address(shop, "images"), {"photos": files}, follow=True).content.decode()
        assert self.order(shop) == ["front.jpg", "back.jpg"]
        assert "2 photos added." in page
        assert "evil.jpg – This is a web page or a drawing" in page

    @pytest.mark.parametrize(
        ("place", "action", "expected"),
        [(0, "later", "102"), (2, "earlier", "021"), (0, "earlier", "012"), (2, "later", "012"), (1, "dance", "012")],
    )
    def test_order(
        self, clerk: Client, shop: Shop, three: list[ProductImage], place: int, action: str, expected: str
    ) -> None:
        clerk.post(address(shop, "images"), {"image": str(three[place].public_id), "action": action})
        assert self.order(shop) == [f"{n}.jpg" for n in expected]

    def test_remove(self, clerk: Client, shop: Shop, three: list[ProductImage]) -> None:
        clerk.post(address(shop, "images"), {"image": str(three[1].public_id), "action": "remove"})
        assert self.order(shop) == ["0.jpg", "2.jpg"]

    def test_describe(self, clerk: Client, shop: Shop, three: list[ProductImage]) -> None:
        image = three[0]
        data = {"image": str(image.public_id), "action": "describe", f"{image.public_id}-alt_ko": "앞모습"}
        clerk.post(address(shop, "images"), data)
        image.refresh_from_db()
        assert image.alt_ko == "앞모습"

    def test_a_description_that_is_too_long(self, clerk: Client, shop: Shop, three: list[ProductImage]) -> None:
        image = three[0]
        data = {"image": str(image.public_id), "action": "describe", f"{image.public_id}-alt_ko": "x" * 201}
        assert "at most 200 letters" in clerk.post(address(shop, "images"), data, follow=True).content.decode()

    @pytest.mark.parametrize("image", ["", "x", "00000000-0000-0000-0000-000000000000"])
    def test_a_photo_that_is_not_there(self, clerk: Client, shop: Shop, image: str) -> None:
        response = clerk.post(address(shop, "images"), {"image": image, "action": "remove"})
        assert response.status_code == 404

    def test_another_products_photo_is_not_touched(self, clerk: Client, shop: Shop, three: list[ProductImage]) -> None:
        other = ProductFactory(brand=shop.brand)
        data = {"image": str(three[0].public_id), "action": "remove"}
        assert clerk.post(address(shop, "images", other), data).status_code == 404
        assert len(self.order(shop)) == 3

    def test_its_queries_do_not_grow(self, clerk: Client, shop: Shop, three: list[ProductImage]) -> None:
        clerk.get(address(shop, "images"))
        few = queries_of(clerk, address(shop, "images"))
        for n in range(4, 9):
            add_image(product=shop.product, data=photos.jpeg(seed=n), filename="x.jpg", actor=shop.clerk)
        assert queries_of(clerk, address(shop, "images")) == few
