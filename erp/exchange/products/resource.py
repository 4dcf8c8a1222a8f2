"""The table of products as a resource of django-import-export: fields, widgets, and what is done with many rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from import_export.fields import Field
from import_export.resources import Diff, Resource
from tablib import Dataset

from catalog.models import Brand
from erp.core.models import User
from erp.exchange.products.columns import COLUMNS, COMPARED, LABELS, OF_PRODUCT
from erp.exchange.products.judging import Verdict, judge
from erp.exchange.products.listing import Listing
from erp.exchange.products.loading import ListingLoader
from erp.exchange.products.saving import save
from erp.exchange.products.text import plain
from erp.exchange.products.vocabulary import Vocabulary, size_key
from erp.exchange.products.widgets import (
    BarcodeWidget,
    ChoiceWidget,
    CodeWidget,
    ColourWidget,
    FlagWidget,
    MeasuresWidget,
    PlaceWidget,
    PriceWidget,
    QuantityWidget,
    Refused,
    TermWidget,
    TextWidget,
)
from erp.inventory.models import Location


class Column(Field):
    """A column by its key. A blank cell leaves the listing as it is."""

    def __init__(self, name: str, widget: Any) -> None:
        super().__init__(attribute=name, column_name=name, widget=widget)

    def save(self, instance: Listing, row: Any, is_m2m: bool = False, **kwargs: Any) -> None:
        value = self.clean(row, **kwargs)
        if value is not None:
            instance.given |= {self.attribute}
            self.take(instance, value)

    def take(self, instance: Listing, value: Any) -> None:
        setattr(instance, self.attribute, value)


class Identity(Column):
    """A column that names the row. What was found by its SKU or barcode keeps its own, and must agree."""

    def take(self, instance: Listing, value: Any) -> None:
        variant = instance.variant
        if variant is None:
            if self.attribute != "style_number" or not instance.style_number:
                super().take(instance, value)
            return
        same = {
            "style_number": lambda: plain(variant.product.style_number) == value,
            "colour": lambda: variant.colour in value,
            "size": lambda: size_key(variant.size.code) == size_key(value),
            "location": lambda: True,  # the loader has put it there
        }
        if not same[self.attribute]():
            names = {"style": variant.product.style_number, "colour": variant.colour.name, "size": variant.size.code}
            raise Refused("elsewhere", **names)


class Changes(Diff):
    """What a row changes: column -> [before, after], `before` None where nothing was there."""

    def __init__(self, resource: ListingResource, instance: Listing, new: bool) -> None:
        self.new = new
        self.resource = resource
        self.left = instance

    def compare_with(self, resource: ListingResource, instance: Listing) -> None:
        self.right = instance

    def as_html(self) -> dict[str, list[Any]]:
        """In place of the HTML that the library would draw: values, worded when they are shown."""
        found = {}
        for name in COMPARED:
            before, after = getattr(self.left, name), getattr(self.right, name)
            if after != before and name in self.right.given:
                there = not self.new or (name in OF_PRODUCT and self.left.product is not None)
                found[name] = [stored(before) if there else None, stored(after)]
        return found


def stored(value: Any) -> Any:
    """A value as JSON keeps it; 12000.00 and 12000 are one price."""
    return value if value is None or isinstance(value, str | bool | int | dict) else PriceWidget().render(value)


class ListingResource(Resource):
    """Rows are variants at places. New and changed rows are saved together, by the bulk services of catalog and ledger.

    `locks`: rows that are found stay locked, as they are about to be changed. `expected` are the changes that a dry run
    showed, by row number: what would change otherwise now is an error.
    """

    class Meta:
        instance_loader_class = ListingLoader
        skip_unchanged = True
        store_instance = True
        use_bulk = True
        batch_size = None  # one batch: the rows of a product are judged and saved together
        import_order = COLUMNS
        export_order = COLUMNS

    def __init__(
        self,
        *,
        brand: Brand,
        actor: User | None = None,
        location: Location | None = None,
        vocabulary: Vocabulary | None = None,
        locks: bool = False,
        expected: Mapping[int, dict[str, Any]] | None = None,
        key: str = "",
        reference: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.brand, self.actor, self.location = brand, actor, location
        self.vocabulary = vocabulary or Vocabulary(brand)
        self.locks, self.expected, self.key, self.reference = locks, expected, key, reference
        self.numbers: list[int] = []
        self.verdicts: list[Verdict] = []
        self.fields = _fields(self.vocabulary)
        self._ordered = [self.fields[name] for name in COLUMNS]

    @classmethod
    def get_diff_class(cls) -> type[Diff]:
        return Changes

    def get_import_fields(self) -> list[Field]:
        return self._ordered

    def get_export_fields(self, selected_fields: Iterable[str] | None = None) -> list[Field]:
        return self._ordered

    def get_export_headers(self, selected_fields: Iterable[str] | None = None) -> list[str]:
        return [str(LABELS[name]) for name in COLUMNS]

    def run(self, rows: Sequence[Mapping[str, Any]], *, dry_run: bool) -> list[Verdict]:
        """What becomes of these rows, each with its `number` and the columns it has; saved unless it is a dry run.

        Raises RowsRefused where a service refused rows that looked good, as something changed at this very moment.
        """
        headers = ["number", *(name for name in COLUMNS if any(name in row for row in rows))]
        self.numbers = [row["number"] for row in rows]
        dataset = Dataset(*[[row.get(name, "") for name in headers] for row in rows], headers=headers)
        # Not `import_data`: that would hold a transaction, and SQLite's only write lock, through a dry run.
        result = self.import_data_inner(dataset, dry_run, False, False, False)
        for each in [*result.base_errors, *(error for row in result.error_rows for error in row.errors)]:
            raise each.error
        return self.verdicts

    def get_instance(self, instance_loader: ListingLoader, row: Any) -> Listing | None:
        self.loader = instance_loader
        return instance_loader.get_instance(row)

    def init_instance(self, row: Any = None) -> Listing:
        return self.loader.fresh(row)

    def import_instance(self, instance: Listing, row: Any, **kwargs: Any) -> None:
        """All that is wrong with the cells of a row, each with its code; the library would keep the words only."""
        instance.number = row["number"]
        errors = {}
        for field in self._ordered:
            try:
                self.import_field(field, instance, row, **kwargs)
            except Refused as error:
                errors[field.attribute] = ValidationError(error.code, error.code, error.params)
        if errors:
            raise ValidationError(errors)

    def validate_instance(
        self, instance: Listing, import_validation_errors: Any = None, validate_unique: bool = True
    ) -> None:
        """Besides the cells: does the row say which variant it is, and where its stock lies?"""
        errors = dict(import_validation_errors or {})
        if instance.is_new:
            for name in ("style_number", "colour", "size"):
                if name not in errors and not getattr(instance, name):
                    errors[name] = ValidationError(f"missing_{name}", f"missing_{name}")
        if "stock" in instance.given and instance.location is None and "location" not in errors:
            errors["location"] = ValidationError("missing_place", "missing_place")
        super().validate_instance(instance, errors, validate_unique)

    def bulk_create(
        self, using_transactions: bool, dry_run: bool, raise_errors: bool, batch_size: Any = None, result: Any = None
    ) -> None:
        """After the last row: rows are judged against each other, and new and changed ones saved together."""
        self.create_instances.clear()
        self.update_instances.clear()
        self.verdicts = judge(self, result.rows)
        if not dry_run:
            save(self, self.verdicts)


def _fields(vocabulary: Vocabulary) -> dict[str, Field]:
    texts = {"name_ko": 120, "name_en": 120, "material": 200, "care": 200}
    widgets: dict[str, Any] = {name: TextWidget(longest) for name, longest in texts.items()} | {
        "category": TermWidget("category", vocabulary),
        "pattern": TermWidget("pattern", vocabulary),
        "season": ChoiceWidget("season", vocabulary),
        "gender": ChoiceWidget("gender", vocabulary),
        "status": ChoiceWidget("status", vocabulary),
        "price": PriceWidget(),
        "sku": CodeWidget(80),
        "barcode": BarcodeWidget(48),
        "for_sale": FlagWidget(),
        "measures": MeasuresWidget(),
        "stock": QuantityWidget(),
    }
    naming: dict[str, Any] = {
        "style_number": TextWidget(40),
        "colour": ColourWidget(vocabulary),
        "size": TextWidget(12),
        "location": PlaceWidget(vocabulary),
    }
    columns: dict[str, Field] = {name: Identity(name, widget) for name, widget in naming.items()}
    return columns | {name: Column(name, widget) for name, widget in widgets.items()}
