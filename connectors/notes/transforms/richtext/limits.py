"""How much rich text is read, and the errors beyond that."""

from connectors.sdk.errors import ContractError

MAX_CHARACTERS = 8_000_000
MAX_DEPTH = 100
_FIX = "Shorten the rich text in Notes, or map another item."


def check_size(source: str | bytes) -> None:
    """Raises `ContractError` (rich_text_size) for what is larger than 8 million characters."""
    if len(source) > MAX_CHARACTERS:
        raise ContractError(
            f"The rich text has {len(source):,} characters; {MAX_CHARACTERS:,} are read.",
            code="rich_text_size",
            fix=_FIX,
        )


def check_depth(depth: int) -> None:
    """Raises `ContractError` (rich_text_depth) for lists, tables and quotes, or elements of DXL,
    more than 100 deep within each other."""
    if depth > MAX_DEPTH:
        raise ContractError(
            f"The rich text nests elements more than {MAX_DEPTH} deep.",
            code="rich_text_depth",
            fix=_FIX,
        )


def broken(reason: str) -> ContractError:
    """The error (rich_text_broken) for a source that is not what it should be."""
    return ContractError(
        f"The rich text cannot be read: {reason}",
        code="rich_text_broken",
        fix="Open the document in Notes and save it again, or map another item.",
    )
