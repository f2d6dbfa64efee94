"""Write the module's dictionaries from translations.toml, for the texts that its sources use.

    python connectors/prestashop/far_side/build_translations.py [--check]

The classic dictionaries (translations/<iso>.php): PrestaShop 1.7.8, 8 and 9 read them all. A key
holds the file that uses a text, in lower case, and the MD5 of the English text.
"""

import hashlib
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
MODULE = FOLDER / "causeway"
LANGUAGES = ("en", "de", "fr")
_IN_PHP = re.compile(r"->l\('([^'\\]*)'")
_IN_TEMPLATE = re.compile(r"\{l s='([^']*)'")


def used() -> Iterator[tuple[str, str]]:
    """Where each text stands: (file name without ending, in lower case; English text)."""
    for path in [MODULE / "causeway.php", *sorted((MODULE / "classes").glob("*.php"))]:
        for text in _IN_PHP.findall(path.read_text(encoding="utf-8")):
            yield path.stem.lower(), text
    for path in sorted((MODULE / "views").rglob("*.tpl")):
        for text in _IN_TEMPLATE.findall(path.read_text(encoding="utf-8")):
            yield path.stem.lower(), text


def dictionaries() -> dict[str, str]:
    """The PHP source of each dictionary. Raises `ValueError` for a text that is not translated,
    and for one that nothing uses."""
    with (FOLDER / "translations.toml").open("rb") as file:
        rows = {row["en"]: row for row in tomllib.load(file)["text"]}
    places = sorted(set(used()))
    missing = {text for _, text in places} - rows.keys()
    unused = rows.keys() - {text for _, text in places}
    if missing or unused:
        raise ValueError(f"not translated: {sorted(missing)}; not used: {sorted(unused)}")
    return {language: _source(language, places, rows) for language in LANGUAGES}


def _source(language: str, places: list[tuple[str, str]], rows: dict[str, dict[str, str]]) -> str:
    lines = [
        "<?php",
        "// Made by build_translations.py.",
        "if (!defined('_PS_VERSION_')) {",
        "    exit;",
        "}",
        "",
        "global $_MODULE;",
        "$_MODULE = [];",
    ]
    for source, text in places:
        # Its key is of no use to an attacker: the MD5 is PrestaShop's own way to name a text.
        key = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
        said = rows[text][language].replace("\\", "\\\\").replace("'", "\\'")
        lines.append(f"$_MODULE['<{{causeway}}prestashop>{source}_{key}'] = '{said}';")
    return "\n".join([*lines, ""])


def main() -> int:
    stale = []
    for language, source in dictionaries().items():
        path = MODULE / "translations" / f"{language}.php"
        if "--check" in sys.argv:
            if not path.is_file() or path.read_text(encoding="utf-8") != source:
                stale.append(path.name)
        else:
            path.write_text(source, encoding="utf-8")
    if stale:
        sys.stderr.write(f"Stale: {', '.join(stale)}. Run build_translations.py.\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
