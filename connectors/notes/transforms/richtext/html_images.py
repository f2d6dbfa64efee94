"""Pictures in HTML: the ones that a shop can show, and what is said of the others."""

from collections.abc import Mapping

from connectors.notes.transforms.richtext.links import TWISTIE, is_public_image
from connectors.notes.transforms.richtext.losses import LossKind
from connectors.notes.transforms.richtext.tree import Image

_SPACERS = ("/icons/ecblank.gif", "/icons/blank.gif")


def image_of(attributes: Mapping[str, str], link: str) -> Image | None:
    """A picture that anybody can load; None for all others."""
    source = attributes.get("src", "").strip()
    if not is_public_image(source):
        return None
    return Image(
        src=source.replace(" ", "%20"),
        alt=" ".join(attributes.get("alt", "").split()),
        width=_pixels(attributes.get("width", "")),
        height=_pixels(attributes.get("height", "")),
        link=link,
    )


def lost_image(
    attributes: Mapping[str, str], parts: Mapping[str, str]
) -> tuple[LossKind, str, str] | None:
    """Kind, name and text of a lost picture; None for Domino's transparent spacers. `parts` has
    the names of the MIME parts by content id."""
    source = attributes.get("src", "").strip()
    alt = attributes.get("alt") or attributes.get("title", "")
    if source.lower().endswith(_SPACERS):
        return None
    if TWISTIE.search(source):
        return LossKind.SECTION, source, alt
    scheme = source[:5].lower()
    if scheme.startswith("cid:"):
        return LossKind.IMAGE, parts.get(source[4:], source), alt
    if scheme == "data:":
        source = source.partition(",")[0].partition(";")[0]
    return LossKind.IMAGE, source, alt


def _pixels(value: str) -> str:
    digits = value.strip().lower().removesuffix("px").strip()
    known = digits.isascii() and digits.isdigit() and len(digits) <= 4 and int(digits) > 0
    return str(int(digits)) if known else ""
