"""Services that run and answer no more: seen from outside, where they can't see it themselves."""

import urllib.error
import urllib.request

ASK_SECONDS = 5.0
ANSWER_SECONDS = 2.0
MOST_UNANSWERED = 12
"""So many questions in a row without an answer are a minute at least."""


def answers(url: str) -> bool:
    """True if anything at all is answered there, were it that all is not well."""
    try:
        urllib.request.urlopen(url, timeout=ANSWER_SECONDS).close()  # noqa: S310
    except urllib.error.HTTPError as error:
        error.close()
    except OSError:
        return False
    return True
