"""Writes enrich's list of live IPTC Media Topics from the IPTC's mapping file (CC BY 4.0), and the
ordinary words of its definitions, by which texts in capitals are read.

`python deploy/mediatopics/build.py iptc_mapping.json`; the result is committed.
"""

import json
import re
import sys
from pathlib import Path

DATA = Path(__file__).parents[2] / "services" / "newsman" / "enrich" / "data"
HEAD = """\
# Live IPTC Media Topics: code|name|code of the broader topic|Wikidata item
# Source: IPTC NewsCodes (iptc.org), CC BY 4.0; made by deploy/mediatopics/build.py.
"""
WORDS_HEAD = """\
# Words that are written in small letters. Source: definitions of the IPTC NewsCodes (iptc.org),
# CC BY 4.0; made by deploy/mediatopics/build.py.
"""
LEVELS = [f"Level{level}/NewsCode" for level in range(1, 7)]


def main() -> None:
    """Writes both lists."""
    entries = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    live = [entry for entry in entries.values() if not isinstance(entry["RetiredDate"], str)]
    rows = sorted(_row(entry) for entry in live)
    (DATA / "mediatopics.psv").write_text(HEAD + "".join(rows), encoding="utf-8")
    texts = (f"{entry['Name (en-GB)']} {entry['Definition (en-GB)']}" for entry in entries.values())
    words = {word for text in texts for word in re.findall(r"(?<!\w)[a-z]{2,}(?!\w)", text)}
    (DATA / "words.txt").write_text(
        WORDS_HEAD + "".join(f"{word}\n" for word in sorted(words)), encoding="utf-8"
    )


def _row(entry: dict) -> str:
    chain = [entry[level] for level in LEVELS if isinstance(entry.get(level), str)]
    codes = [code.removeprefix("medtop:") for code in chain]
    broader = codes[-2] if len(codes) > 1 else ""
    item = entry["Wikidata mapping"]
    item = item.rpartition("/")[2] if isinstance(item, str) else ""
    return f"{codes[-1]}|{entry['Name (en-GB)']}|{broader}|{item}\n"


if __name__ == "__main__":
    main()
