"""`causeway far-side`: what is installed in the systems at the other end, as one file."""

import zipfile
from collections.abc import Mapping
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
    """DXL to import, On-Disk Projects, the sources, and what a Domino administrator does."""
    import connectors.notes
    from connectors.notes.far_side.builder import all_files

    folder = _folder(connectors.notes.__file__)
    made = {name: text.encode("ascii") for name, text in all_files().items()}
    count = _pack(out, folder, top="causeway-notes", made=made)
    click.echo(f"{out}: {count} files. README.md in it says what to import and to sign.")


@far_side.command("check-lotusscript")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def check_lotusscript(files: tuple[Path, ...]) -> None:
    """Blocks, declarations, labels and names of Notes classes in LotusScript files.

    A file of `lss` that a script uses is looked for beside it.
    """
    from connectors.notes.far_side.linter import check_file

    found = []
    for one in files:
        if not one.is_file():
            raise StartError(f"{one} is not there.", "Name a file of LotusScript.")
        found += check_file(one)
    for finding in found:
        click.echo(str(finding))
    if found:
        raise click.exceptions.Exit(1)
    click.echo(f"{len(files)} files, nothing found.")


def _folder(module: str | None) -> Path:
    return Path(module or "").parent / "far_side"


def _pack(out: Path, folder: Path, *, top: str, made: Mapping[str, bytes] | None = None) -> int:
    """All files of a folder below `top`, and those `made` of them; what is there under the name
    `out` stays whole until the new file is."""
    files = {
        one.relative_to(folder).as_posix(): one.read_bytes()
        for one in sorted(folder.rglob("*"))
        if one.is_file()
        and not any(part.endswith(_HIDDEN) for part in one.parts)
        and not (folder / one.relative_to(folder).parts[0] / "__init__.py").is_file()
    }
    if not files:
        raise StartError(f"{folder} is not there.", "Install Causeway again.")
    files |= made or {}
    if not out.parent.is_dir():
        raise StartError(f"The folder {out.parent} is not there.", "Make it, or name another one.")
    draft = out.with_name(out.name + ".part")
    try:
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as packed:
            for name, content in sorted(files.items()):
                entry = zipfile.ZipInfo(f"{top}/{name}", _TIME)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                packed.writestr(entry, content)
        draft.replace(out)
    finally:
        draft.unlink(missing_ok=True)
    return len(files)
