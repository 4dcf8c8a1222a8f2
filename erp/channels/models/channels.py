"""A brand's account on a marketplace: its language, its prices, its share of the stock."""

from __future__ import annotations

import uuid
from decimal import Decimal

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, URLValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models import Brand
from catalog.models.brand import Currency
from catalog.querysets import BrandScopedQuerySet
from erp.core.models import Timestamped
from erp.inventory.models import Location


class Language(models.TextChoices):
    KOREAN = "ko", _("Korean")
    ENGLISH = "en", _("English")
    JAPANESE = "ja", _("Japanese")


class Channel(Timestamped):
    """Where a brand sells: one account on one marketplace.

    Prices are the product's times `price_factor` plus `price_plus`, rounded to multiples of `price_step`. What may be
    sold here is the available stock of `location` (every internal place, if blank), less `buffer`, times `share`.
    """

    class Kind(models.TextChoices):
        SHOPIFY = "shopify", _("Shopify")
        GOOGLE = "google", _("Google Merchant")
        SMARTSTORE = "smartstore", _("Naver Smartstore")
        CAFE24 = "cafe24", _("Cafe24")
        QOO10 = "qoo10_jp", _("Qoo10 Japan")
        SHOPEE = "shopee", _("Shopee")
        SHAKALAKA = "shakalaka", _("Shakalaka")
        GENERIC = "generic", _("A table of your own")

    class Rounding(models.TextChoices):
        NEAREST = "nearest", _("to the nearest")
        UP = "up", _("up")
        DOWN = "down", _("down")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    brand = models.ForeignKey(
        Brand, models.PROTECT, related_name="channels", verbose_name=_("brand"), db_index=False
    )  # the constraint begins with it
    kind = models.CharField(_("marketplace"), max_length=12, choices=Kind)
    name = models.CharField(_("name"), max_length=40)
    language = models.CharField(_("language"), max_length=2, choices=Language, default=Language.KOREAN)
    currency = models.CharField(_("currency"), max_length=3, choices=Currency, default=Currency.KRW)
    price_factor = models.DecimalField(
        _("price times"),
        max_digits=12,
        decimal_places=6,
        default=Decimal(1),
        validators=[MinValueValidator(Decimal("0.000001"))],
    )
    price_plus = models.DecimalField(_("price plus"), max_digits=12, decimal_places=2, default=Decimal(0))
    price_step = models.DecimalField(
        _("price in steps of"),
        max_digits=12,
        decimal_places=2,
        default=Decimal(1),
        validators=[MinValueValidator(Decimal("0.01"))],
    )
    rounding = models.CharField(_("rounded"), max_length=8, choices=Rounding, default=Rounding.UP)
    location = models.ForeignKey(
        Location, models.PROTECT, related_name="+", verbose_name=_("sells the stock of"), null=True, blank=True,
        help_text=_("Blank: of every place of your own."),
    )  # fmt: skip
    share = models.PositiveSmallIntegerField(
        _("share of the stock, %"), default=100, validators=[MaxValueValidator(100)]
    )
    buffer = models.PositiveIntegerField(_("pieces kept back"), default=0)
    attributes = models.JSONField(_("values of the marketplace's columns"), default=dict, blank=True)
    # No URLField: forms would complete an address that lacks its scheme, each in its own way.
    dialect = models.CharField(_("kind of file"), max_length=24, blank=True, help_text=_("Blank: the usual one."))
    shop_url = models.CharField(
        _("address of the shop"), max_length=200, blank=True, validators=[URLValidator(["http", "https"])]
    )
    is_active = models.BooleanField(_("in use"), default=True)

    objects = BrandScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("channel")
        verbose_name_plural = _("channels")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["brand", "name"],
                name="unique_channel_name_per_brand",
                violation_error_message=_("Another channel of this brand has this name."),
            ),
            models.CheckConstraint(condition=Q(price_factor__gt=0), name="channel_factor_positive"),
            models.CheckConstraint(condition=Q(price_step__gt=0), name="channel_step_positive"),
            models.CheckConstraint(condition=Q(share__lte=100), name="channel_share_within_all"),
        ]

    def __str__(self) -> str:
        return self.name


class Credential(Timestamped):
    """A secret of a channel, encrypted: a token of its API, the key its webhooks are signed with."""

    class Kind(models.TextChoices):
        TOKEN = "token", _("access token")
        WEBHOOK = "webhook", _("key of webhooks")

    channel = models.ForeignKey(
        Channel, models.CASCADE, related_name="credentials", verbose_name=_("channel"), db_index=False
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    sealed = models.BinaryField(editable=False)
    hint = models.CharField(_("its last signs"), max_length=8, blank=True)
    set_at = models.DateTimeField(_("entered"), default=timezone.now)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True, verbose_name=_("entered by")
    )

    class Meta:
        verbose_name = _("credential")
        verbose_name_plural = _("credentials")
        constraints = [models.UniqueConstraint(fields=["channel", "kind"], name="one_credential_per_channel_and_kind")]

    def __str__(self) -> str:
        return f"{self.channel}: {self.get_kind_display()}"


def template_path(template: FileTemplate, filename: str) -> str:
    return f"channels/{template.channel.brand_id}/{uuid.uuid4()}"


class FileTemplate(Timestamped):
    """A table that people designed themselves, or a marketplace's own form that they uploaded: used instead of ours.

    `columns` is what `formats.template` reads.
    """

    channel = models.OneToOneField(Channel, models.CASCADE, related_name="template", verbose_name=_("channel"))
    file_format = models.CharField(_("format"), max_length=4, default="csv")
    encoding = models.CharField(_("encoding"), max_length=12, default="utf-8-sig")
    rows = models.CharField(_("a line is"), max_length=20, default="variant")
    columns = models.JSONField(_("columns"), default=list)
    file = models.FileField(_("the marketplace's form"), upload_to=template_path, max_length=200, blank=True)

    class Meta:
        verbose_name = _("file template")
        verbose_name_plural = _("file templates")

    def __str__(self) -> str:
        return str(self.channel)
