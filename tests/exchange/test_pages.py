"""The pages of imports and exports."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.models import Variant
from erp.exchange.models import ImportJob, ImportMapping
from erp.exchange.services.running import run_import
from tests.api.shop import Shop
from tests.exchange.shop import applied, checked, csv_file, grid, uploaded

pytestmark = pytest.mark.django_db


def browser(user: Any, language: str = "en") -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    client.cookies["django_language"] = language
    return client


@pytest.fixture
def clerk(shop: Shop) -> Client:
    return browser(shop.staff)


def url(shop: Shop, name: str, *args: Any) -> str:
    return reverse(f"exchange:{name}", args=[shop.slug, *args])


def upload(client: Client, shop: Shop, data: bytes, name: str = "상품.csv") -> Any:
    return client.post(url(shop, "import-new"), {"file": SimpleUploadedFile(name, data)})


def test_from_a_file_to_products(shop: Shop, clerk: Client) -> None:
    answer = upload(clerk, shop, csv_file(grid(2, each=3), encoding="cp949"))
    job = ImportJob.objects.get()
    page = url(shop, "import", job.public_id)
    assert (answer.status_code, answer.headers["Location"]) == (302, page)
    shown = clerk.get(page).content.decode()
    assert "CP949 (EUC-KR)" in shown and "셔츠 0" in shown and "Which column is what" in shown
    columns = {f"column-{name}": place for name, place in job.columns.items()} | {"location": shop.main.pk}
    assert clerk.post(url(shop, "import-columns", job.public_id), columns).status_code == 302
    running = clerk.get(page, headers={"HX-Request": "true"}).content.decode()
    assert 'hx-trigger="every 1s"' in running and "<html" not in running
    run_import(job_id=job.pk)
    shown = clerk.get(page).content.decode()
    assert "Apply 6 rows" in shown and "IM0001" in shown
    assert clerk.post(url(shop, "import-apply", job.public_id)).status_code == 302
    run_import(job_id=job.pk)
    assert "6 rows were applied" in clerk.get(page).content.decode()
    assert Variant.objects.filter(sku__startswith="IM").count() == 6
    assert "6 applied" in clerk.get(url(shop, "imports")).content.decode()


def test_errors_are_shown_with_their_mend_and_can_be_downloaded(shop: Shop, clerk: Client) -> None:
    rows = grid(1, each=3)
    rows[1][3] = "=cheap"
    job = checked(shop, csv_file(rows))
    page = url(shop, "import", job.public_id)
    shown = clerk.get(page).content.decode()
    assert "1 row needs mending" in shown and "Paste it as a value" in shown and "Apply only 2 good rows" in shown
    assert "IM0000 · 블랙 · XS" not in shown
    assert "IM0000 · 블랙 · XS" in clerk.get(page, {"fate": "create"}).content.decode()
    file = b"".join(clerk.get(url(shop, "import-rows", job.public_id), {"fate": "error"}).streaming_content).decode()
    assert file.count("\r\n") == 2 and "Paste it as a value" in file and ",'=cheap," in file
    refused = clerk.post(url(shop, "import-apply", job.public_id), follow=True).content.decode()
    assert "Mend them in the file" in refused
    clerk.post(url(shop, "import-apply", job.public_id), {"only_good": "1"})
    assert run_import(job_id=job.pk) == "done"
    assert "수식" in browser(shop.staff, "ko").get(page).content.decode()


def test_wrong_files_and_wrong_columns_say_what_to_do(shop: Shop, clerk: Client) -> None:
    for data, words in ((b"%PDF-1", "This is a PDF"), (b"", "This file is empty")):
        answer = upload(clerk, shop, data)
        assert answer.status_code == 422 and words in answer.content.decode()
    assert clerk.post(url(shop, "import-new")).status_code == 422
    assert not ImportJob.objects.exists()
    job = uploaded(shop, csv_file(grid(1)))
    answer = clerk.post(url(shop, "import-columns", job.public_id), {"column-price": "3", "column-name_ko": "3"})
    assert answer.status_code == 422 and "Choose each once" in answer.content.decode()
    answer = clerk.post(url(shop, "import-columns", job.public_id), {"column-price": "3", "column-name_ko": "77"})
    assert answer.status_code == 422
    answer = clerk.post(url(shop, "import-columns", job.public_id), {"column-price": "3"})
    assert "Choose what names a variant" in answer.content.decode()


def test_another_encoding_is_tried(shop: Shop, clerk: Client) -> None:
    job = uploaded(shop, csv_file(grid(1), encoding="cp949"))
    clerk.post(url(shop, "import-read", job.public_id), {"encoding": "cp1252", "delimiter": ","})
    answer = clerk.post(url(shop, "import-read", job.public_id), {"encoding": "utf-8", "delimiter": ","}, follow=True)
    assert "cannot be read as UTF-8" in answer.content.decode()
    clerk.post(url(shop, "import-read", job.public_id), {"encoding": "cp949", "delimiter": ","})
    job.refresh_from_db()
    assert job.headings[0] == "품번"


def test_columns_are_remembered_for_the_same_headings_in_any_order(shop: Shop, other: Shop) -> None:
    headings = ("코드", "색", "호칭", "갯수")
    job = checked(shop, csv_file([["A1", "블랙", "M", 1]], headings), {"style_number": 0, "colour": 1, "size": 2})
    assert ImportMapping.objects.of(shop.brand).count() == 1
    turned = uploaded(shop, csv_file([[1, "M", "블랙", "A1"]], headings[::-1]))
    assert turned.columns == {"style_number": 3, "colour": 2, "size": 1}
    assert uploaded(other, csv_file([["A1", "블랙", "M", 1]], headings)).columns == {"colour": 1}
    assert job.location == shop.main


def test_the_same_file_again_is_told(shop: Shop, clerk: Client) -> None:
    data = csv_file(grid(1, each=2))
    applied(shop, checked(shop, data))
    job = uploaded(shop, data)
    assert "The same file was imported on" in clerk.get(url(shop, "import", job.public_id)).content.decode()


def test_viewers_may_export_and_not_import(shop: Shop) -> None:
    viewer, job = browser(shop.viewer), uploaded(shop, csv_file(grid(1)))
    for name in ("imports", "import-new"):
        assert viewer.get(url(shop, name)).status_code == 403
    assert viewer.get(url(shop, "import", job.public_id)).status_code == 403
    for name in ("import-columns", "import-apply", "import-cancel", "import-read", "import-retry"):
        assert viewer.post(url(shop, name, job.public_id)).status_code == 403
    assert upload(viewer, shop, csv_file(grid(1))).status_code == 403
    assert ImportJob.objects.get().state == "uploaded"
    assert viewer.get(url(shop, "export")).status_code == 200
    assert b"SKU" in b"".join(viewer.get(url(shop, "products-csv")).streaming_content)
    assert b"".join(viewer.get(url(shop, "products-xlsx")).streaming_content)[:2] == b"PK"


def test_another_brands_import_is_not_there(shop: Shop, other: Shop) -> None:
    job = uploaded(shop, csv_file(grid(1)))
    stranger = browser(other.owner)
    assert stranger.get(url(other, "import", job.public_id)).status_code == 404
    assert stranger.post(url(other, "import-cancel", job.public_id)).status_code == 404


@pytest.mark.parametrize("page", ["imports", "import"])
def test_lists_ask_as_many_queries_for_thirty_rows_as_for_one(shop: Shop, clerk: Client, page: str) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert clerk.get(address).status_code == 200
        return len(asked)

    job = checked(shop, csv_file(grid(1, each=1)))
    address = url(shop, "imports") if page == "imports" else url(shop, "import", job.public_id)
    clerk.get(address)
    one = queries()
    job = checked(shop, csv_file(grid(1, each=30)))
    for _n in range(5):
        uploaded(shop, csv_file(grid(1)))
    address = address if page == "imports" else url(shop, "import", job.public_id)
    assert queries() == one
