"""Attachments and agents over the REST API."""

import secrets
from urllib.parse import quote

from connectors.notes.rest.wire import RestWire
from connectors.sdk.errors import NotFoundError


class RestFiles(RestWire):
    """Requests to the attachments and agents of one scope."""

    async def file(self, unid: str, item: str, name: str) -> bytes | None:
        """The bytes of an attachment, in whichever item; None when there is none of this name."""
        try:
            answer = await self._call("GET", _file(unid, name), {}, file=True)
        except NotFoundError:
            return None
        return answer.body

    async def attach(self, unid: str, item: str, name: str, content: bytes, *, kind: str) -> None:
        """Add a file to a rich-text item. Not guarded: the API takes no revision for it."""
        boundary = secrets.token_hex(16)
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; '
            f'filename="{name}"\r\nContent-Type: {kind}\r\n\r\n'
        )
        body = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
        await self._call(
            "POST",
            f"/attachments/{quote(unid, safe='')}",
            {"fieldName": item},
            content=body,
            kind=f"multipart/form-data; boundary={boundary}",
        )

    async def replace_file(self, unid: str, item: str, name: str, content: bytes) -> None:
        """Take the old file out, put the new one in: whoever reads in between sees none."""
        await self._call("DELETE", _file(unid, name), {})
        await self.attach(unid, item, name, content, kind="application/octet-stream")

    async def offers_later(self) -> bool:
        """Always."""
        return True

    async def run_agent(self, agent: str, *, unid: str, wait: bool) -> None:
        """Run an agent and wait for it, also where a flow would not.

        Raises `RejectedError` for an agent that is not there, not allowed in the schema, or
        failed.
        """
        body = {"agentName": agent, **({"unid": unid} if unid else {})}
        path = "/run/agentWithContext" if unid else "/run/agent"
        await self._call("POST", path, {}, body=body)


def _file(unid: str, name: str) -> str:
    return f"/attachments/{quote(unid, safe='')}/{quote(name, safe='')}"
