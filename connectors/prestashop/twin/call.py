"""One request to the webservice, read the way PrestaShop reads it, and its answer."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

FORMAT_HEADERS = ("output-format", "io-format")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """`base` is `http://host`, as links name it; `query` is the query as it was sent."""

    method: str
    resource: str
    id: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    base: str
    query: str = ""

    @classmethod
    def read(
        cls,
        *,
        method: str,
        path: str,
        query: str,
        headers: Mapping[str, str],
        body: bytes,
        base: str,
    ) -> "Call":
        """`path` is what follows `/api/`. `ps_method` stands in for a verb that a proxy blocks."""
        params = dict(parse_qsl(query, keep_blank_values=True))
        resource, _, id_ = path.strip("/").partition("/")
        if method == "POST":
            method = params.get("ps_method", method).upper()
        return cls(
            method=method,
            resource=resource,
            id=id_,
            params=params,
            headers=headers,
            body=body,
            base=base,
            query=query,
        )

    @property
    def json(self) -> bool:
        """Whether JSON is wanted: a header wins over the parameter; `Accept` is ignored (017)."""
        for name in FORMAT_HEADERS:
            if name in self.headers:
                return self.headers[name].upper() == "JSON"
        wanted = self.params.get("output_format") or self.params.get("io_format") or "XML"
        return wanted.upper() == "JSON"

    @property
    def key(self) -> str | None:
        """The key: user name of Basic auth, or `ws_key`; None when there are no credentials."""
        scheme, _, value = self.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            try:
                text = base64.b64decode(value, validate=True).decode()
            except (binascii.Error, UnicodeDecodeError):
                return ""
            return text.partition(":")[0]
        return self.params.get("ws_key")


@dataclass(slots=True, kw_only=True)
class Answer:
    status: int = 200
    body: bytes = b""
    content_type: str | None = None
    headers: dict[str, str] = field(default_factory=dict)


XML_TYPE = "text/xml;charset=utf-8"
JSON_TYPE = "application/json"
HTML_TYPE = "text/html; charset=utf-8"
