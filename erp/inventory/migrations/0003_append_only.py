from django.db import migrations

from erp.inventory import triggers


class Migration(migrations.Migration):
    """The database itself refuses to change the ledger."""

    dependencies = [("inventory", "0002_lean_indexes")]

    operations = [migrations.RunPython(triggers.install, triggers.remove)]
