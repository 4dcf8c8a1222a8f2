"""Everything that has a consequence in photo analysis: its jobs, what people answer, and which model is active."""

from vision.selectors import ColourSuggestion, PhotoState, ProductSuggestions, Suggestion, suggestions_for
from vision.services.analyses import queue_analysis, requeue_stale_analyses, retry_analysis, run_analysis, run_batch
from vision.services.answers import accept_suggestions, record_answers
from vision.services.retraining import (
    ask_for_retraining,
    detach_retraining,
    end_lost_retrainings,
    retrain_if_scheduled,
    run_retraining,
    start_retraining,
)
from vision.services.training import export_training_set, let_photos_train
from vision.services.versions import activate_model, pin_model, register_model, roll_back, unpin_model

__all__ = [
    "ColourSuggestion",
    "PhotoState",
    "ProductSuggestions",
    "Suggestion",
    "accept_suggestions",
    "activate_model",
    "ask_for_retraining",
    "detach_retraining",
    "end_lost_retrainings",
    "export_training_set",
    "let_photos_train",
    "pin_model",
    "queue_analysis",
    "record_answers",
    "register_model",
    "requeue_stale_analyses",
    "retrain_if_scheduled",
    "retry_analysis",
    "roll_back",
    "run_analysis",
    "run_batch",
    "run_retraining",
    "start_retraining",
    "suggestions_for",
    "unpin_model",
]
