"""Judging the webservice's answers: errors by their first code, shapes by schema."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from connectors.prestashop.client import xml
from connectors.prestashop.client.codes import (
    CODES,
    METHOD_UNKNOWN,
    NO_WEBSERVICE,
    OTHER_CODE_READ,
    OTHER_CODE_WRITE,
    PHP_NOISE,
    READ_ONLY,
    STATUSES,
)
from connectors.prestashop.client.noise import document_of
from connectors.prestashop.schemas import check_row
from connectors.sdk.codec import loads
from connectors.sdk.errors import ConfigurationError, ContractError, FarSideError, UncertainError
from connectors.sdk.http import Answer
from connectors.sdk.redact import redact
from connectors.sdk.status import look_up, retry_after


class MethodBlockedError(Exception):
    """PATCH did not get through, and nothing happened; never leaves the client."""

    def __init__(self, *, unknown_to_shop: bool) -> None:
        super().__init__("PATCH is blocked")
        self.unknown_to_shop = unknown_to_shop


def good_body(answer: Answer, *, method: str, resource: str, write: bool, now: datetime) -> bytes:
    """The body of a good answer; raises what the first error code, or else the status, means.

    An answer may carry an object *and* errors: then the write took place in part.
    """
    errors = errors_of(answer)
    real = [one for one in errors if one[0] not in PHP_NOISE]
    detail = {
        "status": answer.status,
        "errors": redact([{"code": code, "message": text} for code, text in errors[:3]]),
    }
    names = {"method": method, "resource": resource, "status": str(answer.status)}
    if real:
        raise _code_error(*real[0], answer=answer, write=write, detail=detail, names=names)
    if 200 <= answer.status < 300:
        return document_of(answer.body)
    if 300 <= answer.status < 400:
        raise _redirected(answer, detail=detail)
    if method == "PATCH" and answer.status in (405, 501):
        raise MethodBlockedError(unknown_to_shop=False)
    if write and answer.status >= 500:
        # An empty 500 proves nothing: an unknown state moves stock and then dies.
        raise UncertainError(
            f"The shop failed with status {answer.status} while it wrote {resource}; "
            "it may have done it.",
            code="server_failure",
            detail=detail,
        )
    if answer.status == 404 and "psws-version" not in answer.headers:
        raise NO_WEBSERVICE.build(detail=detail)
    meaning = look_up(STATUSES, answer.status) or STATUSES["other"]
    raise meaning.build(
        detail=detail,
        retry_after=retry_after(answer.headers, now=now),
        names={**names, "message": ""},
    )


def _redirected(answer: Answer, *, detail: Mapping[str, Any]) -> ConfigurationError:
    """Says where the shop wants to be asked; of its address only what a connection needs."""
    target = urlsplit(answer.headers.get("location", ""))
    base, found, _ = target.path.rpartition("/api/")
    address = where = ""
    # Elsewhere than to a webservice it sends requests for one of its shops that it lacks (205).
    if found and target.scheme in ("http", "https") and target.hostname:
        address = f"{target.scheme}://{target.netloc.rpartition('@')[2]}{base}"
        where = f"Set the connection's address to {address}, if that is the shop. "
    return ConfigurationError(
        f"The shop sends us to another address{f' ({address})' if address else ''}; "
        "redirects are not followed.",
        code="redirect",
        fix=f"{where}Use the shop's main address, with https if it has it, and a shop that exists.",
        detail={**detail, "location": address},
    )


def _code_error(
    code: int,
    message: str,
    *,
    answer: Answer,
    write: bool,
    detail: Mapping[str, Any],
    names: Mapping[str, str],
) -> Exception:
    if names["method"] == "PATCH" and code == METHOD_UNKNOWN:
        return MethodBlockedError(unknown_to_shop=True)
    said = str(redact(message)).rstrip(".")
    if write and code not in CODES and answer.status >= 500:
        return UncertainError(
            f"The shop failed while it wrote {names['resource']}: {said}.",
            code="server_failure",
            detail=detail,
        )
    meaning = CODES.get(code, OTHER_CODE_WRITE if write else OTHER_CODE_READ)
    return meaning.build(detail={**detail, "shop_code": code}, names={**names, "message": said})


def unwritable(error: FarSideError) -> str | None:
    """The field that the shop called read-only (code 93: nothing was saved), if that is it."""
    if error.detail.get("shop_code") != READ_ONLY:
        return None
    found = re.search(r'parameter "(\w+)" not writable', error.message)
    return found[1] if found else None


def listed(answer: Answer, *, resource: str, shape: str, now: datetime) -> list[Mapping[str, Any]]:
    """Rows of a read with `display`: `{"orders":[…]}`, also for one record; none is `[]`."""
    body = good_body(answer, method="GET", resource=resource, write=False, now=now)
    try:
        document = loads(body)
    except ValueError as error:
        raise broken(answer, expected="JSON", write=False) from error
    if document == []:
        return []
    rows = document.get(resource) if isinstance(document, dict) else None
    if not isinstance(rows, list):
        raise broken(answer, expected=f"a list under {resource!r}", write=False)
    for row in rows:
        check_row(shape, row)
    return rows


def written(answer: Answer, *, method: str, resource: str, node: str, now: datetime) -> Any:
    """The record that the answer to a write echoes; of several, the last."""
    body = good_body(answer, method=method, resource=resource, write=True, now=now)
    try:
        document = loads(body)
    except ValueError as error:
        raise broken(answer, expected=f"JSON with {node}", write=True) from error
    record = document.get(node) if isinstance(document, dict) else None
    if isinstance(record, list):
        record = record[-1] if record else None
    if not isinstance(record, dict):
        raise broken(answer, expected=f"JSON with {node}", write=True)
    return record


def broken(answer: Answer, *, expected: str, write: bool) -> FarSideError:
    """The answer to a good status that is not what the webservice promises."""
    received = f"{answer.content_type or 'no type'}: {redact(answer.text)}"
    detail = {"expected": expected, "received": received}
    if write:
        return UncertainError(
            "The shop took the request and its answer is unreadable.",
            code="answer_unreadable",
            detail=detail,
        )
    return ContractError(
        f"The shop's answer is not {expected}.",
        code="unexpected_answer",
        fix="See what answers at this address: a maintenance page, a firewall, or a module "
        "that prints into the webservice.",
        detail=detail,
    )


def check_filters(
    resource: str, filters: Mapping[str, str], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Raises `ContractError` when rows do not fit an exact filter: the shop ignores parameters
    that it does not know and then sends the whole table."""
    for name, value in filters.items():
        if not re.fullmatch(r"\[[^\[\],]*\]", value):
            continue
        # MariaDB's usual collations find "demo_1" for "DEMO_1".
        wanted = {one.strip().casefold() for one in value[1:-1].split("|")}
        for row in rows:
            if name in row and str(row[name]).strip().casefold() not in wanted:
                raise ContractError(
                    f"The shop ignored a filter on {resource}.",
                    code="filter_ignored",
                    detail={"expected": f"{name} in {value}", "received": str(row[name])[:60]},
                )


def errors_of(answer: Answer) -> list[tuple[int, str]]:
    """Codes and messages of an answer in either format; empty when it holds none."""
    body = document_of(answer.body)
    start = body[:512].lstrip()
    if start.startswith(b"{") and b'"errors"' in body:
        try:
            found = loads(body).get("errors", [])
        except ValueError:
            return []
        return [
            (int(one["code"]), str(one.get("message", "")))
            for one in (found if isinstance(found, list) else [])
            if isinstance(one, dict) and str(one.get("code")).isdigit()
        ]
    if start.startswith(b"<?xml") and b"<errors>" in body:
        try:
            return xml.errors_of(xml.parse(body))
        except ContractError:
            return []
    return []


def date_header(answer: Answer) -> datetime | None:
    """The far side's clock when it answered; aware UTC."""
    try:
        moment = parsedate_to_datetime(answer.headers.get("date", ""))
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
