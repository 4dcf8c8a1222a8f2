from django.db import migrations

from erp.trade import triggers


class Migration(migrations.Migration):
    """The database itself refuses to change accounts and slips."""

    dependencies = [("trade", "0003_shipments_and_steps_of_orders")]

    operations = [migrations.RunPython(triggers.install, triggers.remove)]
