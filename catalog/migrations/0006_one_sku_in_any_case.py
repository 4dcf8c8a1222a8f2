"""SKUs in capitals and of one set of signs. One that is not is written so; where that is taken, -2, -3, ... follows."""

import re
import unicodedata
from itertools import count

import django.db.models.functions.text
from django.db import migrations, models
from django.utils import timezone

import catalog.skus

LENGTH = 80


def tidy_skus(apps, schema_editor):
    Variant = apps.get_model("catalog", "Variant")
    rows = Variant.objects.order_by("brand_id", "pk").values_list("brand_id", "pk", "sku")
    renamed = renamed_skus(list(rows.iterator()))
    now = timezone.now()
    changed = [Variant(pk=pk, sku=sku, updated_at=now) for pk, sku in renamed.items()]
    Variant.objects.bulk_update(changed, ["sku", "updated_at"], batch_size=500)


def renamed_skus(rows):
    """By primary key the new SKU of each (brand, primary key, SKU) that cannot stay."""
    taken = {(brand, sku) for brand, _pk, sku in rows if sku == _tidy(sku)}
    renamed = {}
    for brand, pk, sku in rows:
        if sku == _tidy(sku):
            continue
        stem = _tidy(sku) or f"SKU-{pk}"
        names = (stem if n == 1 else f"{stem[: LENGTH - len(str(n)) - 1]}-{n}" for n in count(1))
        renamed[pk] = next(name for name in names if (brand, name) not in taken)
        taken.add((brand, renamed[pk]))
    return renamed


def _tidy(sku):
    capitals = unicodedata.normalize("NFC", sku).strip().upper()
    signs = re.sub(r"[^0-9A-Z가-힣._\-]+", "-", capitals)
    # Only a sign that was replaced is trimmed off an end: a hyphen that somebody typed there stays.
    return (signs if signs == capitals else signs.strip("-"))[:LENGTH]


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0005_tile'),
    ]

    operations = [
        migrations.RunPython(tidy_skus, migrations.RunPython.noop),
        migrations.RemoveConstraint(
            model_name='variant',
            name='unique_sku_per_brand',
        ),
        migrations.AlterField(
            model_name='variant',
            name='sku',
            field=catalog.skus.SkuField(max_length=80, verbose_name='SKU'),
        ),
        migrations.AddConstraint(
            model_name='variant',
            constraint=models.UniqueConstraint(fields=('sku', 'brand'), name='unique_sku_per_brand', violation_error_message='Another variant of this brand already has this SKU.'),
        ),
        migrations.AddIndex(
            model_name='variant',
            index=models.Index(fields=['barcode', 'brand'], name='variant_barcode'),
        ),
        migrations.AddConstraint(
            model_name='variant',
            constraint=models.CheckConstraint(condition=models.Q(('sku', django.db.models.functions.text.Upper('sku'))), name='sku_in_capitals'),
        ),
    ]
