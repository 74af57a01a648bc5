"""Assets, copied between their storage and the folder of a backup."""

import shutil
from pathlib import Path

from newsman.assets.folder import AssetsUnavailable, Folder
from newsman.runtime.private_files import make_private_folder
from newsman.settings import AssetsSettings, read_settings
from newsman.terminal.endings import CommandFailed
from newsman.terminal.progress import progress


def save_assets(into: Path) -> int:
    """Copies every file of the storage; the number of them. Raises CommandFailed."""
    storage = Folder(read_settings(AssetsSettings).assets_url)
    try:
        names = storage.files()
        with progress("assets", len(names)) as advance:
            for name in names:
                make_private_folder((into / name).parent)
                with storage.open(name) as source, (into / name).open("xb") as target:
                    shutil.copyfileobj(source, target)
                advance(1)
    except AssetsUnavailable as error:
        raise CommandFailed(f"the assets: {error}") from error
    return len(names)


def restore_assets(kept: Path) -> int:
    """Copies every file back that is not there; the number of all. Raises CommandFailed."""
    storage = Folder(read_settings(AssetsSettings).assets_url)
    names = [path.relative_to(kept).as_posix() for path in kept.rglob("*") if path.is_file()]
    try:
        there = set(storage.files())
        # What points to files comes after the files.
        missing = sorted(set(names) - there, key=lambda name: name.endswith(".json"))
        with progress("assets", len(missing)) as advance:
            for name in missing:
                file = storage.create(name)
                with (kept / name).open("rb") as source:
                    shutil.copyfileobj(source, file)
                storage.finish(file)
                advance(1)
    except AssetsUnavailable as error:
        raise CommandFailed(f"the assets: {error}") from error
    return len(names)
