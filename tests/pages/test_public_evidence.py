"""Published samples and their proofs: what the ledger holds, nothing taken back, checkable by anyone."""

import json
from datetime import date

import pytest

from archives.ledger import verify_log
from archives.services import sealing
from archives.services.ledger import post, reverse
from tests.factories.archives import ProducerFactory
from tests.factories.ledger import draft
from tests.pages.city import rate

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def producer():
    found = ProducerFactory(key="SX-7")
    rate(found)
    return found


def sample(producer, uid, outcome="pass", day=date(2025, 6, 1)):
    ids = post(
        [draft(producer=producer, uid=uid, kind="sampling.tested", outcome=outcome, occurred_on=day)]
    ).new
    return ids[0]


def shown(client, path="/p/SX-7/"):
    return client.get(path).content.decode()


def test_samples_are_counted_by_year_with_their_outcome(client, producer, noon):
    sample(producer, "s-1")
    sample(producer, "s-2")
    sample(producer, "s-3", "fail", date(2026, 5, 1))
    html = shown(client)
    assert "2025年：监督抽查 2 次，2 次合格" in html
    assert "2026年：监督抽查 1 次，0 次合格，1 次不合格" in html
    assert "未抽查" not in html


def test_a_reversed_sample_is_gone_from_the_page(client, producer):
    sample(producer, "s-1", "fail")
    reverse(uid="s-1", by_uid="s-1-r", source="test")
    assert "2025年：当年未抽查" in shown(client)


def test_samples_of_a_merged_producer_count_for_what_it_became(client, producer):
    alias = ProducerFactory(status="merged", merged_into=producer)
    sample(alias, "s-1")
    assert "2025年：监督抽查 1 次，1 次合格" in shown(client)


def test_the_downloaded_proof_convinces_the_stand_alone_verifier(client, producer, tmp_path, capsys):
    event = sample(producer, "s-1")
    post([draft(producer=producer, uid="h-1")])
    seal = sealing.seal()
    assert bytes(seal.root).hex() in shown(client, "/p/SX-7/proof/")
    response = client.get(f"/p/SX-7/proof/{event}.json")
    assert response["Content-Disposition"] == f'attachment; filename="proof-{event}.json"'
    document = json.loads(response.content)
    assert document["event"]["uid"] == "s-1"
    proof = tmp_path / "proof.json"
    proof.write_bytes(response.content)
    assert verify_log.main([str(proof)]) == 0
    proof.write_text(json.dumps({**document, "event": {**document["event"], "outcome": "fail"}}))
    assert verify_log.main([str(proof)]) != 0


def test_only_published_kinds_of_the_producer_itself_have_proofs(client, producer):
    event = sample(producer, "s-1")
    private = post([draft(producer=producer, uid="h-1")]).new[0]
    person = ProducerFactory(natural=True)
    theirs = sample(person, "s-2")
    sealing.seal()
    late = sample(producer, "s-3")
    assert client.get(f"/p/SX-7/proof/{event}.json").status_code == 200
    for path in (
        f"/p/SX-7/proof/{private}.json",
        f"/p/SX-7/proof/{theirs}.json",
        f"/p/SX-7/proof/{late}.json",
        f"/p/{person.key}/proof/{theirs}.json",
    ):
        assert client.get(path).status_code == 404


def test_the_chain_of_seals_is_published(client, producer):
    sample(producer, "s-1")
    seal = sealing.seal()
    document = json.loads(client.get("/seals.json").content)
    assert document["seals"][-1]["root"] == bytes(seal.root).hex()


def test_the_verifier_is_there_to_download(client):
    response = client.get("/verify_log.py")
    assert response["Content-Disposition"] == 'attachment; filename="verify_log.py"'
    compile(response.content, "verify_log.py", "exec")
