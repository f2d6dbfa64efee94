"""The last step of every conversion: an allow-list suited to a shop's description fields.

PrestaShop checks descriptions with `Validate::isCleanHtml` (no scripts, no event handlers, no
frames, forms, plug-ins) and, by default, purifies them (`PS_USE_HTMLPURIFIER`); what stands here
passes both. Style attributes keep colours and alignment only.
"""

import nh3

TAGS = frozenset(
    {"a", "blockquote", "br", "caption", "code", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr"}
    | {"img", "li", "ol", "p", "pre", "s", "small", "span", "strong", "sub", "sup", "table"}
    | {"tbody", "td", "th", "tr", "u", "ul"}
)
ATTRIBUTES = {
    "a": frozenset({"href"}),
    "img": frozenset({"src", "alt", "width", "height"}),
    "ol": frozenset({"start", "type"}),
    "td": frozenset({"colspan", "rowspan"}),
    "th": frozenset({"colspan", "rowspan"}),
    "span": frozenset({"style"}),
    **dict.fromkeys(("p", "pre", "h1", "h2", "h3", "h4", "h5", "h6"), frozenset({"style"})),
}
PROPERTIES = frozenset({"color", "background-color", "text-align"})
SCHEMES = frozenset({"http", "https", "mailto", "tel"})

_CLEANER = nh3.Cleaner(
    tags=set(TAGS),
    attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
    url_schemes=set(SCHEMES),
    url_relative="deny",
    link_rel=None,
    strip_comments=True,
    filter_style_properties=set(PROPERTIES),
    generic_attribute_prefixes=set(),
)


def sanitise(html: str) -> str:
    """Only what the allow-list has. What the writer wrote comes back letter by letter."""
    return _CLEANER.clean(html)
