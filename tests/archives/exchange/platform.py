"""Another platform on loopback, with recorded answers: what it has is a list, what it is sent is kept."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from agricredit.foundation.common.codes import make_credit_code
from archives.models import PlatformRun
from archives.services import platforms

CODE = make_credit_code("9344082300000077")
PRODUCERS = {
    "path": "/subjects", "id": "subjectId", "changed": "updateTime", "directions": ["pull", "push"],
    "fields": {"subjectName": "name", "subjectType": "kind", "legalNature": "nature", "areaCode": "region",
               "creditCode": "credit_code", "address": "address", "phone": "phone", "products": "products"},
    "words": {"kind": {"2": "合作社", "7": "小农户"}, "nature": {"A": "法人", "D": "自然人"}},
}  # fmt: skip
HARVESTS = {
    "path": "/harvests", "id": "harvestId", "changed": "updateTime", "subject": "subjectId",
    "directions": ["pull", "push"],
    "fields": {"harvestDate": "occurred_on", "productName": "product", "batchNo": "batch",
               "amount": "quantity", "unit": "unit"},
}  # fmt: skip
PUBLIC = {
    "path": "/public-credit", "id": "dataId", "changed": "updateTime",
    "fields": {"docNo": "number", "creditCode": "credit_code", "itemCode": "item", "result": "result",
               "effectDate": "effective_on", "validTo": "valid_until", "agency": "agency"},
    "words": {"item": {"01": "登记状态", "04": "纳税信用"}, "result": {"0": "正常", "1": "异常"}},
}  # fmt: skip
TESTS = {
    "path": "/tests", "id": "testId", "changed": "updateTime", "subject": "subjectId",
    "fields": {"reportNo": "number", "sampleNo": "sample", "testType": "kind", "sampleName": "product",
               "sampleDate": "sampled_on", "effectDate": "effective_on", "conclusion": "passed",
               "lab": "laboratory"},
    "words": {"kind": {"1": "监督抽查"}, "passed": {"Y": "合格"}},
}  # fmt: skip
CERTIFICATES = {
    "path": "/certificates", "id": "certId", "subject": "subjectId", "directions": ["push"],
    "fields": {"certCode": "code", "state": "status"},
}  # fmt: skip


NUMBERS = {"/subjects": "subjectId", "/tests": "testId", "/harvests": "harvestId", "/certificates": "certId"}


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
            own = item.get(NUMBERS[path])
            results.append({"id": own or f"X{len(self.sent[path])}"})
        return {"results": results}


def _handler(other):
    class Handler(BaseHTTPRequestHandler):
        def _answer(self, document):
            data = json.dumps(document).encode()
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


def subject(**more):
    return {"subjectId": "S1", "subjectName": "绿源合作社", "subjectType": "2", "legalNature": "A",
            "areaCode": "440823", "creditCode": CODE, "address": "某村", "updateTime": "2026-10-01T08:00:00",
            **more}  # fmt: skip


def exchange():
    platforms.exchange(platform="province", progress=lambda *_: None)


def last(noun, direction):
    return PlatformRun.objects.filter(noun=noun, direction=direction).order_by("-pk").first()
