"""Photos over REST: sent, shown to those who may see them, ordered and removed; files that are none refused."""

from __future__ import annotations

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from catalog.models import ProductImage
from tests import photos
from tests.api.shop import Api, codes_of
from vision.models import Analysis

pytestmark = pytest.mark.django_db


@pytest.fixture
def url(shop) -> str:
    return f"/api/v1/products/{shop.product.pk}/images/"


def send(client: Api, url: str, data: bytes, name: str = "photo.jpg", kind: str = "image/jpeg"):
    return client.post(url, {"image": SimpleUploadedFile(name, data, kind)}, format="multipart")


def test_a_photo_is_kept_and_its_analysis_waits(shop, api, url, django_capture_on_commit_callbacks) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        answer = send(api, url, photos.jpeg(), "셔츠 👕.jpg")
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert (body["width"], body["height"], body["content_type"]) == (*photos.SIZE, "image/jpeg")
    assert body["original_name"] == "셔츠 👕.jpg"
    assert body["files"]["cutout"] is None
    analysis = api.get(f"/api/v1/images/{body['id']}/analysis/")
    assert (analysis.status_code, analysis.json()["state"]) == (200, "queued")
    assert [row["id"] for row in api.get(url).json()["results"]] == [body["id"]]
    assert [row["id"] for row in api.get(f"/api/v1/products/{shop.product.pk}/").json()["images"]] == [body["id"]]


BAD = {
    "zero bytes": (b"", "photo_empty"),
    "html": (photos.HTML, "photo_not_an_image"),
    "svg": (photos.SVG, "photo_not_an_image"),
    "truncated": (photos.jpeg((400, 300))[:1500], "photo_truncated"),
    "bomb": (photos.bomb_png(10_000, 10_000), "photo_too_many_pixels"),
    "gif": (photos.animation("GIF"), "photo_animated"),
    "webp": (photos.animation("WEBP"), "photo_animated"),
    "30 MB": (photos.jpeg() + bytes(30 * 1024 * 1024), "photo_file_too_large"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_photo_is_refused_and_leaves_nothing(name, api, url, settings) -> None:
    data, code = BAD[name]
    answer = send(api, url, data)
    assert answer.status_code == 400
    assert codes_of(answer) == [(None, "image", code)]
    assert answer.json()["message"]
    assert not ProductImage.objects.exists()
    assert [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()] == []


def test_an_upload_beyond_measure_is_refused_unread(api, url, settings) -> None:
    settings.UPLOAD_MAX_BYTES = 10_000
    answer = send(api, url, photos.jpeg() + bytes(20_000))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (photos.png(), "image/png"),
        (photos.encode(photos.picture(mode="CMYK"), "JPEG"), "image/jpeg"),
        (photos.deep_png(), "image/png"),
        (photos.png("P"), "image/png"),
        (photos.transparent_png(), "image/png"),
        (photos.rotated_jpeg(), "image/jpeg"),
        (photos.heic(), "image/heic"),
    ],
    ids=["png", "cmyk", "16 bit", "palette", "alpha", "rotated", "heic"],
)
def test_every_honest_photo_is_taken_whatever_it_is_called(data, kind, api, url) -> None:
    answer = send(api, url, data, "../../etc/passwd.exe", "application/octet-stream")
    assert answer.status_code == 201, answer.content
    assert (answer.json()["content_type"], answer.json()["original_name"]) == (kind, "passwd.exe")


def test_the_same_photo_twice(api, url) -> None:
    send(api, url, photos.jpeg())
    answer = send(api, url, photos.jpeg(), "another name.jpg")
    assert (answer.status_code, codes_of(answer)) == (409, [(None, "image", "duplicate_photo")])
    assert ProductImage.objects.count() == 1


@pytest.mark.parametrize("body", [{}, {"image": "text"}, {"photo": SimpleUploadedFile("a.jpg", photos.jpeg())}])
def test_no_file(body, api, url) -> None:
    answer = api.post(url, body, format="multipart")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "image")


def test_json_and_broken_forms(api, url) -> None:
    assert api.post(url, {"image": "x"}).status_code == 415
    broken = api.post(url, b"--x\r\nnonsense", content_type="multipart/form-data; boundary=y")
    assert broken.status_code == 400
    assert api.post(url, b"", content_type="multipart/form-data").status_code == 400


def test_a_token_fetches_the_file(api, url, shop, other) -> None:
    data = photos.jpeg()
    body = send(api, url, data).json()
    file = api.get(body["files"]["original"], HTTP_ACCEPT="image/*")
    assert (file.status_code, b"".join(file.streaming_content)) == (200, data)
    assert file.headers["Content-Type"] == "image/jpeg"
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in file.headers["Content-Security-Policy"]
    again = api.get(body["files"]["original"], headers={"If-None-Match": file.headers["ETag"]})
    assert again.status_code == 304
    assert Api(other.owner).get(body["files"]["original"]).status_code == 404
    assert Api().get(body["files"]["original"]).status_code == 401
    assert api.get(body["files"]["original"].replace("original", "listing")).status_code == 404
    assert api.get(body["files"]["original"].replace("original", "secret")).status_code == 404


def test_photos_are_described_ordered_and_removed(api, url) -> None:
    first, second = (send(api, url, photos.jpeg(seed=seed)).json()["id"] for seed in (1, 2))
    described = api.patch(f"/api/v1/images/{first}/", {"alt_ko": "앞모습"})
    assert (described.status_code, described.json()["alt_ko"]) == (200, "앞모습")
    ordered = api.put(f"{url}order/", {"order": [second, first]})
    assert [row["id"] for row in ordered.json()["results"]] == [second, first]
    assert api.put(f"{url}order/", {"order": [second]}).status_code == 409
    assert api.delete(f"/api/v1/images/{second}/").status_code == 204
    assert api.get(f"/api/v1/images/{second}/").status_code == 404
    assert [row["id"] for row in api.get(url).json()["results"]] == [first]


def test_viewers_and_strangers(api, url, shop, other) -> None:
    image = send(api, url, photos.jpeg()).json()["id"]
    for client, status in ((Api(shop.viewer), 403), (Api(other.owner), 404)):
        answers = [
            send(client, url, photos.jpeg(seed=5)),
            client.patch(f"/api/v1/images/{image}/", {"alt_ko": "x"}),
            client.delete(f"/api/v1/images/{image}/"),
            client.put(f"{url}order/", {"order": [image]}),
            client.post(f"/api/v1/images/{image}/analysis/"),
        ]
        assert [a.status_code for a in answers] == [status] * len(answers)
    assert ProductImage.objects.get().alt_ko == ""
    assert Api(shop.viewer).get(f"/api/v1/images/{image}/").status_code == 200


def test_an_analysis_that_failed_is_explained_and_tried_again(api, url, shop) -> None:
    image = send(api, url, photos.jpeg()).json()["id"]
    row = ProductImage.objects.get()
    assert api.get(f"/api/v1/images/{image}/analysis/").status_code == 404
    Analysis.objects.create(image=row, state="failed", error_code="unexpected", attempts=3)
    failed = api.get(f"/api/v1/images/{image}/analysis/").json()
    assert failed["state"] == "failed"
    assert failed["error_message"]
    again = api.post(f"/api/v1/images/{image}/analysis/")
    assert (again.status_code, again.json()["state"]) == (202, "queued")
    assert api.get(f"/api/v1/images/{uuid.uuid4()}/analysis/").status_code == 404
