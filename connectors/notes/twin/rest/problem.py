"""What the API answers when it refuses: {status, message, errorId?} [D]."""

import json
from typing import Any

from starlette.responses import Response


class Problem(Exception):
    def __init__(self, status: int, message: str, *, number: int = 0) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.number = number

    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = {"status": self.status, "message": self.message}
        return {**body, "errorId": self.number} if self.number else body

    def answer(self) -> Response:
        return reply(self.body(), self.status)


def reply(value: Any, status: int = 200) -> Response:
    """UTF-8, indented as the task does."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return Response(text, status, media_type="application/json")
