"""What proves the ledger: checks of it, the seals of its days, and the periods that are closed."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models import Brand
from catalog.querysets import BrandScopedQuerySet


class LedgerCheck(models.Model):
    """One proof of the ledger, asked for by a person or made at night, with every difference it found."""

    brand = models.ForeignKey(
        Brand, models.CASCADE, related_name="+", verbose_name=_("brand"), null=True, blank=True,
        help_text=_("Blank: every brand."),
    )  # fmt: skip
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", verbose_name=_("asked by"), null=True, blank=True
    )
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    differences = models.JSONField(_("differences"), default=list, blank=True)

    objects = BrandScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("check of the ledger")
        verbose_name_plural = _("checks of the ledger")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.brand or '*'} {self.started_at:%Y-%m-%d %H:%M}"


class DaySeal(models.Model):
    """A hash over what a brand recorded in one business day, chained to the seal of the day before. Append-only.

    It covers what was recorded from `starts_at` on and before `ends_at`: a brand may later let its days end at another
    hour. Days without movements are sealed as well, so that nothing can be slipped into one; the first seal covers all
    that was recorded before it. `hash` is over the canonical form of the day's rows and the hash of the day before.
    """

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="seals", verbose_name=_("brand"), db_index=False)
    day = models.DateField(_("day"))
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    movements = models.PositiveIntegerField(_("movements"))
    previous = models.CharField(_("hash of the day before"), max_length=64, blank=True)
    hash = models.CharField(_("hash"), max_length=64)
    sealed_at = models.DateTimeField(_("sealed"), default=timezone.now)

    objects = BrandScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("seal of a day")
        verbose_name_plural = _("seals of days")
        ordering = ["-day", "-id"]
        constraints = [models.UniqueConstraint(fields=["brand", "day"], name="one_seal_per_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.hash[:12]}"


class PeriodClose(models.Model):
    """Up to `through` the books are closed: nothing more is said to have happened then.

    The latest row of a brand holds; null opens all of it again. Append-only.
    """

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="closes", verbose_name=_("brand"), db_index=False)
    through = models.DateField(_("closed through"), null=True, blank=True)  # business day
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    recorded_at = models.DateTimeField(_("recorded"), default=timezone.now)

    objects = BrandScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("closed period")
        verbose_name_plural = _("closed periods")
        ordering = ["-id"]
        indexes = [models.Index(fields=["brand", "-id"], name="period_close_brand")]

    def __str__(self) -> str:
        return f"{self.through}"
