from django.db import migrations

from catalog.taxonomy import load_taxonomy, unload_taxonomy


def forwards(apps, schema_editor):
    load_taxonomy(apps)


def backwards(apps, schema_editor):
    unload_taxonomy(apps)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_initial")]

    operations = [migrations.RunPython(forwards, backwards)]
