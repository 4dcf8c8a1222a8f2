"""Numbers come in, from several people, and each counts once."""

from __future__ import annotations

from uuid import uuid4

import pytest

from erp.core.errors import DomainError
from erp.counting.models import CountEntry, CountLine
from erp.counting.services import Entry, add_entries, cancel_count, undo_entry
from tests.counting.conftest import Counted, start
from tests.factories import ProductFactory, VariantFactory


def refused(counted: Counted, *entries: Entry) -> DomainError:
    before = list(CountEntry.objects.values_list("pk")), list(CountLine.objects.values())
    with pytest.raises(DomainError) as caught:
        add_entries(count=counted.count, actor=counted.shop.clerk, entries=entries)
    assert (list(CountEntry.objects.values_list("pk")), list(CountLine.objects.values())) == before
    return caught.value


def test_a_full_count_has_a_line_for_what_the_book_says_is_there(counted: Counted) -> None:
    lines = list(counted.count.lines.values_list("variant_id", "counted"))
    assert lines == [(v.pk, None) for v in counted.shop.variants[:3]]
    assert counted.count.title.startswith("전체")


def test_scans_add_up_and_keep_what_the_book_said_first(counted: Counted) -> None:
    counted.scan(0)
    counted.sell(0, 2)
    counted.scan(0, 3)
    line = counted.line(0)
    assert (line.counted, line.seen, line.counted_by) == (4, 10, counted.shop.clerk)


def test_a_typed_number_is_the_whole_and_looks_at_the_book_anew(counted: Counted) -> None:
    counted.scan(0, 7)
    counted.sell(0, 2)
    counted.type(0, 8)
    line = counted.line(0)
    assert (line.counted, line.seen) == (8, 8)


def test_entries_of_one_request_apply_in_their_order(counted: Counted) -> None:
    pk = counted.variant(0).pk
    entries = [Entry(pk, 5), Entry(pk, 2, "set"), Entry(pk, 1), Entry(counted.variant(1).pk, 0, "clear"), Entry(pk, 1)]
    added = add_entries(count=counted.count, actor=counted.shop.clerk, entries=entries)
    assert added.counted == {pk: 4, counted.variant(1).pk: None}
    assert list(CountEntry.objects.order_by("pk").values_list("kind", flat=True)) == [
        "add", "set", "add", "clear", "add",
    ]  # fmt: skip


def test_the_same_entry_counts_once(counted: Counted) -> None:
    entry = Entry(counted.variant(0).pk, 1, public_id=uuid4())
    for times in (1, 2, 3):
        added = add_entries(count=counted.count, actor=counted.shop.clerk, entries=[entry] * times)
    assert added.repeated == {entry.public_id}
    assert (counted.line(0).counted, CountEntry.objects.count()) == (1, 1)


def test_every_wrong_entry_is_named(counted: Counted) -> None:
    draft = VariantFactory(product=ProductFactory(brand=counted.shop.brand))
    error = refused(
        counted,
        Entry(counted.variant(0).pk, 1),
        Entry(counted.variant(0).pk, 0),
        Entry(VariantFactory().pk, 1),
        Entry(draft.pk, 1),
        Entry(counted.variant(1).pk, 1_000_001, "set"),
        Entry(counted.variant(1).pk, 1, "undo"),
        Entry("x", 1),  # type: ignore[arg-type]
    )
    assert error.code == "entries_refused"
    assert [(p.line, p.code) for p in error.problems] == [
        (2, "invalid_quantity"),
        (3, "unknown_variant"),
        (4, "draft_product"),
        (5, "invalid_quantity"),
        (6, "unknown_kind"),
        (7, "unknown_variant"),
    ]


def test_a_line_takes_no_more_than_a_posting_can(counted: Counted) -> None:
    counted.type(0, 1_000_000)
    assert refused(counted, Entry(counted.variant(0).pk, 1)).code == "too_many"


def test_what_the_book_did_not_expect_gets_a_line_in_a_full_count(counted: Counted) -> None:
    counted.scan(3)
    assert (counted.line(3).counted, counted.line(3).seen) == (1, 0)


def test_other_counts_take_only_what_they_cover(counted: Counted) -> None:
    shop = counted.shop
    other = VariantFactory(product=ProductFactory(brand=shop.brand, status="active"))
    counted.count = start(shop, scope="chosen", variants=[shop.variants[0].pk])
    counted.scan(3)  # another size of a product that is counted
    assert refused(counted, Entry(other.pk, 1)).code == "not_in_count"


def test_a_number_typed_over_what_another_counted_is_refused(counted: Counted) -> None:
    counted.scan(0, 2)
    error = refused(counted, Entry(counted.variant(0).pk, 5, "set", was=None))
    assert [(p.line, p.code) for p in error.problems] == [(1, "counted_meanwhile")]
    assert "2" in error.problems[0].message
    counted.type(0, 5, was=2)
    assert counted.line(0).counted == 5


def test_the_last_scan_is_taken_back_once(counted: Counted) -> None:
    counted.scan(0)
    entry = counted.entry(counted.scan(0, 2))
    for _time in range(2):
        undo_entry(count=counted.count, actor=counted.shop.clerk, entry=entry)
    assert counted.line(0).counted == 1
    assert CountEntry.objects.filter(kind="undo").count() == 1


def test_with_its_only_scan_taken_back_a_line_is_not_counted(counted: Counted) -> None:
    entry = counted.entry(counted.scan(0))
    undo_entry(count=counted.count, actor=counted.shop.clerk, entry=entry)
    line = counted.line(0)
    assert (line.counted, line.seen, line.counted_by) == (None, None, None)


def test_what_was_typed_over_or_scanned_by_another_stays(counted: Counted) -> None:
    scanned, typed = counted.entry(counted.scan(0)), counted.entry(counted.type(0, 9))
    later = counted.entry(counted.scan(0))
    for entry, actor in ((scanned, "clerk"), (typed, "clerk"), (later, "owner")):
        with pytest.raises(DomainError) as caught:
            undo_entry(count=counted.count, actor=getattr(counted.shop, actor), entry=entry)
        assert caught.value.code == "cannot_undo"
    assert counted.line(0).counted == 10


def test_nothing_is_counted_in_a_review_or_after_the_end(counted: Counted) -> None:
    counted.scan(0)
    counted.review()
    assert refused(counted, Entry(counted.variant(0).pk, 1)).code == "count_state"
    cancel_count(count=counted.count)
    assert refused(counted, Entry(counted.variant(0).pk, 1)).code == "count_state"


def test_a_count_needs_something_to_count(counted: Counted) -> None:
    shop = counted.shop
    wrong = [
        ({"scope": "category"}, [("category", "required")]),
        ({"scope": "chosen"}, [("variants", "required")]),
        ({"scope": "chosen", "variants": [VariantFactory().pk]}, [("variants", "required")]),
        ({"scope": "some", "title": "x" * 81}, [("scope", "unknown_scope"), ("title", "too_long")]),
        ({"location": shop.brand.locations.get(kind="supplier")}, [("location", "unknown_location")]),
    ]
    for words, problems in wrong:
        with pytest.raises(DomainError) as caught:
            start(shop, **words)
        assert [(p.field, p.code) for p in caught.value.problems] == problems


def test_the_same_press_starts_one_count(counted: Counted) -> None:
    key = uuid4()
    assert start(counted.shop, public_id=key).pk == start(counted.shop, public_id=key).pk
    with pytest.raises(DomainError) as caught:
        start(counted.shop, public_id=key, location=counted.shop.defect)
    assert caught.value.status == 409
