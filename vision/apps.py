from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VisionConfig(AppConfig):
    name = "vision"
    verbose_name = _("Photo analysis")

    def ready(self) -> None:
        import_module("vision.receivers")
        from catalog.audit import audited
        from vision.models import ModelVersion, VisionSettings

        audited(ModelVersion, brand=None, private=True, without=("sha256", "card", "problem"))
        audited(VisionSettings)
