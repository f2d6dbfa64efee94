"""Suggesting mappings, and learning from what people make of them."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from causeway.base.actors import Actor
from causeway.base.audit import record, subject
from causeway.base.models import Workspace
from causeway.base.permissions import check, workspaces_visible_to
from causeway.base.problems import Problem
from connectors.catalog import default_catalog
from flows.mapping.command import suggestion_json
from flows.mapping.matcher import FieldError, read_fields, suggest
from flows.mapping.matcher.flatten import fields_of_sample, fields_of_schema
from flows.mapping.matcher.learnt import Learnt, key_of
from flows.models import MappingVerdict

MOST_LEARNT = 20_000
"""Pairs of a workspace that are taken into account, the latest first."""


def suggest_mapping(
    actor: Actor, *, workspace: Workspace, source: Mapping[str, Any], target: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Suggestions as the command gives them, with what this workspace has learnt.

    Each side has `fields`, `schema` (JSON Schema), `sample` (an object) or `operation` (type of a
    connector's operation: what it takes as target, what it gives as source), and may have
    `samples`. Nothing of it is stored. Raises `PermissionDenied` without `edit_flows`, `Problem`
    for what cannot be read.
    """
    check(actor, "edit_flows", workspace)
    try:
        sources = read_fields(_fields(source, "output"), source.get("samples"), what="source")
        targets = read_fields(_fields(target, "input"), target.get("samples"), what="target")
    except FieldError as error:
        raise Problem(422, "mapping_fields", str(error)) from None
    found = suggest(sources, targets, learnt=learnt_in(workspace))
    return [suggestion_json(one) for one in found]


def _fields(side: Mapping[str, Any], of: str) -> Any:
    if "fields" in side:
        return side["fields"]
    if "schema" in side:
        return fields_of_schema(side["schema"])
    if "sample" in side:
        return fields_of_sample(side["sample"])
    wanted = side.get("operation")
    for connector in default_catalog().connectors():
        for entry in connector.manifest["operations"]:
            if f"{entry['name']}@{entry['version']}" == wanted:
                return fields_of_schema(entry[of])
    raise FieldError(
        f"There is no operation {wanted!r}; give `fields`, `schema`, `sample` or `operation`."
    )


def learnt_in(workspace: Workspace) -> Learnt:
    """What the workspace has learnt."""
    rows = MappingVerdict.objects.filter(workspace=workspace).order_by("-changed_at")
    values = rows.values_list("source_key", "target_key", "accepted", "rejected")[:MOST_LEARNT]
    return Learnt({(left, right): (yes, no) for left, right, yes, no in values})


def visible_to(actor: Actor) -> QuerySet[MappingVerdict]:
    """The verdicts that the actor may read. Every read starts here."""
    return MappingVerdict.objects.filter(workspace__in=workspaces_visible_to(actor, "read_flows"))


def list_verdicts(actor: Actor, workspace: Workspace) -> list[dict[str, Any]]:
    """All that was learnt, the latest first; also what an export holds."""
    check(actor, "read_flows", workspace)
    rows = visible_to(actor).filter(workspace=workspace).order_by("-changed_at", "source")
    columns = ("source", "target", "accepted", "rejected", "changed_at")
    return [dict(one) for one in rows.values(*columns)[:MOST_LEARNT]]


def learn(actor: Actor, *, workspace: Workspace, verdicts: Iterable[Mapping[str, Any]]) -> int:
    """Count verdicts ({source, target, accepted}, fields as in a suggestion). Gives how many.

    Raises `PermissionDenied` without `edit_flows`, `Problem` for fields that cannot be read.
    """
    check(actor, "edit_flows", workspace)
    told = list(verdicts)
    try:
        pairs = [
            (*read_fields([one["source"]], what="source"), *read_fields([one["target"]]))
            for one in told
        ]
    except FieldError as error:
        raise Problem(422, "mapping_fields", str(error)) from None
    with transaction.atomic():
        for (source, target), one in zip(pairs, told, strict=True):
            row, _ = MappingVerdict.objects.select_for_update().get_or_create(
                workspace=workspace,
                source_key=key_of(source),
                target_key=key_of(target),
                defaults={"source": source.name, "target": target.name},
            )
            row.source, row.target = source.name, target.name
            row.accepted += bool(one["accepted"])
            row.rejected += not one["accepted"]
            row.save()
    return len(told)


def forget(actor: Actor, *, workspace: Workspace) -> int:
    """Forget all that was learnt in a workspace. Gives how many pairs there were."""
    check(actor, "edit_flows", workspace)
    with transaction.atomic():
        count, _ = MappingVerdict.objects.filter(workspace=workspace).delete()
        if count:
            record(
                actor,
                "deleted",
                subject("mapping_verdicts", workspace.id, workspace.slug, workspace),
                detail={"pairs": count},
            )
    return count
