"""How a brand prints its labels."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models import Brand
from catalog.querysets import BrandScopedQuerySet
from erp.core.models import Timestamped, User


class CodeKind(models.TextChoices):
    EAN13 = "ean13", _("EAN-13")
    CODE128 = "code128", _("Code 128")
    QR = "qr", _("QR code")


class LabelSettings(Timestamped):
    """What a brand chose when it last printed labels: the next time begins there."""

    brand = models.OneToOneField(Brand, models.CASCADE, related_name="+", verbose_name=_("brand"))
    template = models.SlugField(_("label sheet"), max_length=40)
    code = models.CharField(_("code"), max_length=10, choices=CodeKind, default=CodeKind.EAN13)
    language = models.CharField(_("language"), max_length=2, choices=User.Language, default=User.Language.KOREAN)
    with_price = models.BooleanField(_("with the price"), default=False)

    objects = BrandScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("choice of labels")
        verbose_name_plural = _("choices of labels")

    def __str__(self) -> str:
        return f"{self.brand} · {self.template}"
