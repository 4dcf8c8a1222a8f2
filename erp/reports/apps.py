from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    name = "erp.reports"
    label = "reports"
    verbose_name = _("Reports")

    def ready(self) -> None:
        from catalog.sync import remember_deleted
        from erp.inventory.low import points_from
        from erp.reports.models import ReorderRule
        from erp.reports.points import reorder_point

        remember_deleted(ReorderRule, "reorder_rule")
        points_from(reorder_point)
