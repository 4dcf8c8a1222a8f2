"""What becomes of each row, seen together with the other rows of its product."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from import_export.results import RowResult

from catalog.models import Product, Size
from catalog.services import ProductEntry, VariantEntry, listing_problems
from erp.exchange.models import ImportRow
from erp.exchange.products.columns import OF_PRODUCT, OF_SIZE, OF_VARIANT
from erp.exchange.products.listing import Listing, describe
from erp.exchange.products.text import plain
from erp.exchange.products.vocabulary import size_key

if TYPE_CHECKING:
    from erp.exchange.products.resource import ListingResource

Fate = ImportRow.Fate
Status = Product.Status


@dataclass(slots=True)
class Verdict:
    """What becomes of one row, and why. `entry` is the variant it saves, once its product is judged."""

    number: int
    fate: str
    changes: dict[str, list[Any]] = field(default_factory=dict)
    errors: list[dict[str, Any]] = field(default_factory=list)
    listing: Listing | None = None
    entry: VariantEntry | None = None
    product: ProductEntry | None = None

    def refuse(self, code: str, field: str | None, **params: Any) -> None:
        self.errors.append({"field": field, "code": code, "params": params})
        self.fate = Fate.ERROR

    @property
    def row(self) -> Listing:
        assert self.listing is not None
        return self.listing


def judge(resource: ListingResource, results: Sequence[RowResult]) -> list[Verdict]:
    """The verdict on every row, in the order of the rows."""
    numbers = resource.numbers
    verdicts = [_verdict(number, result) for number, result in zip(numbers, results, strict=True)]
    groups: defaultdict[Any, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        if not verdict.errors:
            row = verdict.row
            groups[row.product.pk if row.product else plain(row.style_number)].append(verdict)
    for group in groups.values():
        _judge_group(resource, group)
    entries = [entry for group in groups.values() if (entry := _entry_of(group))]
    for problem in listing_problems(brand=resource.brand, entries=entries):
        for verdict in _concerned(verdicts, problem.line, problem.field):
            verdict.refuse(problem.code, problem.field, message=str(problem.message))
    for group in groups.values():
        if any(verdict.errors for verdict in group):  # without the refused rows the others may lack something
            _judge_group(resource, group)
    if resource.expected is not None:
        _compare(verdicts, resource.expected)
    return verdicts


def _verdict(number: int, result: RowResult) -> Verdict:
    fates = {
        RowResult.IMPORT_TYPE_NEW: Fate.CREATE,
        RowResult.IMPORT_TYPE_UPDATE: Fate.CHANGE,
        RowResult.IMPORT_TYPE_SKIP: Fate.SKIP,
    }
    if result.validation_error is None:
        return Verdict(number, fates.get(result.import_type, Fate.ERROR), dict(result.diff or {}), [], result.instance)
    verdict = Verdict(number, Fate.ERROR)
    for name, errors in result.validation_error.error_dict.items():
        for error in errors:
            verdict.refuse(error.code, name, **(error.params or {}))
    return verdict


def _good(group: Sequence[Verdict]) -> list[Verdict]:
    return [verdict for verdict in group if not verdict.errors]


def _judge_group(resource: ListingResource, group: list[Verdict]) -> None:
    """Refuses rows that contradict each other, until those that are left make one product."""
    for check in (_repeated, _contradicting):
        check(_good(group))
    _find_sizes(resource, _good(group))
    while rows := _good(group):
        entry = _product_entry(resource, rows)
        lacks = missing(rows, entry)
        for verdict in rows:
            verdict.product = entry
            _check_stock(verdict, entry, lacks)
        if len(_good(group)) == len(rows):
            _tell_status(rows, entry)
            return


def _entry_of(group: Sequence[Verdict]) -> ProductEntry | None:
    return next((verdict.product for verdict in _good(group)), None)


def _repeated(rows: Sequence[Verdict]) -> None:
    """The same variant at the same place twice: nobody knows which of them is meant."""
    seen: dict[Any, Verdict] = {}
    for verdict in rows:
        row = verdict.row
        key = (_cell(row), row.location.pk if row.location and "stock" in row.given else None)
        first = seen.setdefault(key, verdict)
        if first is not verdict:
            verdict.refuse("row_twice", "size", row=first.number)
            if not first.errors:
                first.refuse("row_twice", "size", row=verdict.number)


def _cell(row: Listing) -> Any:
    return row.variant.pk if row.variant else (row.colour[0].pk, size_key(row.size))


def _contradicting(rows: Sequence[Verdict]) -> None:
    """Both rows are refused and each names the other."""
    firsts: dict[Any, Verdict] = {}
    for verdict in rows:
        of_product = [(name, "contradiction", name) for name in OF_PRODUCT]
        of_variant = [(name, "variant_contradiction", (name, _cell(verdict.row))) for name in OF_VARIANT]
        of_size = [(name, "size_contradiction", (name, size_key(verdict.row.size))) for name in OF_SIZE]
        for name, code, key in (*of_product, *of_variant, *of_size):
            if name not in verdict.row.given:
                continue
            first = firsts.setdefault(key, verdict)
            mine, other = getattr(verdict.row, name), getattr(first.row, name)
            if mine != other:
                verdict.refuse(code, name, row=first.number, value=_said(other), column=name)
                if not any(error["field"] == name for error in first.errors):
                    first.refuse(code, name, row=verdict.number, value=_said(mine), column=name)


def _said(value: Any) -> Any:
    return value if isinstance(value, str | bool | int | dict) else str(value)


def _find_sizes(resource: ListingResource, rows: Sequence[Verdict]) -> None:
    """New cells take their sizes from the product's size run; a new product's run is found by its sizes."""
    wanted = [verdict for verdict in rows if verdict.row.is_new]
    if not wanted:
        return
    vocabulary, product = resource.vocabulary, rows[0].row.product
    if product and product.size_run_id and resource.loader.of_product[product.pk]:
        runs = [product.size_run_id]
    else:
        slug = _first(rows, "category")
        usual = vocabulary.categories[slug].size_run_id if slug else None
        runs = sorted(vocabulary.runs, key=lambda pk: pk != usual)

    def fitting(run_id: int) -> int:
        return sum(vocabulary.size_in(run_id, verdict.row.size) is not None for verdict in wanted)

    best = max(runs, key=fitting, default=None)
    for verdict in wanted:
        verdict.row.found_size = vocabulary.size_in(best, verdict.row.size)
        if verdict.row.found_size is None:
            codes = [size.code for size in vocabulary.runs[best].sizes.all()] if best in vocabulary.runs else []
            verdict.refuse("unknown_size", "size", value=verdict.row.size, sizes=", ".join(codes))


def _first(rows: Sequence[Verdict], name: str) -> Any:
    """What the rows say of their product: the first that says anything, else what the product has."""
    given = (getattr(verdict.row, name) for verdict in rows if name in verdict.row.given)
    return next(given, getattr(rows[0].row, name))


def _product_entry(resource: ListingResource, rows: Sequence[Verdict]) -> ProductEntry:
    row = rows[0].row
    product = row.product or Product(
        brand=resource.brand, currency=resource.brand.currency, style_number=row.style_number
    )
    entry = ProductEntry(rows[0].number, product)
    now = Listing()
    if product.pk:
        describe(now, product)
    for name in OF_PRODUCT:
        if name != "status" and any(name in verdict.row.given for verdict in rows):
            value = _first(rows, name)
            if product.pk is None or value != getattr(now, name):
                entry.details[name] = _model_value(resource, name, value)
    cells: dict[Any, VariantEntry] = {}
    for verdict in rows:
        verdict.entry = cells.setdefault(_cell(verdict.row), _variant_entry(verdict))
        for name, attribute in (("sku", "sku"), ("barcode", "barcode"), ("for_sale", "is_active")):
            if name in verdict.row.given:
                setattr(verdict.entry, attribute, getattr(verdict.row, name))
    entry.variants = list(cells.values())
    entry.status = _status(rows, entry)
    return entry


def _variant_entry(verdict: Verdict) -> VariantEntry:
    row = verdict.row
    size = row.found_size
    assert isinstance(size, Size)
    return VariantEntry(verdict.number, row.colour[0], size, row.variant)


def _model_value(resource: ListingResource, name: str, value: Any) -> Any:
    terms: dict[str, Any] = {"category": resource.vocabulary.categories, "pattern": resource.vocabulary.patterns}
    return terms[name][value] if name in terms else value


def _status(rows: Sequence[Verdict], entry: ProductEntry) -> str | None:
    """As the rows say; else a new product is put on sale once it is complete, as is a draft that gets stock."""
    product = entry.product
    if any("status" in verdict.row.given for verdict in rows):
        wanted = _first(rows, "status")
        return None if product.pk and product.status == wanted else wanted
    if product.pk is None:
        return Status.DRAFT if missing(rows, entry) else Status.ACTIVE
    if product.status == Status.DRAFT and any(_adds_stock(verdict) for verdict in rows):
        return None if missing(rows, entry) else Status.ACTIVE
    return None


def missing(rows: Sequence[Verdict], entry: ProductEntry) -> list[str]:
    """The columns that a product on sale needs and this one lacks."""
    lacks = []
    if not (_first(rows, "name_ko") or _first(rows, "name_en")):
        lacks.append("name_ko")
    if not _first(rows, "category"):
        lacks.append("category")
    if not any(variant.sells for variant in entry.variants):
        lacks.append("for_sale")
    return lacks


def _adds_stock(verdict: Verdict) -> bool:
    row = verdict.row
    return "stock" in row.given and (row.stock or 0) > row.seen


def _check_stock(verdict: Verdict, entry: ProductEntry, lacks: list[str]) -> None:
    row = verdict.row
    if "stock" not in row.given or row.stock == row.seen:
        return
    if (row.stock or 0) < row.reserved:
        verdict.refuse("reserved", "stock", reserved=row.reserved)
    status = entry.status or entry.product.status
    if status == Status.DRAFT and _adds_stock(verdict):
        verdict.refuse("draft_stock" if lacks else "draft_wanted", "stock", missing=lacks)


def _tell_status(rows: Sequence[Verdict], entry: ProductEntry) -> None:
    """A change of status that follows from the rows shows on each of them."""
    if any("status" in verdict.row.given for verdict in rows):
        return
    before = entry.product.status if entry.product.pk else None
    for verdict in rows:
        verdict.changes.pop("status", None)
        if entry.status:
            verdict.changes["status"] = [before, str(entry.status)]
            verdict.fate = Fate.CHANGE if verdict.fate == Fate.SKIP else verdict.fate


def _concerned(verdicts: Sequence[Verdict], line: int | None, name: str | None) -> Iterator[Verdict]:
    """The rows that a problem of a service is about: the variant's; of a product, those that say it, else all."""
    variant = [v for v in verdicts if v.entry and v.entry.line == line and name in ("sku", "barcode", "colour")]
    if variant:
        yield from variant
        return
    product = [v for v in verdicts if v.product and v.product.line == line]
    yield from [v for v in product if v.listing and name in v.listing.given] or product


def _compare(verdicts: Sequence[Verdict], expected: Any) -> None:
    """What somebody changed since the dry run is told, not overwritten."""
    for verdict in verdicts:
        was = expected.get(verdict.number, {})
        for name, (before, after) in list(verdict.changes.items()):
            seen = was[name][0] if name in was else after
            if not verdict.errors and seen != before:
                now = "" if before is None else before
                verdict.refuse("changed_since", name, seen="" if seen is None else seen, now=now, column=name)
