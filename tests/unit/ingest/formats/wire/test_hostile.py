"""No document of a wire costs more than its size says."""

import time

import pytest

HEADS = {
    "iptc7901": "\x01bdt0123 3 pl 200\r\nA/B/\r\n\x02",
    "anpa": "\x01a1234\x1fasian\r\nu i\x13\x11 BC-Ferry    03-01 0019\r\n\x02",
}
PIECES = [
    "\x01", "\x01bdt1\r\n", "\x02", "\x03", "\x0c", "\x0c\x0b", "^", "^a\r\nb\r\n", "x\r\n",
    "a=\r\n", "=\r\n", "<\r\n", " ", "\t", "a    ", "a/", "A (", "bdt1 ", "bdt1234 kill\r\n",
    "\r\n\r\n", "1", "12-", "AP-WF-", "0", "021130 ", "{a", "a{a", "Sperrfrist ", "(more)\r\n",
    "KILL/", ",", "_ ",
]  # fmt: skip


@pytest.mark.parametrize("name", HEADS)
@pytest.mark.parametrize("piece", PIECES)
def test_a_megabyte_of_anything_is_read_in_time(read, refused, name, piece):
    head = HEADS[name]
    for body in (head + piece * (1_000_000 // len(piece)), piece * (1_000_000 // len(piece))):
        began = time.process_time()
        refused(body.encode(), format_name=name)
        assert time.process_time() - began < 1.0, body[:80]
