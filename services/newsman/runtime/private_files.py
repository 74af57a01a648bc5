"""Files that only their owner may read: made so from the first byte, whatever the umask is."""

import os
import secrets
import stat
from pathlib import Path

FILE_MODE = 0o600
FOLDER_MODE = 0o700
UMASK = 0o077
"""For child processes, so that what they write is as private."""
_OTHERS = stat.S_IROTH | stat.S_IWOTH


def make_private_folder(folder: Path) -> None:
    """Makes the folder, its owner's alone, and what is missing above it; one that is there stays
    as it is."""
    for missing in reversed([folder, *folder.parents]):
        if not missing.exists():
            missing.mkdir(mode=FOLDER_MODE, exist_ok=True)


def close_folder(folder: Path) -> None:
    """Makes the folder, and takes the rights to one that is there away from everybody else."""
    make_private_folder(folder)
    folder.chmod(FOLDER_MODE)


def open_private(path: Path | str, flags: int) -> int:
    """A file descriptor; a file that is made by it is its owner's alone. For `open(opener=…)`."""
    return os.open(path, flags | os.O_CLOEXEC, FILE_MODE)


def replace_private(
    path: Path, content: bytes, *, mode: int = FILE_MODE, owner: os.stat_result | None = None
) -> None:
    """Puts a file in place whole and on disk; until it has its mode nobody else can read it.

    Raises OSError, leaving what was there, also where the owner can't be kept.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(open_private(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL), "wb") as file:
            file.write(content)
            file.flush()
            if owner is not None:
                os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def exposure(path: Path) -> str | None:
    """The mode of a file that others than its owner and group may read or write, else None."""
    mode = stat.S_IMODE(path.stat().st_mode)
    return f"{mode:04o}" if mode & _OTHERS else None
