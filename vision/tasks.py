"""Jobs: an id in, one service call, safe to run twice."""

from __future__ import annotations

from erp.core.jobs import every, weekly
from vision import services


def analyse_image(analysis_id: int) -> str:
    return services.run_batch(analysis_id)


def requeue_stale_analyses() -> int:
    """Scheduled every minute on each queue."""
    return services.requeue_stale_analyses()


def retrain(retraining_id: int) -> str:
    return services.detach_retraining(retraining_id=retraining_id)


@weekly("Learn from people's answers to photos (where RETRAIN is on)", weekday=0, hour=3)
def retrain_weekly() -> str:
    return services.retrain_if_scheduled()


@every("Say of trainings that died that they did", minutes=10)
def end_lost_retrainings() -> int:
    return services.end_lost_retrainings()
