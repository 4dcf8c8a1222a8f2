"""What clients that hold copies ask by: when terms changed, what was deleted, and the indexes of both."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


def changing(model):
    return migrations.AddField(
        model_name=model,
        name="updated_at",
        field=models.DateTimeField(auto_now=True, default=django.utils.timezone.now, verbose_name="updated"),
        preserve_default=False,
    )


class Migration(migrations.Migration):
    dependencies = [("catalog", "0009_access_tokens")]

    operations = [
        *map(changing, ("category", "colour", "pattern", "sizerun")),
        migrations.CreateModel(
            name="Tombstone",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20, verbose_name="kind")),
                ("object_id", models.CharField(max_length=40, verbose_name="id")),
                ("deleted_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="deleted")),
                (
                    "brand",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="catalog.brand",
                        verbose_name="brand",
                    ),
                ),
            ],
            options={
                "verbose_name": "deleted row",
                "verbose_name_plural": "deleted rows",
                "ordering": ["deleted_at", "pk"],
                "indexes": [
                    models.Index(fields=["deleted_at", "id"], name="tombstone_deleted"),
                    models.Index(fields=["brand", "deleted_at", "id"], name="tombstone_brand"),
                ],
            },
        ),
        migrations.AddIndex("product", models.Index(fields=["brand", "updated_at", "id"], name="product_brand_updated")),
        migrations.AddIndex("variant", models.Index(fields=["brand", "updated_at", "id"], name="variant_brand_updated")),
        migrations.AddIndex("productimage", models.Index(fields=["updated_at", "id"], name="photo_updated")),
    ]
