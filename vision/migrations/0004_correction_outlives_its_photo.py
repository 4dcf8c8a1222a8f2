"""Corrections know their brand and photo themselves, so that they can stay when the photo goes."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def copy_brand_and_hash(apps, schema_editor):
    """Take both from the photo of each correction."""
    analyses = apps.get_model("vision", "Analysis").objects.filter(pk=OuterRef("analysis"))
    apps.get_model("vision", "Correction").objects.update(
        brand=Subquery(analyses.values("image__product__brand")[:1]),
        photo_sha256=Subquery(analyses.values("image__sha256")[:1]),
    )


class Migration(migrations.Migration):
    dependencies = [("vision", "0003_sweep_schedule"), ("catalog", "0001_initial")]

    operations = [
        migrations.AddField(
            "correction",
            "brand",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="catalog.brand",
                verbose_name="brand",
            ),
        ),
        migrations.AddField(
            "correction",
            "photo_sha256",
            models.CharField(default="", max_length=64, verbose_name="hash of the photo"),
            preserve_default=False,
        ),
        migrations.RunPython(copy_brand_and_hash, migrations.RunPython.noop),
        migrations.AlterField(
            "correction",
            "brand",
            models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="catalog.brand",
                verbose_name="brand",
            ),
        ),
        migrations.AlterField(
            "correction",
            "analysis",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="corrections",
                to="vision.analysis",
                verbose_name="analysis",
            ),
        ),
    ]
