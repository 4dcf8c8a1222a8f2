"""How counts, their lines and entries are written down."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from catalog.api.fields import shown_by
from erp.core.api.fields import RowIdField
from erp.counting.models import CountEntry, CountLine, StockCount
from erp.counting.services import MAX_ENTRIES
from erp.inventory.services import MAX_QUANTITY

DECISIONS = [
    ("carry", _("The difference stands")),
    ("wait", _("Waits for a decision")),
    ("recount", _("Count again")),
    ("zero", _("Nothing uncounted is there")),
]
GIVEN_KINDS = [choice for choice in CountEntry.Kind.choices if choice[0] != CountEntry.Kind.UNDO]


class CountSerializer(serializers.ModelSerializer):
    id = serializers.UUIDField(source="public_id", read_only=True)
    brand = shown_by()
    location = shown_by("code")
    category = shown_by()
    created_by = shown_by("username")
    posting = shown_by("public_id")
    lines = serializers.IntegerField(source="total", read_only=True, help_text="How many variants it has.")
    counted = serializers.IntegerField(source="done", read_only=True, help_text="How many of them are counted.")
    pieces = serializers.IntegerField(read_only=True, help_text="Pieces counted so far.")

    class Meta:
        model = StockCount
        fields = [
            "id", "brand", "location", "title", "scope", "category", "blind", "state", "revision", "lines", "counted",
            "pieces", "created_by", "started_at", "posted_at", "posting",
        ]  # fmt: skip
        read_only_fields = fields


class CountLineSerializer(serializers.ModelSerializer):
    """`seen` and `difference` are null where the count is blind and the person may not look yet."""

    product = serializers.IntegerField(source="variant.product_id", read_only=True)
    sku = serializers.CharField(source="variant.sku", read_only=True)
    barcode = serializers.CharField(source="variant.barcode", read_only=True)
    counted_by = shown_by("username")
    seen = serializers.SerializerMethodField(help_text="What the book said when it was counted.")
    difference = serializers.SerializerMethodField(help_text="Counted less seen.")

    class Meta:
        model = CountLine
        fields = [
            "id", "product", "variant", "sku", "barcode", "counted", "seen", "difference", "counted_at", "counted_by",
            "carry",
        ]  # fmt: skip
        read_only_fields = fields

    def get_seen(self, line: CountLine) -> int | None:
        return line.seen if self.context.get("shows_book") else None

    def get_difference(self, line: CountLine) -> int | None:
        return line.difference if self.context.get("shows_book") else None


class NewCountSerializer(serializers.Serializer):
    brand = serializers.SlugField(max_length=40)
    id = serializers.UUIDField(required=False, help_text="Made by the client: the same id again is the same count.")
    location = serializers.CharField(max_length=20, help_text="The code of the place.")
    scope = serializers.ChoiceField(choices=StockCount.Scope.choices)
    category = serializers.SlugField(required=False, help_text="With the scope `category`.")
    variants = serializers.ListField(
        child=RowIdField(), required=False, max_length=20_000,
        help_text="Ids, with the scopes `chosen` and `cycle`.",
    )  # fmt: skip
    title = serializers.CharField(required=False, allow_blank=True, max_length=80)
    blind = serializers.BooleanField(required=False)


class CountEntrySerializer(serializers.Serializer):
    """Documents an entry; `entries.read_entries` reads it. Give one of `variant`, `sku` and `barcode`."""

    id = serializers.UUIDField(help_text="Made by the device, a new one for each scan: sent again it counts once.")
    variant = RowIdField(required=False)
    sku = serializers.CharField(required=False, max_length=80)
    barcode = serializers.CharField(required=False, max_length=48)
    kind = serializers.ChoiceField(
        choices=GIVEN_KINDS, required=False, help_text="`add` (the default) so many more, `set` so many in all, "
        "`clear` not counted yet.",
    )  # fmt: skip
    quantity = serializers.IntegerField(required=False, min_value=0, max_value=MAX_QUANTITY, help_text="Left out: 1.")
    was = serializers.IntegerField(
        required=False, allow_null=True, help_text="With `set`: refused unless the line still says this number."
    )


class CountEntriesSerializer(serializers.Serializer):
    device = serializers.CharField(required=False, allow_blank=True, max_length=40)
    entries = serializers.ListField(child=CountEntrySerializer(), allow_empty=False, max_length=MAX_ENTRIES)


class CountAddedLineSerializer(serializers.Serializer):
    variant = serializers.IntegerField()
    counted = serializers.IntegerField(allow_null=True)


class CountAddedSerializer(serializers.Serializer):
    lines = CountAddedLineSerializer(many=True, help_text="What the lines of these entries say now.")
    repeated = serializers.ListField(child=serializers.UUIDField(), help_text="Entries that had been counted before.")


class CountUndoSerializer(serializers.Serializer):
    entry = serializers.UUIDField(help_text="The id of an own entry that added.")


class CountDecisionSerializer(serializers.Serializer):
    what = serializers.ChoiceField(
        choices=DECISIONS,
        help_text="`zero` is about all lines that nobody counted; the others about `lines`.",
    )
    lines = serializers.ListField(
        child=RowIdField(), required=False, max_length=20_000,
        help_text="Ids of lines.",
    )  # fmt: skip


class PostCountSerializer(serializers.Serializer):
    revision = serializers.IntegerField(min_value=0, help_text="The `revision` of the review that was looked at.")
    carry_all = serializers.BooleanField(
        required=False, help_text="Every difference stands, whatever moved since it was counted."
    )
    leave_uncounted = serializers.BooleanField(required=False, help_text="What nobody counted stays as it is.")
    note = serializers.CharField(required=False, allow_blank=True, max_length=200)


class CountTotalsSerializer(serializers.Serializer):
    lines = serializers.IntegerField()
    counted = serializers.IntegerField()
    uncounted = serializers.IntegerField()
    differing = serializers.IntegerField()
    plus = serializers.IntegerField(help_text="Pieces found too many.")
    minus = serializers.IntegerField(help_text="Pieces missing.")
    plus_value = serializers.DecimalField(max_digits=24, decimal_places=2, help_text="At average cost.")
    minus_value = serializers.DecimalField(max_digits=24, decimal_places=2)
    value = serializers.DecimalField(max_digits=24, decimal_places=2)
    unvalued = serializers.IntegerField(help_text="Differences without a known cost.")


class CountTroubleSerializer(serializers.Serializer):
    line = serializers.IntegerField(source="pk", help_text="The id of the line.")
    variant = serializers.IntegerField(source="variant_id")
    code = serializers.CharField(source="trouble", help_text="`moved`, `below_reserved` or `below_zero`.")
    counted = serializers.IntegerField()
    seen = serializers.IntegerField()
    now = serializers.IntegerField(help_text="In the book now.")
    reserved = serializers.IntegerField()


class CountReviewSerializer(serializers.Serializer):
    revision = serializers.IntegerField()
    totals = CountTotalsSerializer()
    trouble = CountTroubleSerializer(many=True, help_text="What must be decided before it can be posted.")


class CountProposalSerializer(serializers.Serializer):
    variant = serializers.IntegerField()
    sku = serializers.CharField()
    group = serializers.CharField(help_text="A, B or C by its share of the turnover.")
    every_days = serializers.IntegerField(help_text="How often its class is counted.")
    shipped = serializers.IntegerField(help_text="Pieces in the last 90 days.")
    counted_at = serializers.DateTimeField(allow_null=True)
