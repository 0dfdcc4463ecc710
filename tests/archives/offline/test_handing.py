"""A phone's queue as a sealed file: opened by the platform alone, for another phone or for an officer."""

import base64
import json
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from agricredit.foundation.accounts.roles import Role
from agricredit.foundation.audit.models import AuditLine
from agricredit.foundation.common import clock, envelopes
from archives.models import HandedQueue, Harvest, PestObservation, QueuedItem, RecordPhoto
from archives.portal.offline import handing
from tests.archives.offline.parcels import DEVICE, item, send
from tests.archives.offline.test_photos import JPEG
from tests.archives.portal.farm import make_farm
from tests.factories.accounts import UserFactory, enter

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer():
    return UserFactory(role=Role.TOWNSHIP_SUPERVISOR, region_code="440823")


def photograph():
    return "data:image/jpeg;base64," + base64.b64encode(JPEG).decode()


def content(farm, items, photos=None, **more):
    """What the phone closes into the file."""
    kept = [{"state": "waiting", "seq": n, **one} for n, one in enumerate(items)]
    return {
        "format": handing.FORMAT, "user": farm.user.pk, "user_name": "农户", "device": str(DEVICE), "skew": 0,
        "items": kept, "photos": photos or {}, **more,
    }  # fmt: skip


def file_of(*given, **more):
    text = json.dumps(content(*given, **more), ensure_ascii=False).encode()
    return SimpleUploadedFile("没发送的记录.json", envelopes.closed(text))


def test_an_envelope_says_nothing_and_no_altered_one_is_opened(settings):
    sealed = envelopes.closed("克百威".encode())
    assert envelopes.opened(sealed) == "克百威".encode()
    assert "克百威".encode() not in sealed
    given = json.loads(sealed)
    for name, value in (
        ("nonce", given["sender"]),
        ("key", "gone"),
        ("sealed", given["sealed"][:-8]),
        ("sender", ""),
    ):
        with pytest.raises(envelopes.NoEnvelope):
            envelopes.opened(json.dumps({**given, name: value}).encode())
    old = settings.PERSONAL_DATA_KEYS
    settings.PERSONAL_DATA_KEYS = "new:" + base64.b64encode(b"n" * 32).decode() + "," + old
    assert envelopes.opened(sealed) == "克百威".encode()
    assert envelopes.public_key()["id"] == "new"
    settings.PERSONAL_DATA_KEYS = settings.PERSONAL_DATA_KEYS.partition(",")[0]
    with pytest.raises(envelopes.NoEnvelope):
        envelopes.opened(sealed)


def test_another_phone_gets_only_what_its_user_may_send(farm):
    foreign = make_farm(name="别家")
    now = clock.now()
    photo = {"uid": str(uuid.uuid4())}
    mine = item(farm, "pest", now=now, photo=photo)
    upload = file_of(
        farm, [mine, item(foreign, "pest", now=now)], {photo["uid"]: photograph(), "x": "data:,"}
    )
    answer = farm.client.post("/my/sync/open/", {"file": upload})
    said = answer.json()
    assert ([one["uid"] for one in said["items"]], said["left"]) == ([mine["uid"]], 1)
    assert list(said["photos"]) == [photo["uid"]]
    assert AuditLine.objects.get(verb="offline.opened").target_id == str(farm.producer.pk)
    assert farm.client.post("/my/sync/open/", {}).status_code == 400
    odd = json.dumps(content(farm, [{**mine, "photo": "x"}])).encode()
    for wrong in (
        envelopes.closed(odd),
        b"{}",
        json.dumps(content(farm, [mine])).encode(),
        envelopes.closed(b'{"format": "x"}'),
    ):
        refused = farm.client.post("/my/sync/open/", {"file": SimpleUploadedFile("a.json", wrong)})
        assert refused.status_code == 422
        assert "sentence" in refused.json()


def test_an_officer_looks_first_takes_in_and_the_phone_doubles_nothing(client, farm, officer):
    far = make_farm(name="XFAR", region="440825")
    now = clock.now()
    photo = {"uid": str(uuid.uuid4())}
    pest, harvest = item(farm, "pest", now=now, photo=photo), item(farm, "harvest", now=now)
    bad = item(farm, "harvest", {"quantity": "-3"}, now=now)
    draft = item(farm, "pest", now=now, state="draft")
    forged = item(farm, "pest", now=now, made_by=far.user.pk)
    items = [pest, harvest, bad, draft, item(far, "pest", now=now), forged]
    desk = enter(client, officer)
    upload = file_of(farm, items, {photo["uid"]: photograph()})
    page = desk.post(reverse("admin:archives_handedqueue_upload"), {"file": upload})["Location"]
    row = HandedQueue.objects.get()
    text = desk.get(page).content.decode()
    for said in (
        "代为记入 2 条",
        "没写完",
        "不能记入",
        "不是您辖区内的主体",
        "填写人不是",
        farm.producer.name,
    ):
        assert said in text
    assert "XFAR" not in text
    assert (PestObservation.objects.count(), Harvest.objects.count(), QueuedItem.objects.count()) == (0, 0, 0)
    assert b"agricredit-sealed-1" in row.file.read()

    desk.post(page, {"act": "take"})
    row.refresh_from_db()
    statuses = [line["status"] for line in row.results]
    assert (row.state, row.taken, statuses) == (
        "taken",
        2,
        ["sent", "sent", "refused", "draft", "refused", "refused"],
    )
    kept = QueuedItem.objects.get(uid=pest["uid"])
    assert (kept.made_by, kept.sent_by, kept.on_behalf) == (farm.user, officer, True)
    assert PestObservation.objects.get().recorded_by == officer
    assert RecordPhoto.objects.get().record == uuid.UUID(pest["uid"])
    assert set(AuditLine.objects.values_list("verb", flat=True)) >= {
        "handover.read",
        "handover.taken",
        "offline.sent",
    }
    assert "已记入" in desk.get(page).content.decode()
    desk.post(page, {"act": "take"})

    answers = send(farm, [pest, harvest], now=now)
    assert [one["status"] for one in answers] == ["sent", "sent"]
    assert (PestObservation.objects.count(), Harvest.objects.count()) == (1, 1)


def test_who_may_not_and_what_is_given_up_is_erased(
    client, farm, officer, django_capture_on_commit_callbacks
):
    far = enter(client, UserFactory(region_code="440825"))
    row = handing.start(upload=file_of(farm, [item(farm, "pest", now=clock.now())]), actor=officer)
    page = reverse("admin:archives_handedqueue_change", args=[row.pk])
    assert far.get(page).status_code == far.post(page, {"act": "take"}).status_code == 404
    city = enter(client, UserFactory(role=Role.AUDIT_ADMIN))
    assert city.get(reverse("admin:archives_handedqueue_upload")).status_code == 403
    desk = enter(client, officer)
    wrong = desk.post(
        reverse("admin:archives_handedqueue_upload"), {"file": SimpleUploadedFile("a.json", b"{}")}
    )
    assert "打不开" in wrong.content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        desk.post(page, {"act": "discard"})
    row.refresh_from_db()
    assert (row.state, row.file.name, row.results) == ("discarded", "", [])
    assert not QueuedItem.objects.exists()
    kept = handing.start(upload=file_of(farm, [item(farm, "pest", now=clock.now())]), actor=officer)
    HandedQueue.objects.filter(pk=kept.pk).update(asked_at=clock.now() - 2 * handing.KEPT)
    assert handing.purge() == 1
    kept.refresh_from_db()
    assert (kept.state, kept.file.name) == ("discarded", "")
