"""`causeway far-side`: what is installed in the systems at the other end, as one file."""

import zipfile
from pathlib import Path
from typing import Final

import click

from causeway.errors import StartError

# A zip cannot say an earlier time; the same sources make the same file.
_TIME: Final = (1980, 1, 1, 0, 0, 0)
# Ours alone, and what a shop writes into its modules' folders by itself.
_HIDDEN: Final = ("__pycache__", ".py", "config.xml", "config_de.xml", "config_fr.xml")


@click.group("far-side")
def far_side() -> None:
    """What is installed in a shop or on a Domino server."""


@far_side.command()
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
def prestashop(out: Path) -> None:
    """The module for Modules > Module Manager > Upload a module."""
    import connectors.prestashop

    folder = _folder(connectors.prestashop.__file__) / "causeway"
    count = _pack(out, folder, top="causeway")
    click.echo(f"{out}: {count} files. Upload it in the back office, then open its configuration.")


@far_side.command()
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
def notes(out: Path) -> None:
    """The agents' sources, the DXL to import, and what a Domino administrator does with them."""
    import connectors.notes

    count = _pack(out, _folder(connectors.notes.__file__), top="causeway-notes")
    click.echo(f"{out}: {count} files. README.md in it says what to import and to sign.")


def _folder(module: str | None) -> Path:
    return Path(module or "").parent / "far_side"


def _pack(out: Path, folder: Path, *, top: str) -> int:
    """All files of a folder below `top`; what is there under the name `out` stays whole until the
    new file is."""
    files = [
        one
        for one in sorted(folder.rglob("*"))
        if one.is_file() and not any(part.endswith(_HIDDEN) for part in one.parts)
    ]
    if not files:
        raise StartError(f"{folder} is not there.", "Install Causeway again.")
    if not out.parent.is_dir():
        raise StartError(f"The folder {out.parent} is not there.", "Make it, or name another one.")
    draft = out.with_name(out.name + ".part")
    try:
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as packed:
            for one in files:
                name = f"{top}/{one.relative_to(folder).as_posix()}"
                entry = zipfile.ZipInfo(name, _TIME)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                packed.writestr(entry, one.read_bytes())
        draft.replace(out)
    finally:
        draft.unlink(missing_ok=True)
    return len(files)
