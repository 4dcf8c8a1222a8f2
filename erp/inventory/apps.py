from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InventoryConfig(AppConfig):
    name = "erp.inventory"
    label = "inventory"
    verbose_name = _("Stock")

    def ready(self) -> None:
        from catalog.audit import audited
        from catalog.sync import remember_deleted
        from erp.inventory.models import Location

        remember_deleted(Location, "location")
        audited(Location, without=("is_internal",))
