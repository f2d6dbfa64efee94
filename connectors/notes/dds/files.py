"""What the service has since Domino 9.0.1 FP9: files as resources, and agents that are called.

A client finds out by trying; an older server answers 404 or 405 from the web engine or from its
JAX-RS layer.
"""

import secrets
from urllib.parse import quote

from connectors.notes.dds.wire import DdsWire
from connectors.sdk.errors import ConfigurationError, ConflictError, FarSideError, NotFoundError


class DdsFiles(DdsWire):
    """Requests to the newer resources of one database."""

    async def file(self, unid: str, item: str, name: str) -> bytes | None:
        """The bytes of an attachment; None when there is none of this name (or no document)."""
        try:
            answer = await self._call("GET", self._file(unid, item, name), {}, file=True)
        except NotFoundError:
            return None
        except FarSideError as error:
            raise _unsupported(error, "attachments") from error
        return answer.body

    async def attach(self, unid: str, item: str, name: str, content: bytes, *, kind: str) -> None:
        """Add a file to a rich-text item. Not guarded: the service takes no precondition."""
        boundary = secrets.token_hex(16)
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; '
            f'filename="{name}"\r\nContent-Type: {kind}\r\n\r\n'
        )
        body = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        path = f"{self._document(unid)}/{quote(item, safe='')}"
        try:
            await self._call("POST", path, {}, content=body, headers=headers)
        except FarSideError as error:
            raise _unsupported(error, "attachments") from error

    async def replace_file(self, unid: str, item: str, name: str, content: bytes) -> None:
        """Put other bytes into an attachment that is there."""
        headers = {"Content-Type": "application/octet-stream"}
        await self._call("PUT", self._file(unid, item, name), {}, content=content, headers=headers)

    async def offers_later(self) -> bool:
        """Whether the server has these resources at all."""
        try:
            await self._call("GET", f"{self._root}/agents", {"compact": "true"})
        except FarSideError as error:
            if isinstance(_unsupported(error, "agents"), ConfigurationError):
                return False
            raise
        return True

    async def run_agent(self, agent: str, *, unid: str, wait: bool) -> None:
        """Run an agent, with a document when `unid` names one. `wait` until it is done; else
        the answer says only that it was started.

        Raises `RejectedError` for an agent that is not there or failed, `ConflictError` when it
        ran too recently.
        """
        body = {"agentName": agent, "synchronous": wait}
        if unid:
            body["documentUnid"] = unid
        try:
            await self._call("POST", f"{self._root}/agentjobs", {}, body=body)
        except ConflictError as error:
            raise ConflictError(
                "The agent ran too recently, or is running.",
                code="agent_busy",
                fix="Try again later.",
                detail=error.detail,
            ) from error
        except FarSideError as error:
            raise _unsupported(error, "running agents") from error

    def _file(self, unid: str, item: str, name: str) -> str:
        return f"{self._document(unid)}/{quote(item, safe='')}/{quote(name, safe='')}"


def _unsupported(error: FarSideError, what: str) -> FarSideError:
    """The server's way of not knowing a resource, said plainly; any other error as it is."""
    known = {"method_disabled", "database_missing", "not_found"}
    if error.code not in known and error.detail.get("status") not in {405, 501}:
        return error
    return ConfigurationError(
        f"This server's data service does not know {what}.",
        code="too_old",
        fix="It came with Domino 9.0.1 FP9; older servers need an agent of your own for it.",
        detail=error.detail,
    )
