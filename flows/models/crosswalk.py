"""Crosswalks: tables of codes that mean the same on both sides."""

from typing import ClassVar

from django.db import models

from causeway.base.ids import new_id
from causeway.base.models import Workspace


class Crosswalk(models.Model):
    """A named table of code pairs, for example Notes status and shop order state.

    `left_label` and `right_label` say what stands in each column.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="crosswalks")
    slug = models.SlugField(max_length=64)
    name = models.CharField(max_length=120)
    left_label = models.CharField(max_length=120)
    right_label = models.CharField(max_length=120)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "slug"], name="crosswalk_slug_unique")
        ]

    def __str__(self) -> str:
        return self.slug


class CrosswalkEntry(models.Model):
    """One pair. `direction` both, to_right or to_left: several codes of one side may share one
    of the other, and then only one of them may answer the way back."""

    class Direction(models.TextChoices):
        BOTH = "both"
        TO_RIGHT = "to_right"
        TO_LEFT = "to_left"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    crosswalk = models.ForeignKey(Crosswalk, on_delete=models.CASCADE, related_name="entries")
    left = models.CharField(max_length=200)
    right = models.CharField(max_length=200)
    note = models.CharField(max_length=200, blank=True)
    direction = models.CharField(max_length=8, choices=Direction.choices, default=Direction.BOTH)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["crosswalk", "left"],
                condition=~models.Q(direction="to_left"),
                name="crosswalk_left_answers_once",
            ),
            models.UniqueConstraint(
                fields=["crosswalk", "right"],
                condition=~models.Q(direction="to_right"),
                name="crosswalk_right_answers_once",
            ),
        ]
