from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CatalogConfig(AppConfig):
    name = "catalog"
    verbose_name = _("Catalog")

    def ready(self) -> None:
        from catalog.audit import own
        from catalog.models import Colour, Product, ProductImage, SizeRun, Variant
        from catalog.sync import remember_deleted

        own.register()
        remember_deleted(Product, "product")
        remember_deleted(Variant, "variant")
        remember_deleted(ProductImage, "image", key="public_id", brand="product.brand_id")
        remember_deleted(Colour, "colour", key="slug")
        remember_deleted(SizeRun, "size_run", key="slug")
