from django.db import migrations

from erp.inventory import triggers


class Migration(migrations.Migration):
    """The check of new movements on SQLite reads the posting only, whatever the planner's statistics say."""

    dependencies = [("inventory", "0005_posting_reference")]

    operations = [migrations.RunPython(triggers.install, triggers.install)]
