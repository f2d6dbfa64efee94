"""How right suggested mappings are: precision, recall, ranks, calibration, functions."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from flows.mapping.command import answer
from flows.mapping.matcher.suggest import AUTOMATIC
from tests.bench.mapping.schemas import tasks as made_tasks
from tests.bench.mapping.sets import SETS

LIKELY: Final = 0.5
FIELD_LISTS: Final = ("schemas.txt", "styles.txt")
_BINS: Final = 10
Suggest = Callable[[Mapping[str, Any]], list[dict[str, Any]]]


def ours(task: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the command answers."""
    keys = ("source_fields", "target_fields", "samples")
    return list(answer({"task": "map", **{key: task[key] for key in keys if key in task}}))


@dataclass(kw_only=True)
class Tally:
    """Counts over tasks; figures are made of them."""

    sources: int = 0
    mapped: int = 0
    truths: int = 0
    said: int = 0
    right: int = 0
    automatic: int = 0
    automatic_right: int = 0
    found_3: float = 0.0
    found_k: float = 0.0
    reciprocal: float = 0.0
    hits_3: int = 0
    distractors: int = 0
    distracted: int = 0
    kinds: int = 0
    kinds_right: int = 0
    seconds: float = 0.0
    tasks: int = 0
    chances: list[tuple[float, bool]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def figures(self) -> dict[str, float]:
        precision = self.right / self.said if self.said else 1.0
        recall = self.right / self.mapped if self.mapped else 1.0
        return {
            "precision at auto-accept": self.automatic_right / self.automatic
            if self.automatic
            else 1,
            "accepted of mapped": self.automatic_right / max(1, self.mapped),
            "top-1 precision": precision,
            "top-1 recall": recall,
            "top-1 F1": 2 * precision * recall / (precision + recall)
            if precision + recall
            else 0.0,
            "recall@3": self.found_3 / max(1, self.truths),
            "recall@|truth|": self.found_k / max(1, self.truths),
            "MRR": self.reciprocal / max(1, self.mapped),
            "hits@3": self.hits_3 / max(1, self.mapped),
            "distractors mapped": self.distracted / max(1, self.distractors),
            "Brier": sum((p - hit) ** 2 for p, hit in self.chances) / max(1, len(self.chances)),
            "ECE": calibration_error(self.chances),
            "kinds right": self.kinds_right / max(1, self.kinds),
            "ms each": 1000 * self.seconds / max(1, self.tasks),
        }


def calibration_error(chances: Sequence[tuple[float, bool]]) -> float:
    """Expected calibration error of ten bins."""
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(_BINS)]
    for chance, hit in chances:
        bins[min(_BINS - 1, int(chance * _BINS))].append((chance, hit))
    return sum(abs(sum(p for p, _ in one) - sum(hit for _, hit in one)) for one in bins) / max(
        1, len(chances)
    )


def count(task: Mapping[str, Any], tally: Tally, suggest: Suggest = ours) -> None:
    """Adds one task to a tally."""
    begun = time.perf_counter()
    suggested = suggest(task)
    tally.seconds += time.perf_counter() - begun
    tally.tasks += 1
    truth: dict[str, dict[str, str]] = {}
    also: dict[str, dict[str, str]] = {}
    for one in task["truth"]:
        for source in _listed(one["source"]):
            for target in _listed(one["target"]):
                truth.setdefault(source, {})[target] = one.get("kind", "")
            for target in one.get("also", ()):
                also.setdefault(source, {})[target] = ""
    ranked: dict[str, list[dict[str, Any]]] = {}
    for one in suggested:
        ranked.setdefault(one["source"], []).append(one)
    for source in dict.fromkeys(one["name"] for one in task["source_fields"]):
        where = f"{task['name']}: {source}"
        _count_source(
            where, truth.get(source, {}), also.get(source, {}), ranked.get(source, []), tally
        )


def _listed(value: Any) -> list[str]:
    return list(value) if isinstance(value, list) else [value]


def _count_source(
    where: str,
    wanted: Mapping[str, str],
    also: Mapping[str, str],
    ranked: Sequence[Mapping[str, Any]],
    tally: Tally,
) -> None:
    """`also` are targets that are right as well, in the place of those wanted."""
    tally.sources += 1
    best = ranked[0] if ranked else None
    fine = {*wanted, *also}
    hit = best is not None and best["target"] in fine
    if best is not None:
        tally.chances.append((best["confidence"], hit))
        if best["confidence"] >= AUTOMATIC:
            tally.automatic += 1
            tally.automatic_right += hit
        if best["confidence"] >= LIKELY:
            tally.said += 1
            tally.right += hit
    said = "; ".join(f"{one['target']} {one['confidence']:.2f}" for one in ranked[:3]) or "nothing"
    if not wanted:
        tally.distractors += 1
        if best is not None and best["confidence"] >= LIKELY:
            tally.distracted += 1
            tally.failures.append(f"{where} is nothing, but: {said}")
        return
    tally.mapped += 1
    tally.truths += len(wanted)
    places = [at for at, one in enumerate(ranked) if one["target"] in fine]
    tally.found_3 += min(len(wanted), sum(at < 3 for at in places))
    tally.found_k += min(len(wanted), sum(at < len(wanted) for at in places))
    tally.reciprocal += 1 / (places[0] + 1) if places else 0
    tally.hits_3 += bool(places and places[0] < 3)
    if not hit or (best is not None and best["confidence"] < LIKELY):
        tally.failures.append(f"{where} is {', '.join(wanted)}, but: {said}")
    for one in ranked:
        kind = wanted.get(one["target"], "")
        if kind:
            tally.kinds += 1
            tally.kinds_right += one["transform"]["kind"] == kind
            if one["transform"]["kind"] != kind:
                tally.failures.append(
                    f"{where} → {one['target']}: {one['transform']['kind']}, not {kind}"
                )


@dataclass(frozen=True, kw_only=True)
class MapScore:
    """The figures of a set, in all, by direction and by language."""

    name: str
    parts: Mapping[str, Tally]

    def lines(self, *, failures: bool) -> list[str]:
        found = [f"{self.name}:"]
        for key, tally in self.parts.items():
            told = ", ".join(f"{name} {value:.3f}" for name, value in tally.figures().items())
            found.append(f"  {key} ({tally.tasks} tasks, {tally.sources} fields): {told}")
        if failures:
            found += [f"  {why}" for why in self.parts["all"].failures]
        return found


def score(name: str, tasks: Sequence[Mapping[str, Any]], suggest: Suggest = ours) -> MapScore:
    """Every task is counted in all, by its direction and by its language."""
    parts: dict[str, Tally] = {"all": Tally()}
    for task in tasks:
        for key in ("all", task["direction"], task["language"]):
            count(task, parts.setdefault(key, Tally()), suggest)
    return MapScore(name=name, parts=parts)


def read_tasks(folder: Path) -> list[dict[str, Any]]:
    """The tasks of a folder, one for each JSON file."""
    return [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))]


def development() -> list[dict[str, Any]]:
    """What was looked at while building."""
    folder = SETS["development"] / "maps"
    made = [one for path in FIELD_LISTS for one in made_tasks(folder / path)]
    return [*made, *read_tasks(folder)]


def scores() -> Iterator[MapScore]:
    """The development set with its failures; the set kept aside with totals only."""
    folder = SETS["development"] / "maps"
    yield score("development, made from field lists", list(made_tasks(folder / "schemas.txt")))
    yield score("development, further styles", list(made_tasks(folder / "styles.txt")))
    for name, path in (
        ("development, written blind", folder),
        ("reported apart, written blind", SETS["kept aside"] / "maps_reported"),
        ("kept aside", SETS["kept aside"] / "maps"),
    ):
        found = read_tasks(path)
        if found:
            made = score(name, found)
            if not name.startswith("development"):
                for tally in made.parts.values():
                    tally.failures.clear()
            yield made
