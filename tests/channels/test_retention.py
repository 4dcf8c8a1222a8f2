"""Old files are forgotten; their records stay, and what the marketplace has now is never forgotten."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from erp.channels.models import ChannelOrder, Export, OrderFile
from erp.channels.services.order_files import read_order_file, retry_order_file, start_order_file, take_order_file
from erp.channels.services.retention import forget_files
from erp.channels.tasks import forget_files as nightly_job
from erp.core.errors import DomainError
from erp.core.jobs import ensure_schedules
from tests.api.shop import Api
from tests.channels.desk import browser, text, url

OLD = timedelta(days=401)


def age(model, *rows) -> None:
    model.objects.filter(pk__in=[row.pk for row in rows]).update(updated_at=timezone.now() - OLD)


@pytest.fixture
def exported(shop, channel, listing, export_now):
    """Three exports: the first has everything, the second a change, the third another."""
    made = [export_now(channel)]
    for _change in range(2):
        shop.stock(shop.variants[0], 5)
        made.append(export_now(channel))
    return made


def test_old_files_go_and_records_stay(shop, exported):
    first, second, last = exported
    storage, names = first.file.storage, [str(export.file.name) for export in exported]
    age(Export, first, last)
    assert nightly_job() == 1 and forget_files() == 0
    assert [storage.exists(name) for name in names] == [False, True, True]
    gone = Export.objects.get(pk=first.pk)
    assert not gone.file and gone.sha256 == first.sha256 and gone.lines.count() == 1 and gone.file_name
    address = f"/api/v1/exports/{first.public_id}/file/"
    answer = Api(shop.viewer).get(address)
    assert (answer.status_code, answer.json()["code"]) == (409, "file_forgotten")
    clerk = browser(shop.staff)
    assert "not kept any more" in text(clerk.get(url(shop, "export", first.public_id)))
    assert clerk.get(url(shop, "export-file", first.public_id)).status_code == 404
    assert clerk.get(url(shop, "export-file", last.public_id)).status_code == 200


def test_what_changed_is_told_after_the_file_is_gone(shop, channel, exported, export_now):
    age(Export, *exported)
    assert forget_files() == 2
    unchanged = export_now(channel)
    assert (unchanged.listings_count, unchanged.unchanged) == (0, 1)
    age(Export, unchanged)
    assert forget_files() == 1  # the last one went out empty: what was before it is told by its lines
    shop.stock(shop.variants[0], 1)
    line = export_now(channel).lines.get()
    assert line.changes == {"Inventory quantity": ["11", "12"]} and not line.is_new


def test_what_waits_for_a_person_stays_and_what_was_not_sent_goes(shop, exported):
    held, dropped, _last = exported
    Export.objects.filter(pk=held.pk).update(state="held")
    Export.objects.filter(pk=dropped.pk).update(state="dropped")
    age(Export, *exported)
    assert forget_files() == 1
    assert Export.objects.get(pk=held.pk).file and not Export.objects.get(pk=dropped.pk).file


def test_a_kill_between_file_and_record_is_made_good(shop, exported):
    first = exported[0]
    age(Export, first)
    first.file.storage.delete(str(first.file.name))
    assert forget_files() == 1 and not Export.objects.get(pk=first.pk).file


@pytest.fixture
def order_file(shop, channel):
    data = f"Order number,SKU,Quantity,Unit price\n1,{shop.variants[-1].sku},2,10\n".encode()
    file = take_order_file(channel=channel, actor=shop.owner, data=data, filename="orders.csv")
    start_order_file(file=file, actor=shop.owner, template="generic")
    read_order_file(file_id=file.pk)
    return OrderFile.objects.get(pk=file.pk)


def test_files_of_orders_go_with_their_first_rows(shop, order_file):
    assert order_file.preview and forget_files() == 0
    age(OrderFile, order_file)
    assert forget_files() == 1 and not order_file.file.storage.exists(str(order_file.file.name))
    gone = OrderFile.objects.get()
    assert (gone.state, gone.total, gone.preview, gone.sha256) == ("done", 1, [], order_file.sha256)
    assert not gone.file and ChannelOrder.objects.count() == 1
    with pytest.raises(DomainError) as refused:
        start_order_file(file=gone, actor=shop.owner, template="generic")
    assert refused.value.code == "file_forgotten"
    OrderFile.objects.update(state="failed")
    with pytest.raises(DomainError):
        retry_order_file(file=gone, actor=shop.owner)
    read = Api(shop.staff).post(f"/api/v1/order-files/{gone.public_id}/read/", {})
    assert (read.status_code, read.json()["code"]) == (409, "file_forgotten")
    page = browser(shop.staff).get(url(shop, "order-file", gone.public_id))
    assert page.status_code == 200 and OrderFile.objects.get().state == "failed"


def test_one_that_is_being_read_stays(order_file):
    OrderFile.objects.update(state="queued")
    age(OrderFile, order_file)
    assert forget_files() == 0 and OrderFile.objects.get().file


def test_for_ever_where_the_installation_says_so(exported, order_file, settings):
    age(Export, *exported)
    age(OrderFile, order_file)
    settings.CHANNEL_FILES_KEPT_DAYS = 0
    assert forget_files() == 0
    settings.CHANNEL_FILES_KEPT_DAYS = 500
    assert forget_files() == 0
    settings.CHANNEL_FILES_KEPT_DAYS = 30
    assert forget_files() == 3


def test_it_is_done_every_night(db):
    assert "Forget old files of exports and orders" in ensure_schedules()
