import django.utils.timezone
from django.db import migrations, models

from erp.inventory import triggers


class Migration(migrations.Migration):

    dependencies = [
        ('inventory', '0010_reservations_costs_seals'),
    ]

    operations = [
        migrations.AddField(
            model_name='dayseal',
            name='starts_at',
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name='begins'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='dayseal',
            name='ends_at',
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name='ends'),
            preserve_default=False,
        ),
        migrations.RunPython(triggers.install, triggers.install),
    ]
