"""What the models said of each photo, which model is active, and what people made of it."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models import Brand, ProductImage
from catalog.querysets import BrandScopedQuerySet
from erp.core.models import Timestamped


class AnalysisQuerySet(BrandScopedQuerySet):
    brand_path = "image__product__brand"


class ModelVersion(Timestamped):
    """A set of artefacts with its card. One is active; workers pick up a newly activated one at their next job."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    folder = models.CharField(_("folder"), max_length=300, blank=True, help_text=_("Blank: the one Jangbu ships."))
    sha256 = models.CharField(_("hash of the card"), max_length=64)
    card = models.JSONField(_("card"), default=dict)
    is_active = models.BooleanField(_("active"), default=False)
    activated_at = models.DateTimeField(_("activated"), null=True, blank=True)
    pinned_at = models.DateTimeField(
        _("pinned"), null=True, blank=True, help_text=_("No upgrade and no other automatic change takes its place.")
    )
    pinned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True, blank=True, verbose_name=_("pinned by")
    )
    problem = models.TextField(
        _("problem"), blank=True, help_text=_("Why a worker could not load it; the model before it goes on serving.")
    )

    class Meta:
        verbose_name = _("model version")
        verbose_name_plural = _("model versions")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_active"], condition=models.Q(is_active=True), name="one_active_model_version"
            ),
            models.CheckConstraint(
                condition=models.Q(pinned_at=None) | models.Q(is_active=True), name="only_the_active_version_is_pinned"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Analysis(Timestamped):
    """The job of naming what one photo shows."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Looking")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    image = models.OneToOneField(ProductImage, models.CASCADE, related_name="analysis", verbose_name=_("photo"))
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    worker = models.CharField(
        _("worker"), max_length=120, blank=True, help_text=_("Host and process that took the job last.")
    )
    # The id of the photo's brand as a plain number: whose turn it is must be seen from a small index alone.
    lane = models.PositiveBigIntegerField(null=True, editable=False)
    batch = models.PositiveSmallIntegerField(
        _("batch"), default=0, help_text=_("How many photos were taken together with it last, itself included.")
    )
    is_alone = models.BooleanField(
        _("alone"), default=False, help_text=_("Its batch ended with the worker: it is looked at by itself.")
    )
    error_code = models.CharField(_("error"), max_length=40, blank=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    model_version = models.ForeignKey(
        ModelVersion, models.PROTECT, related_name="analyses", verbose_name=_("model"), null=True, blank=True
    )
    # Filled as soon as it is known, before the cut-out is made and the state becomes done:
    # {"category": {"label", "confidence", "top3", "decision"}, "pattern": {...}, "scene": {"label", "confidence"},
    # "colours": [{"name", "hex", "share"}], "mask_share", "decision", "model", "ms"}
    result = models.JSONField(_("result"), default=dict, blank=True)
    embedding = models.BinaryField(_("embedding (256 float32)"), null=True, blank=True)

    objects = AnalysisQuerySet.as_manager()

    class Meta:
        verbose_name = _("analysis")
        verbose_name_plural = _("analyses")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["state", "started_at"], name="analysis_state"),
            models.Index(fields=["state", "lane", "-id"], name="analysis_turn"),
            models.Index(fields=["finished_at"], name="analysis_finished"),
        ]

    def __str__(self) -> str:
        return f"{self.image_id}: {self.get_state_display()}"


class Correction(models.Model):
    """A person's word on one answer: a label for the next model. `accepted` tells whether it confirms or corrects.

    It outlives its photo: how often a model was right stays known when pictures are removed.
    """

    class Task(models.TextChoices):
        CATEGORY = "category", _("Category")
        PATTERN = "pattern", _("Pattern")

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="+", verbose_name=_("brand"))
    analysis = models.ForeignKey(
        Analysis, models.SET_NULL, related_name="corrections", verbose_name=_("analysis"), null=True
    )
    photo_sha256 = models.CharField(_("hash of the photo"), max_length=64)
    task = models.CharField(_("task"), max_length=10, choices=Task)
    suggested = models.CharField(_("suggested"), max_length=40, blank=True)
    confidence = models.FloatField(_("confidence"), null=True, blank=True)
    decision = models.CharField(_("decision"), max_length=10, blank=True)
    label = models.CharField(_("label"), max_length=40)
    accepted = models.BooleanField(_("confirmed as suggested"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True, verbose_name=_("by")
    )
    model_version = models.ForeignKey(
        ModelVersion, models.PROTECT, related_name="corrections", verbose_name=_("model"), null=True
    )
    created_at = models.DateTimeField(_("when"), auto_now_add=True)

    objects = BrandScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        ordering = ["-id"]
        indexes = [models.Index(fields=["created_at"], name="correction_created")]

    def __str__(self) -> str:
        return f"{self.task}: {self.suggested} → {self.label}"


class VisionSettings(Timestamped):
    """What a brand decides about its photos; a brand without a row keeps to the defaults."""

    brand = models.OneToOneField(Brand, models.CASCADE, related_name="vision_settings", verbose_name=_("brand"))
    photos_train = models.BooleanField(
        _("photos may train the models"),
        default=True,
        help_text=_("The photos stay on this server; the next model learns from them and from your answers."),
    )

    objects = BrandScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("photo settings")
        verbose_name_plural = _("photo settings")

    def __str__(self) -> str:
        return str(self.brand)


class Retraining(Timestamped):
    """An attempt to make a better model from people's answers. It proposes a candidate; a person activates it."""

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        PROPOSED = "proposed", _("Proposed")
        NOTHING = "nothing", _("Too few answers")
        FAILED = "failed", _("Failed")

    class Step(models.TextChoices):
        EXPORT = "export", _("Collecting the answers")
        TRAIN = "train", _("Training and measuring")
        REGISTER = "register", _("Checking the candidate")

    state = models.CharField(_("state"), max_length=8, choices=State, default=State.RUNNING)
    step = models.CharField(_("step"), max_length=8, choices=Step, default=Step.EXPORT)
    worker = models.CharField(_("process"), max_length=120, blank=True, help_text=_("Host and process that trains."))
    minutes = models.PositiveIntegerField(_("minutes"), default=60, help_text=_("How long it may train."))
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True, blank=True, verbose_name=_("started by")
    )
    photos = models.PositiveIntegerField(_("answered photos"), default=0)
    answers_until = models.DateTimeField(_("answers until"), null=True, blank=True)
    base = models.ForeignKey(
        ModelVersion, models.SET_NULL, related_name="+", null=True, blank=True, verbose_name=_("began from")
    )
    candidate = models.ForeignKey(
        ModelVersion, models.SET_NULL, related_name="retrainings", null=True, blank=True, verbose_name=_("candidate")
    )
    problem = models.TextField(_("problem"), blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("retraining")
        verbose_name_plural = _("retrainings")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=models.Q(state="running"), name="one_retraining_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.get_state_display()}"
