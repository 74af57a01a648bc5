"""Sentences and words of a text, without a model: for summaries, reading time and keyphrases."""

import re

_END = re.compile(r"(?<=[.!?…])[”’\"')\]]*\s+(?=[“‘\"'(\[]?[^\W_a-zà-ÿ])|\n+")
LONGEST_ABBREVIATION = 10
_ABBREVIATION = re.compile(
    r"(?:^|[\s(“\"])(?:[A-Z]|[Mm]rs?|Ms|Dr|Prof|Sen|Rep|Gov|Gen|Col|Capt|Lt|Sgt|St|Jr|Sr|Inc|Ltd|"
    r"Co|Corp|"
    r"Ala|Ariz|Ark|Calif|Colo|Conn|Del|Fla|Ga|Ill|Ind|Kan|Ky|Md|Mass|Mich|Minn|Miss|Mont|Neb|"
    r"Nev|Okla|Ore|Pa|Tenn|Vt|Va|Wash|Wis|Wyo|N\.[CDHJMY]|S\.[CD]|R\.I|D\.C|Det|Insp|Supt|"
    r"No|Nos|vs|e\.g|i\.e|U\.S|U\.N|U\.K|E\.U|Jan|Feb|Mar|Apr|Aug|Sept?|Oct|Nov|Dec|approx|ca)\.$"
)
_APART = r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"
_WORD_APART = re.compile(rf"{_APART}|(?:(?!{_APART})[^\W_])+(?:['’-](?:(?!{_APART})[^\W_])+)*")
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


def sentences(text: str) -> list[str]:
    """The text's sentences in order, quotation marks and all; headings count as sentences."""
    pieces, start = [], 0
    for gap in _END.finditer(text):
        if ends_abbreviated(text, gap.start()) and "\n" not in gap.group():
            continue
        if piece := text[start : gap.end()].strip():
            pieces.append(piece)
        start = gap.end()
    if rest := text[start:].strip():
        pieces.append(rest)
    return pieces


def ends_abbreviated(text: str, end: int) -> bool:
    """True if an abbreviation or an initial ends there, which ends no sentence."""
    # Only the end is looked at: a text of nothing but abbreviations would take for ever.
    return _ABBREVIATION.search(text[max(0, end - LONGEST_ABBREVIATION) : end]) is not None


def begins_after(before: str, marks: str) -> bool:
    """True if a sentence begins behind this text: behind one of the marks, a new line, nothing."""
    written = before.rstrip()
    return not written or written[-1] in marks or "\n" in before[len(written) :]


def words_apart(text: str) -> list[str]:
    """The words of a text; in scripts without spaces between words (Thai, Chinese, Japanese)
    each character is one."""
    return _WORD_APART.findall(text)


def words(text: str) -> list[str]:
    """The text's words as written; a hyphenated one is one."""
    return _WORD.findall(text)
