from datetime import timedelta

from django.db import migrations
from django.utils import timezone

# `cluster` None is the light queue. A cluster's scheduler only moves its own rows on, so the row of the heavy one also tells
# whether a heavy worker is alive (vision.services.queue).
SCHEDULES = [("Photo analysis: sweep", None), ("Photo analysis: sweep (heavy)", "heavy")]
FUNCTION = "vision.tasks.requeue_stale_analyses"


def add_schedules(apps, schema_editor):
    Schedule = apps.get_model("django_q", "Schedule")
    for name, cluster in SCHEDULES:
        values = {"func": FUNCTION, "schedule_type": "I", "minutes": 1, "repeats": -1, "cluster": cluster}
        # Overdue: no heavy worker was seen yet.
        Schedule.objects.get_or_create(name=name, defaults=values | {"next_run": timezone.now() - timedelta(minutes=5)})


def remove_schedules(apps, schema_editor):
    apps.get_model("django_q", "Schedule").objects.filter(name__in=[name for name, cluster in SCHEDULES]).delete()


class Migration(migrations.Migration):
    dependencies = [("vision", "0002_worker_and_problem"), ("django_q", "0017_task_cluster_alter")]

    operations = [migrations.RunPython(add_schedules, remove_schedules)]
