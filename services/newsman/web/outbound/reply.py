"""The outcome of a request: an answer, or the words for none."""

import errno
import os
import socket
import ssl
from dataclasses import dataclass

from multidict import CIMultiDict

from newsman.web.outbound.policy import NOT_PUBLIC

_NO_NAME = frozenset({socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)})


class NoAnswer(Exception):
    """No answer came; the text says why, and nothing of the address beyond its host."""


class NoHttp(ValueError):
    """An answer that is not of HTTP/1, or has a head without end."""


class ClosedEarly(OSError):
    """The connection was closed before an answer."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: any status, redirects included, which are never followed."""

    status: int
    headers: CIMultiDict[str]
    body: bytes
    """Its beginning, as it was sent: nothing is unpacked."""
    is_whole: bool
    """False when more was announced or sent than was read."""

    def text(self, most_characters: int) -> str:
        """The beginning of the body for people."""
        return self.body[: most_characters * 4].decode("utf-8", "replace")[:most_characters]


def in_words(error: Exception) -> str:
    """The reason of a failure, for those who subscribed: nothing of networks behind it."""
    if isinstance(error, NoHttp):
        return "the answer is no HTTP"
    if isinstance(error, ClosedEarly):
        return "the connection was closed without an answer"
    if isinstance(error, ssl.SSLCertVerificationError | ssl.CertificateError):
        return "its certificate is not valid"
    if isinstance(error, TimeoutError) and error.errno is None:
        return "no answer in time"
    return _os_error_in_words(error) if isinstance(error, OSError) else "the request failed"


def _os_error_in_words(error: OSError) -> str:
    if isinstance(error, socket.gaierror):
        # A name that leads inside is not to be told from one that leads nowhere.
        return NOT_PUBLIC if error.errno in _NO_NAME else "its name can't be looked up now"
    if isinstance(error, ssl.SSLError):
        return "TLS failed"
    if error.errno is None:
        return "the connection failed"
    return NOT_PUBLIC if error.errno == errno.EACCES else os.strerror(error.errno).lower()
