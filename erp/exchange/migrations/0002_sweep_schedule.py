from django.db import migrations

NAME = "Imports: take up what stopped"
FUNCTION = "erp.exchange.tasks.resume_stalled_imports"


def add_schedule(apps, schema_editor):
    values = {"func": FUNCTION, "schedule_type": "I", "minutes": 1, "repeats": -1}
    apps.get_model("django_q", "Schedule").objects.get_or_create(name=NAME, defaults=values)


def remove_schedule(apps, schema_editor):
    apps.get_model("django_q", "Schedule").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):
    dependencies = [("exchange", "0001_imports"), ("django_q", "0017_task_cluster_alter")]

    operations = [migrations.RunPython(add_schedule, remove_schedule)]
