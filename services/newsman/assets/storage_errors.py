"""The exceptions by which file systems say that they do not answer, or refuse."""

from pkgutil import resolve_name

_OF_S3 = (
    "botocore.exceptions:BotoCoreError",
    "botocore.exceptions:ClientError",
    "botocore.parsers:ResponseParserError",
    "urllib3.exceptions:HTTPError",
    "aiohttp:ClientError",
)
_OF_GOOGLE = (
    "gcsfs.retry:HttpError",
    "gcsfs.retry:ChecksumError",
    "google.auth.exceptions:GoogleAuthError",
    "requests.exceptions:RequestException",
    "aiohttp:ClientError",
)
_OF_AZURE = ("azure.core.exceptions:AzureError", "aiohttp:ClientError")
_OF_LIBRARIES = {
    "s3": _OF_S3,
    "s3a": _OF_S3,
    "gs": _OF_GOOGLE,
    "gcs": _OF_GOOGLE,
    "abfs": _OF_AZURE,
    "az": _OF_AZURE,
}
"""Beside OSError, to which fsspec translates most; what else comes is a bug."""


def storage_errors(protocol: str) -> tuple[type[Exception], ...]:
    """The exceptions of one of fsspec's file systems, whose package is installed."""
    return (OSError, *(resolve_name(name) for name in _OF_LIBRARIES.get(protocol, ())))
