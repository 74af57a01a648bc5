"""enrich says that it is ready only after its models are loaded."""

import urllib.error
import urllib.request


def readyz(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


def test_models_are_loaded_before_it_is_ready(start_service, eventually):
    service = start_service("enrich")
    early = eventually(lambda: (r := readyz(service.url))[0] and r, timeout=60)
    assert early[0] == 503
    assert "the model is being loaded" in early[1]
    service.wait_ready()
    assert readyz(service.url)[0] == 200
