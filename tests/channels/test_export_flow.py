"""Making files for marketplaces: stale by the moment of reading, taken up after a crash, confirmed where it hurts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.services import set_variants
from erp.channels.models import Channel, ChannelListing, Export
from erp.channels.services import making
from erp.channels.services.channels import update_channel
from erp.channels.services.exports import (
    confirm_export,
    drop_export,
    make_export,
    resume_stalled_exports,
    retry_export,
    run_export,
    start_export,
)
from erp.channels.services.listings import set_status, take_off
from erp.channels.services.tables import TableColumn, save_table
from erp.core.errors import DomainError
from tests.api.shop import colours, sizes
from tests.channels.conftest import picture_url
from tests.channels.test_exports import lines_of, sent

State = Export.State


@pytest.fixture
def commits(django_capture_on_commit_callbacks):
    return lambda: django_capture_on_commit_callbacks(execute=True)


def is_stale(listing) -> bool:
    listing.refresh_from_db()
    return listing.stale_since is not None


def test_what_changes_while_the_file_is_made_stays_stale(shop, channel, listing, commits, monkeypatch):
    sent(channel, shop.owner)
    with commits():
        shop.stock(shop.variants[0], 1)
    assert is_stale(listing)
    judged = making.Making._judged

    def sold_meanwhile(self, chunk, moment):
        yield from judged(self, chunk, moment)
        with commits():
            shop.stock(shop.variants[0], 5)

    with monkeypatch.context() as patch:
        patch.setattr(making.Making, "_judged", sold_meanwhile)
        assert lines_of(sent(channel, shop.owner))[0]["Inventory quantity"] == "2"
    assert is_stale(listing)
    assert lines_of(sent(channel, shop.owner))[0]["Inventory quantity"] == "7"
    assert not is_stale(listing)


def test_a_change_that_changes_no_cell_is_no_longer_stale(shop, channel, listing):
    sent(channel, shop.owner)
    shop.product.save()
    assert is_stale(listing)
    assert sent(channel, shop.owner).unchanged == 1 and not is_stale(listing)


def test_an_export_that_fails_leaves_it_stale_and_says_so(shop, channel, listing, monkeypatch):
    sent(channel, shop.owner)
    shop.product.save()
    export = start_export(channel=channel, actor=shop.owner)
    with monkeypatch.context() as patch:
        patch.setattr(making, "rows_of", lambda *args: 1 / 0)
        states = [run_export(export_id=export.pk) for _n in range(3)]
    assert states == [State.QUEUED, State.QUEUED, State.FAILED]
    export.refresh_from_db()
    assert export.problem
    assert is_stale(listing)
    retry_export(export=export, actor=shop.owner)
    assert run_export(export_id=export.pk) == State.DONE and not is_stale(listing)


def test_one_maker_at_a_time_and_the_dead_are_followed(shop, channel, listing, commits, monkeypatch):
    queued = []
    monkeypatch.setattr("erp.channels.services.exports.async_task", lambda *args, **more: queued.append(args))
    with commits():
        export = start_export(channel=channel, actor=shop.owner)
    assert start_export(channel=channel, actor=shop.owner).pk == export.pk
    assert queued == [("erp.channels.tasks.run_export", export.pk)]
    long_ago = timezone.now() - timedelta(hours=1)
    Export.objects.filter(pk=export.pk).update(state=State.MAKING, run=1, updated_at=long_ago)
    assert run_export(export_id=export.pk) == State.MAKING  # in somebody's hands
    assert resume_stalled_exports() == 1 and len(queued) == 2
    assert run_export(export_id=export.pk) == State.DONE
    assert run_export(export_id=export.pk) == State.DONE and export.lines.count() == 1


def test_a_maker_that_was_taken_for_dead_writes_nothing(shop, channel, listing, monkeypatch):
    export = start_export(channel=channel, actor=shop.owner)
    write = making.Making._write

    def slow(self, file):
        count = write(self, file)
        Export.objects.filter(pk=export.pk).update(run=99)
        return count

    monkeypatch.setattr(making.Making, "_write", slow)
    run_export(export_id=export.pk)
    export.refresh_from_db()
    assert export.state == State.MAKING and not export.file
    listing.refresh_from_db()
    assert listing.exported_at is None


def test_what_cafe24_would_destroy_is_confirmed_first(shop):
    channel = Channel.objects.create(brand=shop.brand, kind="cafe24", name="Cafe24")
    listing = ChannelListing.objects.create(channel=channel, product=shop.product, status="ready")
    sent(channel, shop.owner)
    listing.refresh_from_db()
    assert listing.options_before == [["네이비", "화이트"], ["S", "M"]]
    set_variants(product=shop.product, colours=colours(["navy", "white"]), sizes=sizes(["XS", "S", "M"]))
    held = sent(channel, shop.owner)
    assert held.state == State.HELD and held.findings.get(code="options_moved").level == "warning"
    listing.refresh_from_db()
    assert listing.options_before == [["네이비", "화이트"], ["S", "M"]] and listing.stale_since
    assert drop_export(export=held, actor=shop.owner).state == State.DROPPED
    held = sent(channel, shop.owner)
    done = confirm_export(export=held, actor=shop.staff)
    assert (done.state, done.confirmed_by) == (State.DONE, shop.staff)
    assert confirm_export(export=held, actor=shop.staff).state == State.DONE
    listing.refresh_from_db()
    assert listing.options_before[1] == ["XS", "S", "M"] and listing.stale_since is None
    with pytest.raises(DomainError):
        drop_export(export=held, actor=shop.owner)


def test_what_a_newer_file_overtook_is_not_confirmed(shop, channel):
    held = Export.objects.create(channel=channel, created_by=shop.owner, state=State.HELD)
    Export.objects.create(channel=channel, created_by=shop.owner, state=State.DONE)
    with pytest.raises(DomainError) as refused:
        confirm_export(export=held, actor=shop.owner)
    assert refused.value.code == "overtaken"


def test_a_listing_that_would_be_refused_is_left_out_and_named(shop):
    channel = Channel.objects.create(brand=shop.brand, kind="google", name="Google")
    listing = ChannelListing.objects.create(channel=channel, product=shop.product, status="ready")
    export = sent(channel, shop.owner)
    assert (export.left_out, export.listings_count) == (1, 0)
    assert {finding.code for finding in export.findings.all()} >= {"picture_count"}
    listing.refresh_from_db()
    assert listing.status == "error" and listing.problem


def test_a_feed_is_always_whole(shop):
    channel = Channel.objects.create(brand=shop.brand, kind="google", name="Google", shop_url="https://s.example")
    ChannelListing.objects.create(channel=channel, product=shop.product, status="ready", target_category="1")
    from tests.channels.test_pictures import photo

    photo(shop)
    assert [sent(channel, shop.owner).listings_count for _n in range(2)] == [1, 1]


def test_a_stock_file_takes_what_is_stale_and_says_nothing_of_texts(shop, channel, listing, commits):
    sent(channel, shop.owner)
    channel.attributes = {"Location": "Seoul"}
    channel.save()
    first = sent(channel, shop.owner, what="stock")
    assert [line["On hand (new)"] for line in lines_of(first)] == ["1", "2", "3", "4"]
    assert sent(channel, shop.owner, what="stock").lines_count == 0
    with commits():
        shop.stock(shop.variants[0], 2)
    listing.refresh_from_db()
    assert listing.stale_since and listing.only_stock
    again = sent(channel, shop.owner, what="stock")
    assert lines_of(again)[0]["On hand (new)"] == "3" and not is_stale(listing)
    with commits():
        shop.stock(shop.variants[0], 2)
    shop.product.save()
    assert sent(channel, shop.owner, what="stock").lines_count == 4
    assert is_stale(listing)
    assert sent(channel, shop.owner, what="stock", only_changes=False).lines_count == 4


def test_another_installations_address_is_kept_with_the_export(shop, channel, listing):
    from tests.channels.test_pictures import photo

    image = photo(shop)
    export = start_export(channel=channel, actor=shop.owner, origin="https://erp.example")
    assert run_export(export_id=export.pk) == State.DONE
    export.refresh_from_db()
    assert lines_of(export)[0]["Product image URL"].startswith(f"https://erp.example/p/{image.public_id}/")


def test_a_channel_that_is_off_sends_nothing(shop, channel, listing):
    channel.is_active = False
    channel.save()
    with pytest.raises(DomainError) as refused:
        make_export(export=start_export(channel=channel, actor=shop.owner), picture_url=picture_url)
    assert refused.value.code == "channel_off" and not Export.objects.exists()


def test_what_kills_its_maker_again_and_again_is_given_up(shop, channel, listing):
    export = start_export(channel=channel, actor=shop.owner)
    for run in (1, 2, 3):
        Export.objects.filter(pk=export.pk).update(state="making", run=run, updated_at=timezone.now() - timedelta(1))
        resume_stalled_exports()
        export.refresh_from_db()
        assert export.state == (State.FAILED if run == 3 else State.QUEUED)
    assert export.problem and resume_stalled_exports() == 0


def test_a_product_that_the_marketplace_would_take_for_a_second_one_is_held(shop, channel, listing):
    sent(channel, shop.owner)
    shop.product.style_number = "RENAMED"
    shop.product.save()
    export = sent(channel, shop.owner)
    assert export.state == State.HELD
    found = export.findings.get(code="renamed")
    assert (found.field, found.params) == ("URL handle", {"before": "ha0001", "now": "renamed"})
    confirm_export(export=export, actor=shop.owner)
    assert not sent(channel, shop.owner).findings.exists()


def test_a_listing_taken_back_while_it_is_refused_stays_a_draft(shop, channel, listing, monkeypatch):
    shop.product.price = None
    shop.product.save()
    judged = making.Making._findings

    def taken_back(self, row, facts):
        ChannelListing.objects.filter(pk=listing.pk).update(status="draft")
        return judged(self, row, facts)

    monkeypatch.setattr(making.Making, "_findings", taken_back)
    assert sent(channel, shop.owner).left_out == 1
    listing.refresh_from_db()
    assert listing.status == "draft"


def test_confirming_an_older_file_keeps_what_a_newer_one_is_telling(shop, channel, listing):
    channel.kind = "cafe24"
    channel.save()
    sent(channel, shop.owner)
    set_variants(product=shop.product, colours=colours(["white"]), sizes=sizes(["M"]))
    held = sent(channel, shop.owner)
    assert held.state == State.HELD
    newer = start_export(channel=channel, actor=shop.owner)
    line = newer.lines.create(listing=listing, digest="x", cells=[["a"]], read_at=timezone.now())
    confirm_export(export=held, actor=shop.owner)
    line.refresh_from_db()
    assert line.cells == [["a"]]


def test_cells_of_another_table_are_not_compared(shop, channel, listing):
    sent(channel, shop.owner)
    update_channel(channel=channel, dialect="shopify-legacy")
    export = sent(channel, shop.owner)
    assert export.state == State.DONE
    assert list(export.lines.get().changes.values()) == [["shopify-2025-07", "shopify-legacy"]]


def test_cells_of_an_own_table_that_was_changed_are_not_compared(shop, channel, listing):
    channel.kind = "generic"
    channel.save()
    columns = [TableColumn("Name", value="title"), TableColumn("SKU", value="sku")]
    for chosen in (columns, columns[::-1]):
        table = {"file_format": "csv", "encoding": "utf-8", "rows": "variant", "columns": chosen}
        save_table(channel=channel, **table)
        export = sent(Channel.objects.get(pk=channel.pk), shop.owner)
    assert list(export.lines.get().changes.values()) == [["generic-own", "generic-own"]]


def test_what_was_taken_off_and_made_ready_again_goes_out_as_it_was(shop, channel, listing):
    sent(channel, shop.owner)
    mine = ChannelListing.objects.filter(pk=listing.pk)
    assert take_off(listings=mine).still_there == 1 and sent(channel, shop.owner).lines_count == 0
    set_status(listings=mine, ready=True)
    assert [sent(channel, shop.owner).lines_count for _n in range(2)] == [4, 0]
