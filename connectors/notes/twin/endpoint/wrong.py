"""What the agent refuses: ok false, with a code of the contract."""

from typing import Any


class Wrong(Exception):
    def __init__(self, code: str, message: str, **detail: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.detail = detail

    def to_json(self) -> dict[str, Any]:
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        return {**error, "detail": self.detail} if self.detail else error
