"""Plain text for elements whose content readers take as HTML.

RSS says of `description` that it holds HTML, and of `title` nothing; of a title most readers guess
whether it is HTML. docs/decisions/0085-text-and-html-in-outputs.md lists every output's contract.
"""

import re
from html import escape, unescape

from newsman.outputs.text.xml_text import legal

# Where an HTML tokenizer leaves the data state (HTML section 13.2.5.6).
_TAG_OPEN = re.compile("<[A-Za-z/!?]")


def as_html(text: str) -> str:
    """HTML that shows the text; characters that XML can't hold are left out first, since without
    them other characters may make up a tag."""
    return escape(legal(text), quote=False)


def as_title(text: str) -> str:
    """The text itself where HTML would show the same, else `as_html`.

    So both kinds of readers show every usual headline as it is ("AT&T", "5 < 6"), and no headline
    holds an element.
    """
    plain = legal(text)
    is_same_in_html = not _TAG_OPEN.search(plain) and unescape(plain) == plain
    return plain if is_same_in_html else as_html(plain)
