from django.db import migrations, models
from django.db.models.functions import Round

from erp.trade import triggers


class Migration(migrations.Migration):
    """SQLite adds in binary fractions, and refused slips that add up in cents. Rebuilding the table drops its guard."""

    dependencies = [("trade", "0006_once_for_purchases")]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, triggers.install),
        migrations.RemoveConstraint("slip", "slip_adds_up"),
        migrations.AddConstraint(
            "slip",
            models.CheckConstraint(
                condition=models.Q(
                    new_balance=Round(models.F("earlier_balance") + models.F("total") - models.F("paid"), 2)
                ),
                name="slip_adds_up",
            ),
        ),
        migrations.RunPython(triggers.install, migrations.RunPython.noop),
    ]
