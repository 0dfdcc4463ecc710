"""Answers that are not as agreed: told, tried again where that helps, and nothing half kept."""

from http.server import BaseHTTPRequestHandler

import pytest

from archives.models import ExternalId, PlatformRun, Producer
from archives.services.platforms import client, sending
from tests.archives.exchange.platform import CODE, PRODUCERS, exchange, last, subject
from tests.factories.archives import ProducerFactory

pytestmark = pytest.mark.django_db
PULL = {**PRODUCERS, "directions": ["pull"]}
PUSH = {**PRODUCERS, "directions": ["push"]}


def answering(other, document):
    """Every page is this one."""
    other.get = lambda path, query: document


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"items": [subject()], "more": "false"}, "more应为true或false"),
        ({"items": [subject()], "more": True}, "第2页没有新的内容"),
        ({"items": [], "more": True}, "第1页没有新的内容"),
        ({"items": ["S1"]}, "应有items列表"),
    ],
)
def test_pages_not_as_agreed_end_the_run_with_words(other, configured, document, said):
    configured(producers=PULL)
    answering(other, document)
    with pytest.raises(client.PlatformRefused, match=said):
        exchange()
    assert last("producers", "pull").state == "failed"


def test_an_answer_that_breaks_off_is_tried_again(other, configured, monkeypatch):
    configured(producers=PULL)
    other.items["/subjects"] = [subject()]
    whole = BaseHTTPRequestHandler.send_header

    def longer(self, name, value):
        whole(self, name, str(int(value) + 9) if name == "Content-Length" else value)

    with monkeypatch.context() as broken:
        broken.setattr(BaseHTTPRequestHandler, "send_header", longer)
        with pytest.raises(client.PlatformUnavailable, match="没有传完"):
            exchange()
    assert not Producer.objects.exists()
    exchange()
    assert Producer.objects.get().credit_code == CODE


def test_items_that_nothing_can_hold_are_refused_and_the_others_taken(other, configured):
    configured(producers=PULL)
    other.items["/subjects"] = [
        subject(), subject(subjectId="a\0", creditCode=""), subject(subjectId="S2", subjectName="\ud800"),
        subject(subjectId="S3", creditCode="", address={"text": "某村"}, updateTime="9" * 200),
        subject(subjectId="S4", creditCode="", subjectType="99"),
    ]  # fmt: skip
    exchange()
    run = last("producers", "pull")
    assert (run.state, run.written, run.faulty) == ("done", 1, 4)
    assert "S3 address：对方给的不是文字、数字或它们的列表。" in run.message
    assert "S4 kind：“99”不在可填的内容中" in run.message
    assert ExternalId.objects.get().theirs == "S1"


@pytest.mark.parametrize("results", [[None], ["X1"], [{"id": "X1"}, {"id": "X2"}], "ok"])
def test_results_that_do_not_answer_each_item_end_the_run(other, configured, results):
    configured(producers=PUSH)
    ProducerFactory(key="SX-1")
    other.post = lambda path, body: {"results": results}
    with pytest.raises(client.PlatformRefused, match="results"):
        exchange()
    assert not ExternalId.objects.exists()


def test_a_number_given_twice_or_beyond_keeping_is_told_and_the_first_kept(other, configured):
    configured(producers=PUSH)
    for key in ("SX-1", "SX-2", "SX-3", "SX-4"):
        ProducerFactory(key=key)
    ids = ["X1", "X1", "Y" * 200, "Z\0"]
    other.post = lambda path, body: {"results": [{"id": id_} for id_ in ids[: len(body["items"])]]}
    exchange()
    run = last("producers", "push")
    assert (run.state, run.written, run.faulty) == ("done", 1, 3)
    assert dict(ExternalId.objects.values_list("ours", "theirs")) == {
        "SX-1": "X1", "SX-2": "", "SX-3": "", "SX-4": "",
    }  # fmt: skip
    assert "SX-2：对方给的编号“X1”已是“SX-1”的编号。" in run.message


def test_what_is_refused_for_good_does_not_keep_others_from_their_turn(other, configured, monkeypatch):
    configured(producers=PUSH)
    for key in ("SX-1", "SX-2"):
        ProducerFactory(key=key, name=key)
    asked = []

    def refusing(path, body):
        asked.extend(item["subjectName"] for item in body["items"])
        return {"results": [{"error": "不收"}] * len(body["items"])}

    other.post = refusing
    exchange()
    PlatformRun.objects.update(cursor="2099-01-01T00:00:00+00:00|0")
    ExternalId.objects.filter(ours="SX-2").update(exchanged_at="2026-01-01T00:00:00+08:00")
    monkeypatch.setattr(sending, "PAGE", 1)
    asked.clear()
    exchange()
    exchange()
    assert asked == ["SX-2", "SX-1"], "the longest waiting first"
