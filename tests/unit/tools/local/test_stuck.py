"""A service that runs and answers no more is seen from outside."""

import http.server
import threading

from newsman.tools.local.stuck import answers


def test_an_answer_that_all_is_not_well_is_an_answer():
    server = http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    url = f"http://127.0.0.1:{server.server_port}/healthz"
    thread = threading.Thread(target=server.handle_request)
    thread.start()
    assert answers(url)  # 501
    thread.join()
    server.server_close()
    assert not answers(url)
