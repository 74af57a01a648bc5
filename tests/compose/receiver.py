"""A subscriber of webhooks in a container: a line of JSON for each that came."""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Receiver(BaseHTTPRequestHandler):
    """Takes everything."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        data = body["data"]
        told = {"id": self.headers["webhook-id"], "type": body["type"], "article": data.get("id")}
        # In one piece, since others are told meanwhile.
        sys.stdout.write(json.dumps({**told, "revision": data.get("revision")}) + "\n")
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


if __name__ == "__main__":
    ThreadingHTTPServer(("0.0.0.0", 8080), Receiver).serve_forever()
