from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChannelsConfig(AppConfig):
    name = "erp.channels"
    label = "channels"
    verbose_name = _("Marketplaces")

    def ready(self) -> None:
        from catalog.audit import audited
        from catalog.sync import remember_deleted
        from erp.channels import models

        import_module("erp.channels.receivers")
        import_module("erp.channels.hook_notices")
        remember_deleted(models.ChannelListing, "listing", brand="channel.brand_id")
        remember_deleted(models.ChannelOrder, "channel_order", brand="channel.brand_id")
        audited(models.Channel, page="channels:channel", without=("public_id",))
        audited(
            models.ChannelListing,
            brand="channel.brand",
            page="channels:listing",
            # Written by files and by marketplaces, not by people.
            without=(
                "external_id", "options_before", "problem", "exported_at", "stale_since", "checked_at", "errors",
                "only_stock", "pushed", "push_after",
            ),
        )  # fmt: skip
        audited(models.ListingVariant, brand="listing.channel.brand", topic="listing", without=("external_id",))
        audited(models.CategoryMatch, brand="channel.brand", topic="channel")
        audited(models.AttributeMatch, brand="channel.brand", topic="channel")
        audited(models.DescriptionTemplate, without=("name_ko", "name_en", "is_default"))
        audited(models.FileTemplate, brand="channel.brand", topic="channel")
        # Of secrets: that one was entered, by whom, and its last signs. Never the secret, sealed or not.
        audited(models.Credential, brand="channel.brand", private=True, without=("sealed",))
        audited(
            models.Connection,
            brand="channel.brand",
            private=True,
            without=("problem", "listening", "listening_problem"),
        )
        audited(models.WebhookEndpoint, private=True, without=("sealed", "public_id", "failing_since", "problem"))
