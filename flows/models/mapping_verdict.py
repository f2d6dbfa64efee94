"""What people of a workspace accepted and rejected of the mappings that were suggested."""

from typing import ClassVar

from django.db import models

from causeway.base.ids import new_id
from causeway.base.models import Workspace


class MappingVerdict(models.Model):
    """How often one pair of fields was accepted and rejected.

    `source_key` and `target_key` are the words of the fields (`flows.mapping.matcher.learnt`);
    `source` and `target` as they were written last. No values are kept.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="mapping_verdicts"
    )
    source_key = models.CharField(max_length=420)
    target_key = models.CharField(max_length=420)
    source = models.CharField(max_length=200)
    target = models.CharField(max_length=200)
    accepted = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "source_key", "target_key"], name="mapping_verdict_of_pair"
            )
        ]

    def __str__(self) -> str:
        return f"{self.source} → {self.target}"
