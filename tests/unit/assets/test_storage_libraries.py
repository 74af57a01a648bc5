"""Storage that fails is unavailable, and a bug is no failure of the storage."""

import botocore.exceptions
import pytest
from aiohttp import ClientConnectionError

from newsman.assets.folder import AssetsUnavailable, Folder
from newsman.assets.storage_libraries import storage_errors


@pytest.fixture
def folder_that_raises(monkeypatch):
    """Makes folders whose file system does nothing but raise."""

    def make(url: str, error: Exception) -> Folder:
        def fail(*_, **__):
            raise error

        folder = Folder(url)
        monkeypatch.setattr(folder._fs, "cat_file", fail)
        return folder

    return make


@pytest.mark.parametrize(
    "error",
    [
        PermissionError("403"),
        botocore.exceptions.EndpointConnectionError(endpoint_url="http://127.0.0.1:1"),
        botocore.exceptions.NoCredentialsError(),
        botocore.exceptions.ClientError({"Error": {"Code": "SlowDown"}}, "GetObject"),
        ClientConnectionError("reset"),
        TimeoutError("too late"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_s3_raises_is_one_exception(error, folder_that_raises):
    with pytest.raises(AssetsUnavailable, match=type(error).__name__):
        folder_that_raises("s3://newsroom/assets", error).read("a")


def test_a_full_disk_is_storage_that_fails(tmp_path, folder_that_raises):
    with pytest.raises(AssetsUnavailable, match="no space"):
        folder_that_raises(tmp_path.as_uri(), OSError("no space")).read("a")


@pytest.mark.parametrize("url", ["file:///tmp", "s3://newsroom/assets"])
def test_a_bug_stays_what_it_is(url, folder_that_raises):
    with pytest.raises(TypeError, match="bug"):
        folder_that_raises(url, TypeError("a bug")).read("a")


def test_a_file_that_is_not_there_is_none(tmp_path):
    assert Folder(tmp_path.as_uri()).read("a") is None


@pytest.mark.parametrize("protocol", ["file", "local", "memory", "s3", "s3a"])
def test_the_exceptions_of_what_is_installed_exist(protocol):
    assert all(issubclass(each, Exception) for each in storage_errors(protocol))
