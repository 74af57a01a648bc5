"""File systems beside the local one: the package that each needs, and how it says that it does not
answer, or refuses."""

from pkgutil import resolve_name
from typing import NamedTuple


class StorageLibrary(NamedTuple):
    """A package that teaches fsspec a protocol, and the names of the exceptions of its storage.

    They come beside OSError, to which fsspec translates most; what else comes is a bug.
    """

    package: str
    errors: tuple[str, ...]


_S3 = StorageLibrary(
    "s3fs",
    (
        "botocore.exceptions:BotoCoreError",
        "botocore.exceptions:ClientError",
        "botocore.parsers:ResponseParserError",
        "urllib3.exceptions:HTTPError",
        "aiohttp:ClientError",
    ),
)
_GOOGLE = StorageLibrary(
    "gcsfs",
    (
        "gcsfs.retry:HttpError",
        "gcsfs.retry:ChecksumError",
        "google.auth.exceptions:GoogleAuthError",
        "requests.exceptions:RequestException",
        "aiohttp:ClientError",
    ),
)
_AZURE = StorageLibrary("adlfs", ("azure.core.exceptions:AzureError", "aiohttp:ClientError"))
LIBRARIES = {
    "s3": _S3,
    "s3a": _S3,
    "gs": _GOOGLE,
    "gcs": _GOOGLE,
    "abfs": _AZURE,
    "az": _AZURE,
}
"""Libraries by the protocols of their URLs."""


def package_for(protocol: str) -> str:
    """The package to install for a protocol, as a person is told of it."""
    library = LIBRARIES.get(protocol)
    return library.package if library else f"a package for {protocol}"


def storage_errors(protocol: str) -> tuple[type[Exception], ...]:
    """The exceptions of one of fsspec's file systems, whose package is installed."""
    library = LIBRARIES.get(protocol)
    return (OSError, *(resolve_name(name) for name in (library.errors if library else ())))
