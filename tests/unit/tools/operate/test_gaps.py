"""Records that a restore sends so that each comes to its own offset."""

from newsman.tools.operate.archive.records import KeptRecord, read_records, write_records
from newsman.tools.operate.restore import FILLER, without_gaps


def record(offset: int) -> KeptRecord:
    return KeptRecord(offset, 1_000 + offset, b"k", b"v%d" % offset, [("h", b"\x00\xff")])


def test_a_gap_that_compaction_left_is_filled_with_the_record_behind_it():
    kept = [record(2), record(5)]
    sent = list(without_gaps(kept, 6, compacted=True))
    assert [each.offset for each in sent] == [2, 2, 2, 5, 5, 5]


def test_what_retention_took_is_filled_with_nothing():
    sent = list(without_gaps([record(2)], 3, compacted=False))
    assert sent == [FILLER, FILLER, record(2)]
    assert list(without_gaps([], 2, compacted=False)) == [FILLER, FILLER]


def test_records_are_read_as_they_were_written(tmp_path):
    kept = [record(0), KeptRecord(7, -1, None, None, []), KeptRecord(8, 5, b"", b"", [])]
    assert write_records(tmp_path / "file", kept) == 3
    assert list(read_records(tmp_path / "file")) == kept
