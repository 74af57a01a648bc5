"""Lines keep their numbers, and none is read whole when it is too long."""

import io
import os

import pytest

from newsman.tools.push.documents import Line, open_regular, read_lines, walk


def lines(text: bytes, limit: int = 100) -> list[Line]:
    return list(read_lines(io.BytesIO(text), limit))


def test_blank_lines_count_but_are_not_sent():
    assert lines(b"{}\n\n  \r\n{1}") == [Line(1, b"{}"), Line(4, b"{1}")]


def test_a_lone_carriage_return_ends_an_item_as_it_does_for_ingest():
    assert lines(b"a\rb\nc\n") == [Line(1, b"a"), Line(1, b"b"), Line(2, b"c")]


def test_a_line_too_long_is_skipped_and_the_next_one_is_not():
    text = b"x" * 10 + b"\n" + b"y" * 25 + b"\nz\n"
    assert lines(text, 10) == [Line(1, b"x" * 10), Line(2, None), Line(3, b"z")]


def test_a_folder_is_walked_in_order_without_what_is_hidden(tmp_path):
    for name in ("b/2.json", "b/1.json", "a.json", ".hidden", ".git/x", "c/.h"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("{}")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    found = [str(path.relative_to(tmp_path)) for path in walk(tmp_path, pytest.fail)]
    assert found == ["a.json", "b/1.json", "b/2.json", "gone"]


def test_a_folder_that_cannot_be_read_is_told_and_does_not_end_the_walk(tmp_path):
    failures = []
    assert list(walk(tmp_path / "gone", lambda name, error: failures.append(name))) == []
    assert failures == [str(tmp_path / "gone")]


def test_only_regular_files_are_opened_and_a_pipe_blocks_nobody(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="no regular file"):
        open_regular(tmp_path / "pipe", follow=True)
    (tmp_path / "file").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    with open_regular(tmp_path / "link", follow=True) as stream:
        assert stream.read() == b"x"
    with pytest.raises(OSError):
        open_regular(tmp_path / "link", follow=False)
