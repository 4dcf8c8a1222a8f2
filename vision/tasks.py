"""Jobs: an id in, one service call, safe to run twice."""

from __future__ import annotations

from vision import services


def analyse_image(analysis_id: int) -> str:
    return services.run_analysis(analysis_id)


def requeue_stale_analyses() -> int:
    """Scheduled every minute on each queue."""
    return services.requeue_stale_analyses()
