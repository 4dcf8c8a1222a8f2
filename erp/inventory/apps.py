from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InventoryConfig(AppConfig):
    name = "erp.inventory"
    label = "inventory"
    verbose_name = _("Stock")

    def ready(self) -> None:
        from catalog.audit import audited
        from erp.inventory.models import Location

        audited(Location, without=("is_internal",))
