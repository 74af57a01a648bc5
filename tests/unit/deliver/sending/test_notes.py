"""What a note of the ledger says."""

import pytest

from newsman.deliver.sending.notes import shown_target


@pytest.mark.parametrize(
    ("target", "shown"),
    [
        ("https://desk.example/hook", "https://desk.example/hook"),
        ("https://user:pw@desk.example:8443/hook", "https://desk.example:8443/hook"),
        ("https://desk.example/hook?key=secret#part", "https://desk.example/hook"),
        ("desk@paper.example", "desk@paper.example"),
        ("", ""),
        ("https://[desk.example/", ""),
    ],
)
def test_a_target_is_shown_without_what_may_be_secret(target, shown):
    assert shown_target(target) == shown


def test_a_long_target_is_cut():
    assert len(shown_target("https://desk.example/" + "a" * 2_000)) == 300
