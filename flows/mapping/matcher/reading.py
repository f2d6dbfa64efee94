"""What each field of a schema means, read together with its siblings.

Siblings matter: a bare "Name" beside "Vorname" is a last name, "Nr" among goods is a product
number, and lists of one length, or items numbered alike, are the rows of an order.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from flows.mapping.matcher import lexicon
from flows.mapping.matcher.concepts import CONCEPTS, ENTITIES, around, meanings
from flows.mapping.matcher.field import Field
from flows.mapping.matcher.words import aside, fold, words

ROLES: Final = frozenset({"delivery", "invoice", "supplier", "employee", "manufacturer"})
_TWO: Final = frozenset({"delivery", "invoice"})
_ENTITY_ATOMS: Final = frozenset(ENTITIES.values())
_LINE_ATOMS: Final = frozenset({"quantity", "sku", "product", "price", "unit", "designation", "ean"})
_OPEN: Final = frozenset({"method", "designation", "status", "amount", "total", "cost", "link"})
_ROW_ATOMS: Final = frozenset({"sku", "product", "unit", "quantity", "line", "designation", "ean"})
_ROW_PRICE: Final = frozenset({"price", "net", "gross", "#1", "list", "field"})
_NAMES: Final = frozenset({"name", "customer", "delivery", "invoice", "address", "field", "#1"})
_GENERIC: Final = frozenset({"id", "name", "number", "code", "date", "reference", "field", "type"})
_NEVER: Final = frozenset({"reader", "author", "password", "history", "editor", "separator"})
_INTERNAL: Final = frozenset({"internal", "sync", "form"})
_WHO: Final = frozenset({"created", "modified", "status"})
_SPLIT: Final = re.compile(r"(?<=[\w\])])(?:\.|/|::|->|:)(?=[\w$@*])|\[[^\]]*\]\.?")
_ASIDE: Final = re.compile(r"\s*\((?!\d\))[^)]*\)")  # (0/1), (x,y,z...), but not (2)
_WRAPPERS: Final = frozenset(
    {"associations", "data", "attributes", "properties", "fields", "root", "body", "object"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A field as understood. `meanings` are concepts with their strength, strongest first."""

    field: Field
    path: str
    leaf: str
    atoms: frozenset[str]
    contexts: frozenset[str]
    roles: frozenset[str]
    entity: str
    tax: str
    is_id: bool
    index: int
    row: bool
    never: str
    aside: bool
    meanings: tuple[tuple[str, float], ...]

    @property
    def best(self) -> str:
        return self.meanings[0][0] if self.meanings else ""


@dataclass(slots=True)
class _Draft:
    field: Field
    parts: tuple[str, ...]
    parents: tuple[tuple[str, ...], ...]
    listed_path: bool
    index: int = 0
    row: bool = False


def read(fields: Sequence[Field], other: str = "") -> tuple[tuple[Reading, ...], str]:
    """The readings, and the entity of which most fields speak. `other` is what the other side
    speaks of; it counts where this side leaves it open."""
    drafts = [_draft(field) for field in fields]
    _shorten(drafts)
    _rows(drafts)
    language = _language(drafts)
    about = _about(drafts, language, other)
    siblings = frozenset(
        atom for one in drafts for atom in lexicon.atoms(one.parts, language, about)
    )
    found = [_reading(one, language, about, siblings) for one in drafts]
    return tuple(_by_default(found)), about


def _by_default(readings: Sequence[Reading]) -> list[Reading]:
    """Where only the delivery address is marked, the other one is that of the invoice."""
    addressed = [one for one in readings if one.best.startswith("address.") and one.roles & _TWO]
    told = {role for one in addressed for role in one.roles & _TWO}
    if len(told) != 1:
        return list(readings)
    other = frozenset(_TWO - told)
    return [
        replace(one, roles=other)
        if not one.roles and one.best and CONCEPTS[one.best].entity in ("address", "person")
        else one
        for one in readings
    ]


def _draft(field: Field) -> _Draft:
    name = _ASIDE.sub("", field.name).strip() or field.name
    steps = [name] if " " in name else [x for x in _SPLIT.split(name) if x and not x.isdigit()]
    steps = [one for one in steps if fold(one) not in _WRAPPERS] or [field.name]
    return _Draft(
        field=field,
        parts=words(steps[-1]),
        parents=tuple(words(one) for one in steps[:-1]),
        listed_path="[" in field.name or bool(re.search(r"[./:]\d+[./:]", field.name)),
    )


def _shorten(drafts: Sequence[_Draft]) -> None:
    """Takes away what a third of all names begin with and what means nothing (DL_, AR_, vtiger)."""
    heads = Counter(one.parts[0] for one in drafts if len(one.parts) > 1)
    for head, count in heads.items():
        short = len(head) <= 2 and count >= 3
        often = count >= 4 and count >= len(drafts) / 3
        known = lexicon.atoms((head,), "", "")
        unknown = all(atom.startswith("~") for atom in known)
        if (short and head not in _KEPT_HEADS) or (often and unknown):
            for one in drafts:
                if len(one.parts) > 1 and one.parts[0] == head:
                    one.parts = one.parts[1:]


_KEPT_HEADS: Final = frozenset({"id", "no", "nr", "kd", "po", "is", "re", "vk", "ek", "pu", "e", "tx"})
_NUMBERED: Final = re.compile(r"\d+")


def _rows(drafts: Sequence[_Draft]) -> None:
    """Marks the fields that are rows: lists of one length, names numbered alike."""
    numbered: dict[tuple[str, ...], list[tuple[_Draft, int]]] = {}
    for one in drafts:
        spots = [at for at, part in enumerate(one.parts) if part.isdigit()]
        if len(spots) == 1 and len(one.parts) > 1:
            skeleton = (*one.parts[: spots[0]], "#", *one.parts[spots[0] + 1 :])
            numbered.setdefault(skeleton, []).append((one, int(one.parts[spots[0]][:6])))
    families: dict[frozenset[int], list[tuple[str, ...]]] = {}
    for skeleton, members in numbered.items():
        indexes = frozenset(index for _, index in members)
        if len(indexes) >= 2:
            families.setdefault(indexes, []).append(skeleton)
    for skeletons in families.values():
        meant = {atom for one in skeletons for atom in lexicon.atoms(one, "", "line")}
        if len(skeletons) >= 2 and meant & {"quantity", "sku", "price", "line"}:
            for skeleton in skeletons:
                for one, index in numbered[skeleton]:
                    one.row, one.index = True, index
                    one.parts = tuple(part for part in one.parts if not part.isdigit())
    lists: dict[tuple[int, ...], list[_Draft]] = {}
    for one in drafts:
        if one.field.profile.listed:
            lists.setdefault(one.field.profile.lengths, []).append(one)
    for members in lists.values():
        meant = {atom for one in members for atom in lexicon.atoms(one.parts, "", "line")}
        if len(members) >= 2 and meant & _LINE_ATOMS:
            for one in members:
                one.row = True


def _language(drafts: Sequence[_Draft]) -> str:
    votes: Counter[str] = Counter()
    for one in drafts:
        votes.update(lexicon.spoken((*one.parts, *(part for way in one.parents for part in way))))
    return votes.most_common(1)[0][0] if votes else "en"


def _entity_of(text: str) -> str:
    glued = "".join(words(text))
    if not glued:
        return ""
    return ENTITIES.get(glued) or ENTITIES.get(glued.removesuffix("s"), "")


def _explicit(draft: _Draft, language: str) -> str:
    """The entity that the field's owner or its path names."""
    if draft.field.entity:
        found = _entity_of(draft.field.entity)
        if found:
            return found
        known = lexicon.atoms(words(draft.field.entity), language, "")
        for atom in ("line", "address", "stock", "category", "customer", "order", "product"):
            if atom in known:
                return atom
    if fold(draft.field.role) in ("row", "line", "item", "position"):
        return "line"
    for parent in reversed(draft.parents):
        found = ENTITIES.get("".join(parent), "")
        if found:
            return found
        known = lexicon.atoms(parent, language, "")
        if "line" in known:
            return "line"
        if "address" in known or set(known) & {"delivery", "invoice"}:
            return "address"
        for atom in ("customer", "product", "stock", "category", "carrier", "payment", "order"):
            if atom in known:
                return atom
    if draft.listed_path and draft.parents:
        return "line"
    return ""


def _about(drafts: Sequence[_Draft], language: str, other: str) -> str:
    votes: Counter[str] = Counter()
    for one in drafts:
        explicit = _explicit(one, language)
        atoms = frozenset(lexicon.atoms(one.parts, language, ""))
        named = atoms & _ENTITY_ATOMS
        if explicit:
            votes[explicit] += 1
            continue
        if one.row:
            votes["line"] += 1
        for concept, strength in meanings(atoms, around(named))[:1]:
            if strength >= 0.8:
                votes[CONCEPTS[concept].entity or "-"] += 1
        for atom in named:
            votes[atom] += 0.5  # type: ignore[assignment]
    order = votes["order"] + 0.6 * votes["line"] + 0.5 * votes["invoice"] + votes["carrier"]
    product = votes["product"] + votes["stock"]
    customer = votes["customer"] + 0.5 * (votes["person"] + votes["address"])
    if votes["line"] >= 2 or votes["order"] >= 3:
        product *= 0.5
        customer *= 0.6
    ranked = sorted(
        [(order, "order"), (product, "product"), (customer, "customer"),
         (2 * votes["category"] if votes["category"] > product / 2 else 0, "category")],
        reverse=True,
    )  # fmt: skip
    if ranked[0][0] < 1.5 and other:
        return other
    return ranked[0][1] if ranked[0][0] > 0 else other


def _reading(
    draft: _Draft, language: str, about: str, siblings: frozenset[str]
) -> Reading:
    field = draft.field
    explicit = _explicit(draft, language)
    if draft.row:
        explicit = explicit if explicit not in ("", "order", "product") else "line"
    own = lexicon.atoms(draft.parts, language, explicit or about)
    if field.label:
        labelled = lexicon.atoms(words(field.label), language, explicit or about)
        if all(atom.startswith("~") for atom in own):
            own = labelled
    above = tuple(
        atom for parent in draft.parents for atom in lexicon.atoms(parent, language, explicit)
    )
    given = lexicon.atoms((*words(field.role), *words(field.entity)), language, "")
    atoms = set(own)
    if set(own) <= _GENERIC | _OPEN:  # order_state.name, customer.id
        nearest = lexicon.atoms(draft.parents[-1], language, explicit) if draft.parents else ()
        atoms |= {atom for atom in nearest if not atom.startswith("#")}
    roles = ROLES & {*own, *above, *given}
    contexts = _contexts(explicit, about, frozenset(atoms), roles)
    _correct(field, atoms, siblings)
    is_id = "id" in atoms or (field.kind == "integer" and field.name.lower().startswith("id"))
    found = meanings(frozenset(atoms), contexts)
    if not is_id:  # a text "Lieferadresse" is an address, not the key of one
        found = tuple(one for one in found if one[0] not in _KEYS)
    return Reading(
        field=field,
        path=" ".join((*(part for way in draft.parents for part in way), *draft.parts)),
        leaf="".join(draft.parts),
        atoms=frozenset(atoms),
        contexts=contexts,
        roles=roles,
        entity=explicit,
        tax=_tax(atoms, found),
        is_id=is_id,
        index=draft.index,
        row=draft.row or explicit == "line",
        aside=aside(field.name),
        never=_never(field, atoms, found),
        meanings=found,
    )


def _contexts(
    explicit: str, about: str, atoms: frozenset[str], roles: frozenset[str]
) -> frozenset[str]:
    addressed = {"address"} if roles & {"delivery", "invoice"} else set()
    if explicit:
        return around({explicit, *addressed})
    named = atoms & _ENTITY_ATOMS
    if about == "order" and (atoms & _ROW_ATOMS or {"price"} <= atoms <= _ROW_PRICE):
        return around({"line", *addressed})
    return around({about, *named, *addressed} - {""})


_KEYS: Final = frozenset({"order.delivery_address", "order.invoice_address"})


def _correct(field: Field, atoms: set[str], siblings: frozenset[str]) -> None:
    """What values and siblings add: a bare name beside a first name is a last name, one whose
    values are firms is a company."""
    if "unit" in atoms and atoms & {"net", "gross"} and "weight" not in atoms:
        atoms.add("price")
    if (
        "description" in atoms
        and not siblings & {"name", "designation"}
        and not atoms & {"short", "meta", "long"}
        and not field.profile.share("html")
        and field.kind != "html"
    ):  # of an article that has no other name
        atoms.add("designation")
    if "name" in atoms and field.profile.share("company") >= 0.4 and atoms <= _NAMES:
        atoms.add("company")
        return
    if "name" in atoms and "first" in siblings and "last" not in siblings and atoms <= _NAMES:
        atoms.add("last")


def _tax(atoms: set[str], found: Sequence[tuple[str, float]]) -> str:
    if not found or "weight" in atoms:
        return ""
    if "gross" in atoms:
        return "gross"
    return "net" if "net" in atoms else ""


def _never(field: Field, atoms: set[str], found: Sequence[tuple[str, float]]) -> str:
    """Why the field must not be mapped, or nothing."""
    if field.name.lstrip().startswith(("$", "@")):
        return "an internal item of the database"
    if field.kind in ("authors", "readers"):
        return f"a field of {field.kind}, who may read or edit"
    if field.kind == "secret" or field.profile.share("secret") > 0.5:
        return "a secret or a checksum"
    content = {atom for atom in atoms if atom not in ("field", "flag", "id", "number", "name")}
    if content & _NEVER:
        return "about access, secrets or history"
    if content & _INTERNAL and not (found and found[0][1] >= 0.6):
        return "an internal item"
    if "by" in atoms and atoms & _WHO:
        return "who changed the record"
    if field.profile.share("dn") > 0.5 and not atoms & {"employee", "customer", "contact"}:
        return "the name of a user"
    return ""


def language_of(fields: Sequence[Field]) -> str:
    """The language that most names are in."""
    return _language([_draft(one) for one in fields])
