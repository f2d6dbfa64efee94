"""Between the service's JSON and Causeway's canonical items: pure."""

from connectors.notes.transforms.document import (
    DocumentFacts,
    NotesDocument,
    StoredItem,
    make_document,
    read_document,
)
from connectors.notes.transforms.moment import http_date, instant_text, read_moment
from connectors.notes.transforms.number import parse_number
from connectors.notes.transforms.profile import FormProfile, profile_of
from connectors.notes.transforms.rich_item import is_same, refuse_damage
from connectors.notes.transforms.written import (
    SYNC_SOURCE,
    WrittenItem,
    check_item_name,
    stamp,
    write_items,
)

__all__ = [
    "SYNC_SOURCE",
    "DocumentFacts",
    "FormProfile",
    "NotesDocument",
    "StoredItem",
    "WrittenItem",
    "check_item_name",
    "http_date",
    "instant_text",
    "is_same",
    "make_document",
    "parse_number",
    "profile_of",
    "read_document",
    "read_moment",
    "refuse_damage",
    "stamp",
    "write_items",
]
