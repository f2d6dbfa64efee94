"""How many recorded exchanges with a real PrestaShop the imitated one answers alike.

    python -m tests.bench.recordings

Speaks the recorded conversations to it again, 9.1.4 and 8.2.1, and prints the share of answers
that say the same (status, type, every field with its value and JSON type), and each that does not
with the reason. `make test` holds every single one against the same comparison.
"""

import asyncio
import json
import tempfile
from pathlib import Path

from connectors.prestashop.tests.twin.conftest import recordings
from connectors.prestashop.tests.twin.test_replay import OLDER, said_differently, speak
from fixtures.worlds import build_shop
from fixtures.worlds.shop_older import older

SETS = (("9.1", "9.1.4"), ("8.2", "8.2.1"))


def matched(folder: str, version: str) -> tuple[int, list[str]]:
    """How many there are, and the names of those that are answered differently."""
    with tempfile.TemporaryDirectory() as made:
        world = Path(made) / "installed.json"
        installed = build_shop.build("installed")
        held = older(installed) if folder == "8.2" else installed
        world.write_text(json.dumps(held), encoding="utf-8")
        answers = asyncio.run(speak(world, folder, version))
    found = recordings(folder)
    different = [
        str(one["name"]) for one in found if said_differently(answers[one["name"]], one["response"])
    ]
    return len(found), different


def main() -> None:
    for folder, version in SETS:
        count, different = matched(folder, version)
        alike = count - len(different)
        share = 100 * alike / count
        print(f"PrestaShop {version}: {alike} of {count} alike ({share:.1f} %)")  # noqa: T201
        for name in different:
            print(f"  {name}: {OLDER.get(name, 'NOT EXPLAINED')}")  # noqa: T201


if __name__ == "__main__":
    main()
