"""MIME in DXL: any message cut into stored slices reads as the message does."""

import base64
import struct
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.mime.text import MIMEText

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.notes.tests.richtext.inspection import check
from connectors.notes.transforms.richtext import convert, convert_mime
from connectors.sdk.errors import ContractError

# What of `MIME_PART` (C API, mimeods.h) is written here is written from its description.
PROLOG, BODY, EPILOG = 1, 2, 3


def slice_(boundary: bytes = b"", headers: bytes = b"", body: bytes = b"", kind: int = BODY) -> str:
    data = boundary + headers + body
    raw = struct.pack("<HLBBHHHHL", 2, 0, kind, 0, len(data), len(boundary), len(headers), 0, 0)
    return f"<rawitemdata type='19'>{base64.b64encode(raw + data).decode()}</rawitemdata>"


def document(*slices: str) -> str:
    items = "".join(f"<item name='Body'>{one}</item>" for one in slices)
    return f"<document xmlns='http://www.lotus.com/dxl'>{items}</document>"


def cut(message: bytes, sizes: list[int]) -> list[str]:
    """The message in slices: headers in the first, the rest in bodies of these sizes."""
    headers, _, body = message.partition(b"\n\n")
    found = [slice_(headers=headers.replace(b"\n", b"\r\n") + b"\r\n\r\n")]
    at = 0
    for size in sizes:
        found.append(slice_(body=body[at : at + size]))
        at += size
    return [*found, slice_(body=body[at:])]


words = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=8)
leaves = st.builds(
    lambda text, html: MIMEText(f"<p>{text}</p>" if html else text, "html" if html else "plain"),
    words,
    st.booleans(),
)


def attachment(name: str) -> MIMENonMultipart:
    part = MIMENonMultipart("application", "pdf", name=f"{name}.pdf")
    part.add_header("Content-Disposition", "attachment", filename=f"{name}.pdf")
    part.add_header("Content-Transfer-Encoding", "base64")
    part.set_payload("JVBERg==")
    return part


files = st.sampled_from(["a", "b-2", "order"]).map(attachment)
messages = st.builds(
    lambda kind, parts: MIMEMultipart(kind, _subparts=parts),
    st.sampled_from(["mixed", "alternative", "related"]),
    st.lists(leaves | files, min_size=1, max_size=4),
)


@settings(deadline=None)
@given(messages, st.lists(st.integers(1, 200), max_size=6))
def test_a_message_in_slices_reads_as_the_message(message: MIMEMultipart, sizes: list[int]) -> None:
    raw = message.as_bytes()
    found = convert(document(*cut(raw, sizes)))
    whole = convert_mime(raw)
    assert (found.html, found.text, found.losses) == (whole.html, whole.text, whole.losses)
    check(found)


@settings(deadline=None)
@given(st.lists(st.binary(max_size=80), min_size=1, max_size=3))
def test_bytes_that_are_no_slices_are_named_and_break_nothing(raws: list[bytes]) -> None:
    slices = [
        f"<rawitemdata type='19'>{base64.b64encode(one).decode()}</rawitemdata>" for one in raws
    ]
    try:
        found = convert(document(*slices))
    except ContractError:
        return
    check(found)
    if any(len(one) < 20 for one in raws):
        assert len(found.losses) == len(raws)
        assert {one.kind for one in found.losses} == {"unreadable"}


def test_the_fingerprint_does_not_see_boundaries() -> None:
    def stored(mark: bytes) -> str:
        return document(
            slice_(headers=b"Content-Type: multipart/mixed; boundary=" + mark + b"\r\n\r\n"),
            slice_(boundary=b"--" + mark + b"\r\n", headers=b"Content-Type: text/html\r\n\r\n",
                  body=b"<p>x</p>\r\n"),
            slice_(body=b"--" + mark + b"--\r\n", kind=EPILOG),
        )  # fmt: skip

    assert convert(stored(b"A1")).fingerprint == convert(stored(b"B2")).fingerprint


def test_the_named_item_is_read_and_not_another() -> None:
    one, two = (slice_(headers=b"Content-Type: text/html\r\n\r\n", body=text)
                for text in (b"<p>one</p>", b"<p>two</p>"))  # fmt: skip
    source = (
        "<document xmlns='http://www.lotus.com/dxl'><item name='Body'>"
        f"{one}</item><item name='Notes'>{two}</item></document>"
    )
    assert convert(source, "notes").html == "<p>two</p>"
    assert convert(source).html == "<p>one</p>"


def test_a_body_in_a_file_that_is_still_encoded() -> None:
    """A part stored with its encoding, and one stored plain though its headers name one."""
    for content in (b"PHA+aGk8L3A+", b"<p>hi</p>"):
        data = b"Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        raw = struct.pack("<HLBBHHHHL", 2, 4, BODY, 0, len(data) + 3, 0, len(data), 0, 0)
        stored = base64.b64encode(raw + data + b"STG").decode()
        source = (
            "<document xmlns='http://www.lotus.com/dxl'>"
            f"<item name='Body'><rawitemdata type='19'>{stored}</rawitemdata></item>"
            "<item name='$FILE'><object><file name='STG'><filedata>"
            f"{base64.b64encode(content).decode()}</filedata></file></object></item></document>"
        )
        assert convert(source, "Body").html == "<p>hi</p>"
