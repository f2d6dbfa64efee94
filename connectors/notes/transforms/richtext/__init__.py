"""Notes rich text → clean HTML, plain text and what was lost; HTML → Notes rich text. Pure."""

from connectors.notes.transforms.richtext.convert import (
    RichText,
    WrittenRichText,
    convert,
    convert_dxl,
    convert_html,
    convert_mime,
    is_rich_text,
    write_plain_text,
    write_rich_text,
)
from connectors.notes.transforms.richtext.fingerprint import fingerprint_source
from connectors.notes.transforms.richtext.losses import Loss, LossKind

__all__ = [
    "Loss",
    "LossKind",
    "RichText",
    "WrittenRichText",
    "convert",
    "convert_dxl",
    "convert_html",
    "convert_mime",
    "fingerprint_source",
    "is_rich_text",
    "write_plain_text",
    "write_rich_text",
]
