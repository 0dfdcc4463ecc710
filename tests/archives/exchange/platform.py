"""Another platform on loopback, with recorded answers: what it has is a list, what it is sent is kept."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class OtherPlatform:
    """``items`` by path are what it has; ``sent`` by path what it was sent; ``refuse`` says no to an item."""

    def __init__(self):
        self.items, self.sent, self.asked = {}, {}, []
        self.status = 200
        self.refuse = lambda item: ""

    def get(self, path, query):
        self.asked.append((path, query))
        since, page, size = query.get("since", ""), int(query["page"]), int(query["size"])
        found = [item for item in self.items.get(path, []) if item.get("updateTime", "") >= since]
        start = (page - 1) * size
        return {"items": found[start : start + size], "more": start + size < len(found)}

    def post(self, path, body):
        results = []
        for item in body["items"]:
            if error := self.refuse(item):
                results.append({"error": error})
                continue
            self.sent.setdefault(path, []).append(item)
            own = item.get("subjectId") if path == "/subjects" else None
            results.append({"id": own or f"X{len(self.sent[path])}"})
        return {"results": results}


def _handler(other):
    class Handler(BaseHTTPRequestHandler):
        def _answer(self, document):
            data = json.dumps(document, ensure_ascii=False).encode()
            self.send_response(other.status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def do_GET(self):
            if self.headers["Authorization"] != "Bearer secret":
                other.status = 401
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            self._answer(other.get(parts.path, query))

        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self._answer(other.post(self.path, body))

        def log_message(self, *args):
            pass

    return Handler


@contextmanager
def running():
    """The platform and its address."""
    other = OtherPlatform()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(other))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield other, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
