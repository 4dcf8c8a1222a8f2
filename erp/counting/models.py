"""Counts of the stock: which variants, what was counted of each, and every number that somebody gave."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models import Brand, Category, Variant
from erp.counting.querysets import CountEntryQuerySet, CountLineQuerySet, CountQuerySet
from erp.inventory.models import Location, Posting


class StockCount(models.Model):
    """One count of one place. Selling goes on meanwhile: each line keeps what the book said when it was counted.

    `revision` grows with each review, so that nobody posts what another has changed since they looked.
    """

    class Scope(models.TextChoices):
        FULL = "full", _("Everything")
        CATEGORY = "category", _("One category")
        CYCLE = "cycle", _("Today's proposals")
        CHOSEN = "chosen", _("Chosen products")

    class State(models.TextChoices):
        OPEN = "open", _("Counting")
        REVIEWING = "reviewing", _("In review")
        POSTED = "posted", _("Posted")
        CANCELLED = "cancelled", _("Cancelled")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    brand = models.ForeignKey(
        Brand, models.PROTECT, related_name="stock_counts", verbose_name=_("brand"), db_index=False
    )  # the indexes below begin with it
    location = models.ForeignKey(Location, models.PROTECT, related_name="stock_counts", verbose_name=_("place"))
    title = models.CharField(_("title"), max_length=80)
    scope = models.CharField(_("what is counted"), max_length=10, choices=Scope)
    category = models.ForeignKey(
        Category, models.PROTECT, related_name="+", verbose_name=_("category"), null=True, blank=True
    )
    blind = models.BooleanField(
        _("blind"), default=False, help_text=_("Who counts does not see what the book says until the review.")
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    revision = models.PositiveIntegerField(_("review"), default=0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("started by"), db_index=False
    )
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    posted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("posted by"), null=True, blank=True,
        db_index=False,
    )  # fmt: skip
    posted_at = models.DateTimeField(_("posted"), null=True, blank=True)
    posting = models.OneToOneField(
        Posting, models.PROTECT, related_name="stock_count", verbose_name=_("posting"), null=True, blank=True,
        help_text=_("Blank where the book agreed with every line."),
    )  # fmt: skip
    posting_key = models.CharField(_("idempotency key"), max_length=80, blank=True)
    # What was found, as it stood when it was posted: costs change later. See `review.Totals`.
    totals = models.JSONField(_("totals"), default=dict, blank=True)

    # Set on the answer to a posting that was asked for before with the same key: nothing new was written.
    replayed = False

    objects = CountQuerySet.as_manager()

    class Meta:
        verbose_name = _("stock count")
        verbose_name_plural = _("stock counts")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="posted", posted_at__isnull=False) | ~Q(state="posted") & Q(posted_at__isnull=True),
                name="posted_count_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(scope="category", category__isnull=False) | ~Q(scope="category") & Q(category__isnull=True),
                name="category_of_a_category_count",
            ),
        ]
        indexes = [models.Index(fields=["brand", "state", "-id"], name="count_state")]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def is_over(self) -> bool:
        return self.state in (self.State.POSTED, self.State.CANCELLED)


class CountLine(models.Model):
    """One variant of a count. `counted` is null until somebody counted it; a 0 was counted.

    `seen` is what the book said when the first piece was scanned, or when the whole number was last typed.
    With `carry` the reviewer let the difference stand although stock moved since.
    """

    count = models.ForeignKey(
        StockCount, models.CASCADE, related_name="lines", verbose_name=_("count"), db_index=False
    )  # the unique constraint begins with it
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="count_lines", verbose_name=_("variant"))
    counted = models.PositiveIntegerField(_("counted"), null=True, blank=True)
    seen = models.PositiveIntegerField(_("in the book then"), null=True, blank=True)
    counted_at = models.DateTimeField(_("counted at"), null=True, blank=True)
    counted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("counted by"), null=True, blank=True,
        db_index=False,
    )  # fmt: skip
    carry = models.BooleanField(_("difference stands"), default=False)

    objects = CountLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("line of a count")
        verbose_name_plural = _("lines of counts")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["count", "variant"], name="one_line_per_variant_and_count"),
            models.CheckConstraint(
                condition=Q(counted__isnull=True, seen__isnull=True) | Q(counted__isnull=False, seen__isnull=False),
                name="counted_beside_what_was_seen",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variant_id}: {self.counted}"

    @property
    def difference(self) -> int | None:
        """Pieces found (above 0) or missing (below 0)."""
        return None if self.counted is None or self.seen is None else self.counted - self.seen


class CountEntry(models.Model):
    """One number that somebody gave, in order. Append-only, so that it can be seen who counted what.

    `public_id` is made by the device: the same one sent again counts once.
    """

    class Kind(models.TextChoices):
        ADD = "add", _("Scanned")  # so many more
        SET = "set", _("Typed")  # so many in all
        UNDO = "undo", _("Undone")  # takes back one that added
        CLEAR = "clear", _("To count again")  # as if it had not been counted yet

    count = models.ForeignKey(
        StockCount, models.CASCADE, related_name="entries", verbose_name=_("count"), db_index=False
    )  # the unique constraint begins with it
    line = models.ForeignKey(CountLine, models.CASCADE, related_name="entries", verbose_name=_("line"))
    public_id = models.UUIDField(default=uuid.uuid4)
    kind = models.CharField(_("kind"), max_length=5, choices=Kind)
    quantity = models.PositiveIntegerField(_("pieces"))
    undoes = models.OneToOneField(
        "self", models.CASCADE, related_name="undone_by", verbose_name=_("takes back"), null=True, blank=True
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"), db_index=False
    )
    device = models.CharField(_("device"), max_length=40, blank=True)
    recorded_at = models.DateTimeField(_("recorded"), default=timezone.now)

    objects = CountEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("entry of a count")
        verbose_name_plural = _("entries of counts")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["count", "public_id"], name="unique_entry_id_per_count"),
            models.CheckConstraint(
                condition=Q(kind="undo", undoes__isnull=False) | ~Q(kind="undo") & Q(undoes__isnull=True),
                name="undo_names_what_it_undoes",
            ),
        ]
        indexes = [models.Index(fields=["count", "-id"], name="count_entry_latest")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.quantity}"
