"""Handing an analysis to the workers."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.conf import settings
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.conf import Conf
from django_q.models import Schedule
from django_q.tasks import async_task

log = structlog.get_logger(__name__)

# A cluster looks at its schedules every half minute and moves them a minute on.
SCHEDULE_SLACK = timedelta(seconds=45)


def enqueue(analysis_id: int) -> None:
    """Add the job of one analysis. A broker that is down loses nothing: the sweep adds queued analyses again."""
    try:
        async_task("vision.tasks.analyse_image", analysis_id, cluster=target_queue(), save=False)
    except Exception:
        log.exception("enqueue_failed", analysis=analysis_id)


def waiting_jobs() -> int:
    """How many jobs no worker has fetched yet, of whatever kind."""
    return int(get_broker(target_queue()).queue_size())


def batch_size() -> int:
    """How many photos a worker of this process's queue looks at together."""
    return int(settings.VISION_BATCH.get(Conf.CLUSTER_NAME, 1))


def time_limit() -> timedelta:
    """How long the job of an analysis may take, in whichever queue it is."""
    own = settings.Q_CLUSTER["ALT_CLUSTERS"].get(settings.VISION_QUEUE, settings.Q_CLUSTER)
    return timedelta(seconds=max(settings.Q_CLUSTER["timeout"], own["timeout"]))


def target_queue() -> str:
    """VISION_QUEUE while a worker listens to it; else the light queue, which always has one.

    django-q2's own statistics lie in the cache, which processes share only with Redis, and do not say which queue they
    are of. A cluster's scheduler moves the `next_run` of its own schedules on, in the database that all share.
    """
    default: str = settings.Q_CLUSTER["name"]
    if default == settings.VISION_QUEUE:
        return default
    since = timezone.now() - SCHEDULE_SLACK
    alive = Schedule.objects.filter(cluster=settings.VISION_QUEUE, next_run__gt=since).exists()
    return settings.VISION_QUEUE if alive else default
