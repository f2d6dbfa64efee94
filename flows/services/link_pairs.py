"""Pairs of records that are known already, as CSV: in and out."""

import csv
import io
from collections.abc import Iterator
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from causeway.base.actors import Actor
from causeway.base.audit import record, subject
from causeway.base.models import Environment
from causeway.base.permissions import check
from causeway.base.problems import FieldError, Problem
from flows.models import Link

COLUMNS: Final = ("left_system", "left_id", "right_system", "right_id")
MOST: Final = 20_000  # lines of one import
_LONGEST: Final = 200
_AT_ONCE: Final = 2_000
_TOLD: Final = 100


def export_pairs(actor: Actor, environment: Environment, *, entity: str) -> Iterator[str]:
    """Lines of CSV with a header, in the order in which the links were made.

    Raises `PermissionDenied` without `read_runs`.
    """
    check(actor, "read_runs", environment.workspace)
    found = (
        Link.objects.filter(environment=environment, entity=entity)
        .exclude(left_id="")
        .exclude(right_id="")
        .order_by("pk")
        .values_list(*COLUMNS)
    )
    return _lines(found.iterator(chunk_size=_AT_ONCE))


def _lines(rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    yield _line(COLUMNS)
    for row in rows:
        yield _line(row)


def _line(values: tuple[str, ...]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(values)
    return text.getvalue()


def import_pairs(
    actor: Actor, environment: Environment, *, entity: str, text: str
) -> dict[str, Any]:
    """Make links of CSV with the header `COLUMNS` (other columns are passed over).

    All fit or nothing is made of those that do not: returns {made, known, refused: [{line,
    message}]}; a pair that is linked already is known. Raises `PermissionDenied` without
    `start_runs`, a 422 problem for text that is no such CSV.
    """
    check(actor, "start_runs", environment.workspace)
    rows, refused = _read(text)
    made = known = 0
    now = timezone.now()
    with transaction.atomic():
        for start in range(0, len(rows), _AT_ONCE):
            chunk = rows[start : start + _AT_ONCE]
            before = _partners(environment, entity, [row for _, row in chunk])
            links = []
            for line, row in chunk:
                left, right = (row[0], row[1]), (row[2], row[3])
                partners = before.get(("left", *left)), before.get(("right", *right))
                if partners == (right, left):
                    known += 1
                elif partners != (None, None):
                    refused.append((line, "One of the two records has another partner."))
                else:
                    before["left", *left], before["right", *right] = right, left
                    links.append(
                        Link(
                            workspace=environment.workspace,
                            environment=environment,
                            entity=entity,
                            created_at=now,
                            **dict(zip(COLUMNS, row, strict=True)),
                        )
                    )
            Link.objects.bulk_create(links)
            made += len(links)
        if made:
            record(
                actor,
                "imported",
                subject("links", entity, entity, environment.workspace),
                detail={"environment": environment.slug, "made": made, "known": known},
            )
    told = [{"line": line, "message": message} for line, message in sorted(refused)[:_TOLD]]
    return {"made": made, "known": known, "refused_count": len(refused), "refused": told}


def _read(text: str) -> tuple[list[tuple[int, tuple[str, ...]]], list[tuple[int, str]]]:
    reader = csv.DictReader(io.StringIO(text.lstrip("﻿")), strict=True)
    rows: list[tuple[int, tuple[str, ...]]] = []
    refused: list[tuple[int, str]] = []
    try:
        missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            raise _unfit(f"The first line lacks the columns: {', '.join(missing)}.")
        for row in reader:
            if len(rows) + len(refused) >= MOST:
                raise _unfit(f"An import has at most {MOST:,} lines. Cut it into parts.")
            values = tuple((row[name] or "").strip() for name in COLUMNS)
            if not all(values):
                refused.append((reader.line_num, "A system or an id is empty."))
            elif any(len(one) > _LONGEST or "\x00" in one for one in values):
                refused.append((reader.line_num, f"A value is longer than {_LONGEST} characters."))
            else:
                rows.append((reader.line_num, values))
    except csv.Error as error:
        raise _unfit(f"Line {reader.line_num} is no CSV: {error}.") from None
    return rows, refused


def _partners(
    environment: Environment, entity: str, rows: list[tuple[str, ...]]
) -> dict[tuple[str, ...], tuple[str, str] | None]:
    """By side and record the partner that it has, with one query a side."""
    mine = Link.objects.filter(environment=environment, entity=entity)
    found: dict[tuple[str, ...], tuple[str, str] | None] = {}
    for left_system, left_id, right_system, right_id in (
        mine.filter(left_id__in=[row[1] for row in rows])
        .union(mine.filter(right_id__in=[row[3] for row in rows]))
        .values_list(*COLUMNS)
    ):
        found["left", left_system, left_id] = (right_system, right_id)
        found["right", right_system, right_id] = (left_system, left_id)
    return found


def _unfit(message: str) -> Problem:
    error = FieldError(pointer="/csv", code="csv", message=message)
    return Problem(422, "invalid", message, errors=[error])
