"""notes.document.attach: a file in a rich-text item, proven by its digest."""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.notes.actions.read import unid_of
from connectors.notes.transforms import check_item_name
from connectors.notes.transport import connect
from connectors.sdk.compare import compare_field
from connectors.sdk.errors import ConfigurationError, ConflictError, RejectedError
from connectors.sdk.operation import OperationContext, OperationResult, ProbeResult
from connectors.sdk.readback import read_back
from connectors.sdk.receipt import Receipt

MAX_BYTES = 10 * 1024 * 1024  # the file is in the journal as text, a third longer
_NAME = re.compile(r"[^\x00-\x1f\x7f\"\\/:*?<>|]{1,200}")
_KIND = re.compile(r"[\w.+-]+/[\w.+-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    unid: str
    item: str
    name: str
    kind: str
    content: bytes
    replace: bool

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


async def run_attach(ctx: OperationContext, params: Mapping[str, Any]) -> OperationResult:
    """{unid, name, action: created | updated | unchanged, size, sha256}.

    Needs Domino 9.0.1 FP9 or newer, else `ConfigurationError` (too_old). The service takes no
    precondition for files: two who attach at once both do. Raises `ConflictError` when another
    file of the name is there and `replace` is off, `NotFoundError` without the document.
    """
    file, client = _file(params), await connect(ctx)
    await client.read(file.unid)
    there = await client.file(file.unid, file.item, file.name)
    if there == file.content:
        return _result(ctx, file, there, action="unchanged")
    if there is not None and not file.replace:
        raise ConflictError(
            f"Another file {file.name!r} is in {file.item} already.",
            code="file_exists",
            fix="Give it another name, or switch on replacing.",
            detail={"unid": file.unid, "size": len(there), "size_sent": len(file.content)},
        )
    action = "created" if there is None else "updated"
    if ctx.dry_run:
        verb = "attach" if there is None else "replace"
        sentence = f"would {verb} {file.name!r} ({len(file.content)} bytes) in {file.item}"
        return OperationResult(output=_output(file, action), prediction=sentence)
    if there is None:
        await client.attach(file.unid, file.item, file.name, file.content, kind=file.kind)
    else:
        await client.replace_file(file.unid, file.item, file.name, file.content)
    after = await read_back(client.file(file.unid, file.item, file.name))
    return _result(ctx, file, after, action=action)


async def probe_attach(ctx: OperationContext, params: Mapping[str, Any]) -> ProbeResult:
    """Happened when the file is there, byte by byte."""
    file = _file(params)
    there = await (await connect(ctx)).file(file.unid, file.item, file.name)
    if there != file.content:
        return ProbeResult(happened=False)
    return ProbeResult(happened=True, result=_result(ctx, file, there, action="created"))


def _file(params: Mapping[str, Any]) -> _File:
    name, item = str(params["name"]), str(params.get("item") or "Body")
    kind = str(params.get("content_type") or "application/octet-stream")
    check_item_name(item)
    if not _NAME.fullmatch(name) or not _KIND.fullmatch(kind):
        raise ConfigurationError(
            "The file's name or content type cannot be used.",
            code="file_name",
            fix='A name has no path and none of " \\ / : * ? < > |; a content type is like '
            "application/pdf.",
        )
    try:
        content = base64.b64decode(str(params["content"]), validate=True)
    except (binascii.Error, ValueError):
        raise RejectedError(
            "The file's content is not base64.",
            code="not_base64",
            fix="Encode the bytes before this step.",
        ) from None
    if not content or len(content) > MAX_BYTES:
        raise RejectedError(
            f"The file has {len(content)} bytes; 1 to {MAX_BYTES} are possible.",
            code="file_size",
            fix="Leave it out, or send a link to it.",
        )
    return _File(
        unid=unid_of(params),
        item=item,
        name=name,
        kind=kind,
        content=content,
        replace=bool(params.get("replace", False)),
    )


def _output(file: _File, action: str) -> dict[str, Any]:
    return {
        "unid": file.unid,
        "name": file.name,
        "action": action,
        "size": len(file.content),
        "sha256": file.digest,
    }


def _result(
    ctx: OperationContext, file: _File, there: bytes | None, *, action: str
) -> OperationResult:
    stored = "" if there is None else hashlib.sha256(there).hexdigest()
    receipt = Receipt(
        system=ctx.connection.system,
        entity="attachment",
        record_id=f"{file.unid}/{file.item}/{file.name}",
        action=action,
        fields=[
            compare_field("size", len(file.content), 0 if there is None else len(there)),
            compare_field("sha256", file.digest, stored, text_only=True),
        ],
    )
    return OperationResult(output=_output(file, action), receipt=receipt)
