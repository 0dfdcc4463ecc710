"""Photographs of records: shrunk on the phone, judged by content, shown to who may see the record."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from agricredit.foundation.audit.models import AuditLine
from archives.models import RecordPhoto
from archives.services.photos import MOST
from tests.archives.portal.farm import make_farm
from tests.factories.accounts import UserFactory, enter
from tests.factories.records import HarvestFactory

pytestmark = pytest.mark.django_db
JPEG = b"\xff\xd8\xff\xe0" + b"picture" * 20


@pytest.fixture(autouse=True)
def _private(settings, tmp_path):
    settings.PRIVATE_ROOT = tmp_path
    from django.core.files.storage import default_storage

    default_storage._location = str(tmp_path)
    default_storage.__dict__.pop("base_location", None)
    default_storage.__dict__.pop("location", None)


@pytest.fixture
def batch(farm):
    return HarvestFactory(producer=farm.producer, product=farm.product)


def picture(content=JPEG, name="label.jpg"):
    return SimpleUploadedFile(name, content, "image/jpeg")


def form(farm, row, upload):
    return farm.client.post(f"/my/records/harvest/{row.uid}/photo/", {"photo": upload})


def queued(farm, row, upload, uid=None):
    data = {"uid": str(uid or uuid.uuid4()), "photo": upload}
    return farm.client.post(f"/my/sync/photo/harvest/{row.uid}/", data)


def test_a_photo_is_kept_and_shown_to_the_household(farm, batch):
    assert form(farm, batch, picture()).status_code == 302
    photo = RecordPhoto.objects.get()
    address = f"/my/photos/{photo.uid}/"
    assert address in farm.get(f"/my/records/harvest/{batch.uid}/")
    shown = farm.client.get(address)
    assert (b"".join(shown.streaming_content), shown["Content-Type"]) == (JPEG, "image/jpeg")
    assert "no-store" in shown["Cache-Control"]
    line = AuditLine.objects.get(verb="photo.added")
    assert line.actor == farm.user


def test_officers_find_it_on_the_record_and_strangers_nowhere(farm, batch, client):
    form(farm, batch, picture())
    address = f"/my/photos/{RecordPhoto.objects.get().uid}/"
    enter(client, UserFactory(role="county_officer"))
    assert address in client.get(f"/admin/archives/harvest/{batch.pk}/change/").content.decode()
    assert client.get(address).status_code == 200
    enter(client, UserFactory(role="county_officer", region_code="440825"))
    assert client.get(address).status_code == 404
    assert make_farm(name="别家").client.get(address).status_code == 404


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"MZ\x90\x00" + b"\0" * 60, "label.jpg", "这不是照片"),
        (b"\xff\xd8\xff\xe0" + b"\0" * (20 << 20), "label.jpg", "这张照片有 20 MB，最多 5 MB"),
        (b"%PDF-1.7", "label.jpg", "这不是照片"),
        (b"\x89PNG\r\n\x1a\n0000", "label.jpg", "扩展名"),
    ],
    ids=["program", "20MB", "pdf", "png-as-jpg"],
)
def test_what_is_no_photo_is_refused_in_words_and_nothing_is_kept(farm, batch, content, name, sentence):
    response = form(farm, batch, picture(content, name))
    assert sentence in response.content.decode()
    said = queued(farm, batch, picture(content, name))
    assert said.status_code == 422
    assert said.json()["sentence"]
    assert RecordPhoto.objects.count() == 0


def test_sent_twice_from_the_queue_it_is_one_photo(farm, batch):
    uid = uuid.uuid4()
    assert [queued(farm, batch, picture(), uid).status_code for _turn in range(2)] == [200, 200]
    assert queued(farm, batch, picture(JPEG + b"other"), uid).status_code == 422
    assert RecordPhoto.objects.count() == 1


def test_a_record_has_a_few_photos_not_hundreds(farm, batch):
    for _turn in range(MOST):
        queued(farm, batch, picture())
    assert "最多" in queued(farm, batch, picture()).json()["sentence"]
    assert RecordPhoto.objects.count() == MOST


def test_before_its_record_and_for_others_records_there_is_no_place(farm, batch):
    assert queued(make_farm(name="别家"), batch, picture()).status_code == 404
    assert form(make_farm(name="又一家"), batch, picture()).status_code == 404
    assert farm.client.post(f"/my/sync/photo/harvest/{batch.uid}/", {"uid": "x"}).status_code == 400
    assert RecordPhoto.objects.count() == 0
