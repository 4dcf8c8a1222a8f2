"""What a brand lists: designs, their variants and their photos."""

import uuid
from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from catalog.measuring import MOST_CM, point_choices
from catalog.models.brand import Brand, Currency
from catalog.models.taxonomy import Category, Colour, Pattern, Size, SizeRun
from catalog.querysets import ProductQuerySet, ThroughProductQuerySet, VariantQuerySet
from catalog.skus import SkuField
from catalog.validators import validate_barcode, validate_hex
from erp.core.models import Timestamped
from erp.core.money import decimals_of


class Product(Timestamped):
    """One design, in several colours and sizes. Names may be blank while it is a draft."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        ACTIVE = "active", _("Active")
        ARCHIVED = "archived", _("Archived")

    class Season(models.TextChoices):
        ALL = "all", _("All seasons")
        SPRING = "spring", _("Spring")
        SUMMER = "summer", _("Summer")
        AUTUMN = "autumn", _("Autumn")
        WINTER = "winter", _("Winter")

    class Gender(models.TextChoices):
        UNISEX = "unisex", _("Unisex")
        WOMEN = "women", _("Women")
        MEN = "men", _("Men")
        KIDS = "kids", _("Kids")

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="products", verbose_name=_("brand"))
    style_number = models.CharField(_("style number"), max_length=40)
    name_ko = models.CharField(_("Korean name"), max_length=120, blank=True)
    name_en = models.CharField(_("English name"), max_length=120, blank=True)
    category = models.ForeignKey(
        Category, models.PROTECT, related_name="products", verbose_name=_("category"), null=True, blank=True
    )
    pattern = models.ForeignKey(
        Pattern, models.PROTECT, related_name="products", verbose_name=_("pattern"), null=True, blank=True
    )
    size_run = models.ForeignKey(
        SizeRun, models.PROTECT, related_name="products", verbose_name=_("size run"), null=True, blank=True
    )
    season = models.CharField(_("season"), max_length=10, choices=Season, default=Season.ALL)
    gender = models.CharField(_("gender"), max_length=10, choices=Gender, default=Gender.UNISEX)
    material = models.CharField(_("material"), max_length=200, blank=True)
    care = models.CharField(_("care"), max_length=200, blank=True)
    price = models.DecimalField(
        _("price"), max_digits=12, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(Decimal(0))]
    )
    currency = models.CharField(_("currency"), max_length=3, choices=Currency, default=Currency.KRW)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True, blank=True, verbose_name=_("created by")
    )

    objects = ProductQuerySet.as_manager()

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["brand", "status", "-id"], name="product_brand_status"),
            models.Index(fields=["brand", "updated_at", "id"], name="product_brand_updated"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["brand", "style_number"],
                name="unique_style_number_per_brand",
                violation_error_message=_("Another product of this brand already has this style number."),
            ),
            models.CheckConstraint(condition=Q(price__isnull=True) | Q(price__gte=0), name="price_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.style_number} {self.name}".strip()

    def clean(self) -> None:
        problems = {}
        # `clean` also runs after a field failed: then the price is whatever was typed.
        price = self.price if isinstance(self.price, Decimal) and self.price.is_finite() else Decimal(0)
        if price != round(price, decimals_of(self.currency)):
            problems["price"] = ValidationError(
                _("Prices in %(currency)s have no decimals."), "price_decimals", {"currency": self.currency}
            )
        if self.brand_id and self.size_run and not self.size_run.usable_by(self.brand):
            problems["size_run"] = ValidationError(_("This size run belongs to another brand."), "other_brand")
        if problems:
            raise ValidationError(problems)

    @property
    def name(self) -> str:
        first, second = (self.name_en, self.name_ko) if get_language() == "en" else (self.name_ko, self.name_en)
        return first or second


class ProductColour(models.Model):
    """A colour the design comes in; `hex` is measured from the garment where a photo shows it."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="product_colours", verbose_name=_("product"))
    colour = models.ForeignKey(Colour, models.PROTECT, related_name="+", verbose_name=_("colour"))
    hex = models.CharField(_("hex"), max_length=7, validators=[validate_hex], blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    objects = ThroughProductQuerySet.as_manager()

    class Meta:
        verbose_name = _("colour of a product")
        verbose_name_plural = _("colours of products")
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["product", "colour"], name="unique_colour_per_product")]

    def __str__(self) -> str:
        return self.colour.name

    def clean(self) -> None:
        if self.colour_id and self.product_id and not self.colour.usable_by(self.product.brand):
            raise ValidationError(
                {"colour": ValidationError(_("This colour belongs to another brand."), "other_brand")}
            )

    @property
    def swatch(self) -> str:
        return self.hex or self.colour.hex


class Variant(Timestamped):
    """One colour in one size: what is counted and sold. Never deleted once it moved; retired with `is_active`."""

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="variants", verbose_name=_("brand"))
    product = models.ForeignKey(Product, models.PROTECT, related_name="variants", verbose_name=_("product"))
    colour = models.ForeignKey(Colour, models.PROTECT, related_name="+", verbose_name=_("colour"))
    size = models.ForeignKey(Size, models.PROTECT, related_name="+", verbose_name=_("size"))
    sku = SkuField(_("SKU"), max_length=80)
    barcode = models.CharField(_("barcode"), max_length=48, validators=[validate_barcode], blank=True)
    is_active = models.BooleanField(_("for sale"), default=True)

    objects = VariantQuerySet.as_manager()

    class Meta:
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        ordering = ["product", "colour", "size__position", "pk"]
        # SQLite cannot look barcodes up in the unique index, which leaves out the blank ones.
        indexes = [
            models.Index(fields=["barcode", "brand"], name="variant_barcode"),
            models.Index(fields=["brand", "updated_at", "id"], name="variant_brand_updated"),
        ]
        constraints = [
            models.UniqueConstraint(
                # The SKU first: a person who sees every brand looks one up without naming the brand.
                fields=["sku", "brand"],
                name="unique_sku_per_brand",
                violation_error_message=_("Another variant of this brand already has this SKU."),
            ),  # fmt: skip
            models.CheckConstraint(condition=Q(sku=Upper("sku")), name="sku_in_capitals"),
            models.UniqueConstraint(
                fields=["brand", "barcode"],
                condition=~Q(barcode=""),
                name="unique_barcode_per_brand",
                violation_error_message=_("Another variant of this brand already has this barcode."),
            ),  # fmt: skip
            models.UniqueConstraint(
                fields=["product", "colour", "size"],
                name="unique_colour_and_size_per_product",
                violation_error_message=_("This product already has this colour in this size."),
            ),  # fmt: skip
        ]

    def __str__(self) -> str:
        return self.sku

    def clean(self) -> None:
        if self.product_id and self.brand_id != self.product.brand_id:
            raise ValidationError({"brand": ValidationError(_("The product belongs to another brand."), "other_brand")})


class Measurement(models.Model):
    """How long or wide a design is at one point in one size. The table of a product is set as a whole."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="measurements", verbose_name=_("product"))
    size = models.ForeignKey(Size, models.PROTECT, related_name="+", verbose_name=_("size"))
    point = models.CharField(_("measured at"), max_length=20, choices=point_choices)
    value = models.DecimalField(_("centimetres"), max_digits=4, decimal_places=1)

    objects = ThroughProductQuerySet.as_manager()

    class Meta:
        verbose_name = _("measurement")
        verbose_name_plural = _("measurements")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["product", "size", "point"], name="one_measurement_of_a_point"),
            models.CheckConstraint(condition=Q(value__gt=0, value__lte=MOST_CM), name="measurement_in_bounds"),
        ]

    def __str__(self) -> str:
        return f"{self.size.code} · {self.get_point_display()}"


def image_path(image: "ProductImage", filename: str) -> str:
    """Where an original lies: our own random name, nothing of the uploaded one."""
    return f"brands/{image.product.brand_id}/{image.public_id}/original"


class ProductImage(Timestamped):
    """A photo of a design. The original is kept byte for byte; the other files are derived and can be made again."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    product = models.ForeignKey(Product, models.CASCADE, related_name="images", verbose_name=_("product"))
    original = models.FileField(_("original"), upload_to=image_path, max_length=200)
    original_name = models.CharField(_("file name"), max_length=200, blank=True)
    content_type = models.CharField(_("content type"), max_length=40)
    sha256 = models.CharField(max_length=64, editable=False)
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))
    thumbnail = models.FileField(_("thumbnail"), max_length=200, blank=True)
    # What lists show: the garment on white once it is cut out, until then the photo.
    tile = models.FileField(_("small picture"), max_length=200, blank=True)
    cutout = models.FileField(_("cut-out"), max_length=200, blank=True)
    listing = models.FileField(_("listing image on white"), max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    alt_ko = models.CharField(_("Korean description"), max_length=200, blank=True)
    alt_en = models.CharField(_("English description"), max_length=200, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True, blank=True, verbose_name=_("created by")
    )

    objects = ThroughProductQuerySet.as_manager()

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        ordering = ["position", "pk"]
        indexes = [models.Index(fields=["updated_at", "id"], name="photo_updated")]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "sha256"],
                name="unique_photo_per_product",
                violation_error_message=_("This photo is already here."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.product} #{self.position + 1}"

    @property
    def alt(self) -> str:
        """What a reader who cannot see the photo is told: its own description, else what the product is called."""
        first, second = (self.alt_en, self.alt_ko) if get_language() == "en" else (self.alt_ko, self.alt_en)
        return first or second or self.product.name or self.product.style_number
