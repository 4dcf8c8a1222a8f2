"""Files of photos: what is made of them, who gets them, and with which headers."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from catalog.images import ALLOWED
from catalog.models import Product, ProductImage
from catalog.services import add_image, attach_cutout, describe_image, order_images, remove_image
from erp.core.errors import DomainError
from tests import photos
from tests.factories import MembershipFactory, ProductFactory, UserFactory

pytestmark = pytest.mark.django_db


def files(settings) -> set[str]:
    root = Path(settings.MEDIA_ROOT)
    return {path.name.split("-")[0] for path in root.rglob("*") if path.is_file()}


@pytest.fixture
def product() -> Product:
    return ProductFactory()


@pytest.fixture
def image(product) -> ProductImage:
    return add_image(product=product, data=photos.jpeg(), filename="사진.jpg", actor=UserFactory())


@pytest.fixture
def viewer(client, product) -> Client:
    client.force_login(MembershipFactory(brand=product.brand, role="viewer").user)
    return client


def url(image: ProductImage, kind: str = "thumbnail", slug: str | None = None) -> str:
    return reverse("catalog:image", args=[slug or image.product.brand.slug, image.public_id, kind])


def cut(image: ProductImage, seed: int = 0) -> ProductImage:
    return attach_cutout(image=image, cutout_png=photos.transparent_png(), listing_jpeg=photos.jpeg(seed=seed))


class TestServices:
    def test_a_cutout_replaces_the_one_before(self, image, settings, django_capture_on_commit_callbacks) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            first = cut(image)
        assert files(settings) == {"original", "thumbnail", "tile", "cutout", "listing"}
        with django_capture_on_commit_callbacks(execute=True):
            second = cut(image, seed=7)
        assert second.listing.name != first.listing.name
        assert second.listing.read() == photos.jpeg(seed=7)
        assert not first.listing.storage.exists(first.listing.name)
        assert len([p for p in Path(settings.MEDIA_ROOT).rglob("*") if p.is_file()]) == 5

    def test_a_cutout_of_a_removed_photo_is_refused_and_leaves_no_file(
        self, image, settings, django_capture_on_commit_callbacks
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            remove_image(image=ProductImage.objects.get(pk=image.pk), actor=UserFactory())
        with pytest.raises(DomainError) as refusal:
            cut(image)
        assert refusal.value.code == "photo_removed"
        assert files(settings) == set()

    def test_removing_deletes_the_files_only_once_it_is_committed(
        self, image, settings, django_capture_on_commit_callbacks
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            cut(image)
        with django_capture_on_commit_callbacks(execute=True):
            remove_image(image=image, actor=UserFactory())
            assert files(settings) == {"original", "thumbnail", "tile", "cutout", "listing"}
        assert files(settings) == set()
        assert not ProductImage.objects.exists()
        remove_image(image=image, actor=UserFactory())

    def test_photos_are_put_in_order(self, product) -> None:
        actor = UserFactory()
        made = [add_image(product=product, data=photos.jpeg(seed=n), filename="", actor=actor) for n in range(3)]
        ids = [image.public_id for image in made]
        assert [image.position for image in made] == [0, 1, 2]
        order_images(product=product, order=[ids[2], ids[0], ids[1]], actor=actor)
        assert [image.public_id for image in product.images.all()] == [ids[2], ids[0], ids[1]]
        for order in ([], ids[:2], [*ids, uuid4()], [ids[0], ids[0], ids[1]]):
            with pytest.raises(DomainError) as refusal:
                order_images(product=product, order=order, actor=actor)
            assert refusal.value.code == "order_outdated"
        assert [image.public_id for image in product.images.all()] == [ids[2], ids[0], ids[1]]

    def test_a_photo_is_described_by_its_product_until_somebody_does(self, image, product) -> None:
        assert image.alt == product.name_ko
        describe_image(image=image, actor=UserFactory(), alt_ko="옷걸이에 걸린 셔츠")
        assert ProductImage.objects.get().alt == "옷걸이에 걸린 셔츠"
        with pytest.raises(DomainError):
            describe_image(image=image, actor=UserFactory(), alt_en="x" * 201)


class TestRoute:
    def test_a_viewer_gets_the_files_with_strict_headers(self, viewer, image) -> None:
        cut(image)
        types = dict.fromkeys(("original", "thumbnail", "tile", "listing"), "image/jpeg") | {"cutout": "image/png"}
        for kind, content_type in types.items():
            response = viewer.get(url(image, kind))
            assert response.status_code == 200
            assert response["Content-Type"] == content_type
            assert response["X-Content-Type-Options"] == "nosniff"
            assert response["Content-Security-Policy"].startswith("default-src 'none';")
            assert "sandbox" in response["Content-Security-Policy"]
            assert response["Cache-Control"].startswith("private")
            assert response["Content-Disposition"].startswith("inline")
            assert response["ETag"]
            assert b"".join(response) == getattr(ProductImage.objects.get(), kind).read()

    def test_an_unchanged_file_is_not_sent_again(self, viewer, image) -> None:
        cut(image)
        etag = viewer.get(url(image, "cutout"))["ETag"]
        again = viewer.get(url(image, "cutout"), headers={"if-none-match": etag})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", etag)
        assert again["Cache-Control"] == "private, no-cache"
        cut(image)
        assert viewer.get(url(image, "cutout"), headers={"if-none-match": etag}).status_code == 200

    def test_strangers_and_other_brands_see_nothing(self, client, image) -> None:
        own = MembershipFactory()
        client.force_login(own.user)
        for kind in ("original", "thumbnail"):
            assert client.get(url(image, kind)).status_code == 404
            assert client.get(url(image, kind, slug=own.brand.slug)).status_code == 404

    def test_somebody_who_is_not_logged_in_is_asked_to(self, client, image) -> None:
        response = client.get(url(image))
        assert response.status_code == 302
        assert response["Location"].startswith(reverse("login"))

    def test_auditors_look_and_members_who_left_do_not(self, client, image) -> None:
        client.force_login(UserFactory(is_auditor=True))
        assert client.get(url(image)).status_code == 200
        client.force_login(UserFactory(is_auditor=True, is_active=False))
        assert client.get(url(image)).status_code == 302

    def test_what_is_not_there_is_404(self, viewer, image) -> None:
        assert viewer.get(url(image, "cutout")).status_code == 404
        assert viewer.get(url(image, "alt_ko")).status_code == 404
        assert viewer.get(url(image, "nonsense")).status_code == 404
        image.thumbnail.storage.delete(image.thumbnail.name)
        assert viewer.get(url(image)).status_code == 404
        ProductImage.objects.update(thumbnail="../../../etc/passwd")
        assert viewer.get(url(image)).status_code == 404

    def test_reading_only(self, viewer, image) -> None:
        assert viewer.head(url(image)).status_code == 200
        for method in (viewer.post, viewer.put, viewer.delete):
            assert method(url(image)).status_code == 405

    @pytest.mark.parametrize("content_type", ["image/svg+xml", "text/html", "application/xhtml+xml", ""])
    def test_no_row_makes_it_send_a_page_or_drawing(self, viewer, image, content_type) -> None:
        assert content_type not in ALLOWED
        ProductImage.objects.update(content_type=content_type)
        assert viewer.get(url(image, "original")).status_code == 404
        assert viewer.get(url(image, "thumbnail"))["Content-Type"] == "image/jpeg"

    @pytest.mark.parametrize(
        ("data", "filename", "content_type", "disposition"),
        [
            (photos.jpeg(), "page.html", "image/jpeg", 'inline; filename="page.jpeg"'),
            (photos.heic(), "IMG_1.HEIC", "image/heic", 'attachment; filename="IMG_1.heic"'),
            (photos.jpeg(), 'a"b; x=y.svg', "image/jpeg", 'inline; filename="a\\"b; x=y.jpeg"'),
        ],
    )
    def test_the_ending_is_ours(self, viewer, product, data, filename, content_type, disposition) -> None:
        image = add_image(product=product, data=data, filename=filename, actor=UserFactory())
        response = viewer.get(url(image, "original"))
        assert response["Content-Type"] == content_type
        assert response["Content-Disposition"] == disposition

    def test_it_costs_a_fixed_number_of_queries(self, viewer, image, django_assert_num_queries) -> None:
        # Session, person, brand, role, photo.
        with django_assert_num_queries(5):
            viewer.get(url(image))
