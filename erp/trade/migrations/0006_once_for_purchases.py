from django.db import migrations, models

KEYED = ("purchaseorder", "delivery")


class Migration(migrations.Migration):
    """A purchase order or a delivery that is sent twice is written once."""

    dependencies = [("trade", "0005_report_what_partners_sold")]

    operations = [
        *(
            migrations.AddField(
                model,
                name,
                models.CharField(default="", max_length=length, **options),
                preserve_default=False,
            )
            for model in KEYED
            for name, length, options in (("idempotency_key", 80, {}), ("fingerprint", 64, {"editable": False}))
        ),
        migrations.AddConstraint(
            "purchaseorder",
            models.UniqueConstraint(fields=["brand", "idempotency_key"], name="unique_purchase_key_per_brand"),
        ),
        migrations.AddConstraint(
            "purchaseorder",
            models.CheckConstraint(condition=models.Q(exchange_rate__gt=0), name="exchange_rate_positive"),
        ),
        migrations.AddConstraint(
            "delivery",
            models.UniqueConstraint(fields=["brand", "idempotency_key"], name="unique_delivery_key_per_brand"),
        ),
    ]
