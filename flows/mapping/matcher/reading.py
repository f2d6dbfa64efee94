"""What each field of a schema means, read together with its siblings.

Siblings matter: a bare "Name" beside "Vorname" is a last name, "Nr" among goods is a product
number, and lists of one length, or items numbered alike, are the rows of an order.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

from flows.mapping.matcher import lexicon
from flows.mapping.matcher.concepts import CONCEPTS, ENTITIES, around, meanings
from flows.mapping.matcher.draft import Draft, draft, drafts_of
from flows.mapping.matcher.evident import evident, is_whole_address
from flows.mapping.matcher.field import Field
from flows.mapping.matcher.words import aside, fold, words

ROLES: Final = frozenset({"delivery", "invoice", "supplier", "employee", "manufacturer"})
_TWO: Final = frozenset({"delivery", "invoice"})
_ENTITY_ATOMS: Final = frozenset(ENTITIES.values())
_OPEN: Final = frozenset({"method", "designation", "status", "amount", "total", "cost", "link"})
_ROW_ATOMS: Final = frozenset({"sku", "product", "unit", "quantity", "line", "designation", "ean"})
_ROW_PRICE: Final = frozenset({"price", "net", "gross", "#1", "list", "field"})
_NAMES: Final = frozenset(
    {"name", "customer", "contact", "person", "delivery", "invoice", "address", "field", "#1"}
)
_NO_ROW: Final = frozenset({"payment", "carrier", "invoice", "status", "customer"})
_ITS_NAME: Final = frozenset({"name", "designation", "product", "line", "field", "short", "#1"})
_ITS_TEXT: Final = frozenset({"description", "product", "depth", "full", "field"})
_LONG: Final = frozenset({"full", "depth"})
_TAXES: Final = frozenset({"net", "gross", "tax"})
_GENERIC: Final = frozenset({"id", "name", "number", "code", "date", "reference", "field", "type"})
_NEVER: Final = frozenset({"reader", "author", "password", "history", "editor", "separator"})
_INTERNAL: Final = frozenset({"internal", "sync", "form"})
_WHO: Final = frozenset({"created", "modified", "status"})


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


def read(
    fields: Sequence[Field], other: str = "", *, sure: bool = False
) -> tuple[tuple[Reading, ...], str]:
    """The readings, and the entity of which most fields speak. `other` is what the other side
    speaks of; it counts where this side leaves it open, or always when the other side is `sure`."""
    drafts = drafts_of(fields)
    language = _language(drafts)
    about = other if sure and other else _about(drafts, language, other)
    siblings = _siblings(drafts, language, about)
    found = [_reading(one, language, about, siblings) for one in drafts]
    return tuple(_by_default(found)), about


def _siblings(drafts: Sequence[Draft], language: str, about: str) -> frozenset[str]:
    """The atoms of all names; `named` where one is the name of the record itself, `described`
    where one is its long text."""
    each = [frozenset(lexicon.atoms(one.parts, language, about)) for one in drafts]
    found = set[str]().union(*each)
    if any(one & {"name", "designation"} and one <= _ITS_NAME for one in each):
        found.add("named")
    if any("description" in one and one & _LONG and one <= _ITS_TEXT for one in each):
        found.add("described")
    return frozenset(found)


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


def _language(drafts: Sequence[Draft]) -> str:
    votes: Counter[str] = Counter()
    for one in drafts:
        votes.update(lexicon.spoken((*one.parts, *(part for way in one.parents for part in way))))
    return votes.most_common(1)[0][0] if votes else "en"


def _entity_of(text: str) -> str:
    glued = "".join(words(text))
    if not glued:
        return ""
    return ENTITIES.get(glued) or ENTITIES.get(glued.removesuffix("s"), "")


def _explicit(draft: Draft, language: str) -> str:
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


def _about(drafts: Sequence[Draft], language: str, other: str) -> str:
    votes: dict[str, float] = defaultdict(float)
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
            votes[atom] += 0.5
    if any(ROLES & set(lexicon.atoms(one.parts, language, "")) & _TWO for one in drafts):
        customer_share = 0.5  # who has an address of the delivery is an order rather
    else:
        customer_share = 1.0
    order = votes["order"] + 0.6 * votes["line"] + 0.5 * votes["invoice"] + votes["carrier"]
    product = votes["product"] + votes["stock"]
    customer = votes["customer"] + 0.5 * (votes["person"] + votes["address"])
    customer *= customer_share
    if votes["line"] >= 2 or votes["order"] >= 3:
        product *= 0.5
        customer *= 0.6
    ranked = sorted(
        [(order, "order"), (product, "product"), (customer, "customer"),
         (2 * votes["state"] if votes["state"] >= 2 else 0, "state"),
         (2 * votes["category"] if votes["category"] > product / 2 else 0, "category")],
        reverse=True,
    )  # fmt: skip
    if ranked[0][0] < 1.5 and other:
        return other
    return ranked[0][1] if ranked[0][0] > 0 else other


def _reading(draft: Draft, language: str, about: str, siblings: frozenset[str]) -> Reading:
    field = draft.field
    explicit = _explicit(draft, language)
    if draft.row:
        explicit = explicit if explicit not in ("", "order", "product") else "line"
    own = lexicon.atoms(draft.parts, language, explicit or about)
    if field.label:
        labelled = lexicon.atoms(words(field.label), language, explicit or about)
        if all(atom.startswith("~") for atom in own):
            own = labelled
    completed = _completed(own, explicit, about, language)
    if completed:
        own = completed
    above = tuple(
        atom for parent in draft.parents for atom in lexicon.atoms(parent, language, explicit)
    )
    given = lexicon.atoms((*words(field.role), *words(field.entity)), language, "")
    atoms = set(own)
    if set(own) <= _GENERIC | _OPEN | _TAXES:  # order_state.name, customer.id, sum.net
        nearest = lexicon.atoms(draft.parents[-1], language, explicit) if draft.parents else ()
        # The parent of partner_id/name is the partner, not its key.
        atoms |= {atom for atom in nearest if not atom.startswith("#") and atom != "id"}
    roles = ROLES & {*own, *above, *given}
    contexts = _contexts(explicit, about, frozenset(atoms), roles)
    _correct(field, atoms, siblings, about)
    is_id = "id" in atoms or (field.kind == "integer" and field.name.lower().startswith("id"))
    found = meanings(frozenset(atoms), contexts)
    if (not found or found[0][1] < _WEAK) and all(
        atom in _SILENT or atom.startswith(("~", "#")) for atom in own
    ):
        found = evident(field.profile, about, siblings) or found
    if is_whole_address(field.profile) and not (found and found[0][0] in _LONG_TEXTS):
        found = (("address.full", 0.9),)
    if field.kind == "date" and not (found and CONCEPTS[found[0][0]].kind == "date"):
        dated = meanings(frozenset(atoms | {"date"}), contexts)  # "Auslieferung" of a date
        if dated and CONCEPTS[dated[0][0]].kind == "date":
            found = dated
    if completed:
        found = tuple((concept, strength * _GUESSED) for concept, strength in found)
    if "#1" not in atoms:
        found = _whole_or_street(field, found, siblings)
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


_GUESSED: Final = 0.93
_WEAK: Final = 0.5
_LONG_TEXTS: Final = frozenset(
    {"address.full", "order.note", "customer.note", "address.other", "message.body"}
)
# Words that say nothing of what a value is.
_SILENT: Final = _ENTITY_ATOMS | {
    "field", "line", "code", "number", "name", "designation", "text", "type", "other", "contact",
    "delivery", "invoice", "full", "person", "company", "description", "comment",
}  # fmt: skip
_FITTING: Final = 0.85


def _completed(own: tuple[str, ...], explicit: str, about: str, language: str) -> tuple[str, ...]:
    """The atoms with cut-off words (`bes_num`, `LieStr`) completed so that together they name
    something; nothing where no completion does."""
    cut = [at for at, atom in enumerate(own) if atom.startswith("~")]
    options = [
        (*((one,) for one in lexicon.completions(own[at][1:], language)),
         *lexicon.glued(own[at][1:], language))
        for at in cut
    ]  # fmt: skip
    if not cut or len(cut) > 2 or not all(options):
        return ()
    best = _FITTING
    chosen: tuple[str, ...] = ()
    for wanted in product(*options):
        instead = dict(zip(cut, wanted, strict=True))
        made = [atom for at, one in enumerate(own) for atom in instead.get(at, (one,))]
        contexts = _contexts(explicit, about, frozenset(made), ROLES & set(made))
        strength = max((one for _, one in meanings(frozenset(made), contexts)), default=0.0)
        if strength > best + 0.01:
            best, chosen = strength, tuple(made)
    return chosen


def _whole_or_street(
    field: Field, found: tuple[tuple[str, float], ...], siblings: frozenset[str]
) -> tuple[tuple[str, float], ...]:
    """An "Anschrift" is a whole address or only its street: values tell, or what stands beside."""
    if not {"address.street", "address.full"} <= {concept for concept, _ in found}:
        return found
    if field.profile.count:
        whole = field.profile.share("parts") > 0.5
    else:
        whole = not siblings & {"city", "postcode"}
    drop = "address.street" if whole else "address.full"
    return tuple(one for one in found if one[0] != drop)


def _contexts(
    explicit: str, about: str, atoms: frozenset[str], roles: frozenset[str]
) -> frozenset[str]:
    addressed = {"address"} if roles & {"delivery", "invoice"} else set()
    if explicit:
        return around({explicit, *addressed})
    named = atoms & _ENTITY_ATOMS
    of_rows = bool(atoms & _ROW_ATOMS) and not atoms & _NO_ROW
    if about == "order" and (of_rows or {"price"} <= atoms <= _ROW_PRICE):
        return around({"line", *addressed})
    return around({about, *named, *addressed} - {""})


_KEYS: Final = frozenset({"order.delivery_address", "order.invoice_address"})


def _correct(field: Field, atoms: set[str], siblings: frozenset[str], about: str) -> None:
    """What values and siblings add: a bare name beside a first name is a last name, one whose
    values are firms is a company."""
    if "unit" in atoms and atoms & {"net", "gross"} and "weight" not in atoms:
        atoms.add("price")
    if (
        "description" in atoms
        and "named" not in siblings
        and not atoms & {"short", "meta", "full", "depth"}
        and not field.profile.share("html")
        and field.kind != "html"
    ):  # of an article that has no other name
        atoms.add("designation")
        if "described" in siblings or (about == "product" and field.profile.share("long") < 0.3):
            atoms.discard("description")
    if {"description", "short"} <= atoms and {"described", "named"} & siblings == {"described"}:
        atoms -= {"description", "short"}
        atoms.add("designation")
    if "name" in atoms and field.profile.share("company") >= 0.4 and atoms <= _NAMES:
        atoms.add("company")
        return
    if "name" in atoms and atoms <= _NAMES and "first" not in siblings and _persons(field):
        atoms.add("full")
        return
    if "name" in atoms and "first" in siblings and "last" not in siblings and atoms <= _NAMES:
        atoms.add("last")


def _persons(field: Field) -> bool:
    return field.profile.share("person") >= 0.6 and field.profile.share("company") < 0.2


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
    return _language([draft(one) for one in fields])
