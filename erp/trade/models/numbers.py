"""Numbers without gaps."""

from django.db import models

from catalog.models import Brand


class Counter(models.Model):
    """The last number given in a series of one brand and business day. Its row is locked while a paper takes the next
    number, in the paper's own transaction: a refused paper gives its number back, so no number is ever missing."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="+")
    series = models.CharField(max_length=12)
    day = models.DateField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["brand", "series", "day"], name="one_counter_per_series_and_day")
        ]

    def __str__(self) -> str:
        return f"{self.series} {self.day}: {self.last}"
