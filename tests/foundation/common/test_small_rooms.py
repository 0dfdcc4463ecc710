"""Clock, masks, grams, SMS, the private store and what templates are given."""

import stat
from datetime import UTC, date, datetime

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.db.models import F
from hypothesis import given
from hypothesis import strategies as st

from agricredit.foundation.common import clock, context, grams, masking, sms
from agricredit.foundation.common.storage import Into


def test_business_date_is_shanghais_whatever_the_request_runs_in(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 20, 16, 0, tzinfo=UTC))
    assert clock.today() == date(2026, 11, 21)
    assert clock.shanghai_date(datetime(2026, 11, 20, 15, 59, tzinfo=UTC)) == date(2026, 11, 20)


@pytest.mark.parametrize(
    ("mask", "text", "shown"),
    [
        (masking.mask_name, "张三丰", "张**"),
        (masking.mask_name, "李四", "李**"),
        (masking.mask_name, "", ""),
        (masking.mask_phone, "13812345678", "138****5678"),
        (masking.mask_phone, "12345", "*****"),
        (masking.mask_identity, "360426199101010071", "3****************1"),
        (masking.mask_identity, "12345", "*****"),
    ],
)
def test_masks(mask, text, shown):
    assert mask(text) == shown


def test_grams_of_a_name():
    assert grams.grams("湛江 Ａ场") == ["a", "a场", "场", "江", "江a", "湛", "湛江"]
    assert grams.grams("") == []
    assert grams.query_grams("湛") == ["湛"]
    assert grams.query_grams("湛江场") == ["江场", "湛江"]


@given(st.text(max_size=20), st.integers(0, 20), st.integers(0, 20))
def test_every_fragment_of_a_name_finds_it(name, start, length):
    fragment = grams.fold(name)[start : start + length]
    assert set(grams.query_grams(fragment)) <= set(grams.grams(name))


@pytest.mark.django_db
def test_sql_folds_as_python_does():
    from agricredit.foundation.jobs.models import Job
    from tests.factories.jobs import JobFactory

    for title in ["湛江　Ａ场（一）", "ＡＢＣ Def", "雷州\t市"]:
        JobFactory(title=title)
    for title, folded in Job.objects.values_list("title", grams.Folded(F("title"))):
        assert folded == grams.fold(title)
    assert connection.vendor == "postgresql"


@pytest.mark.parametrize(
    ("text", "person", "expected"),
    [
        ("湛江市霞山区Ａ1农场", False, "zjsxsqa1nc"),
        ("重庆（一）公司", False, "cqygs"),
        ("单田芳", True, "stf"),
        ("单于明", True, "cym"),
        ("欧阳修", True, "oyx"),
        ("区少坤", True, "osk"),
        ("", True, ""),
    ],
)
def test_initials(text, person, expected):
    assert grams.initials(text, person=person) == expected


def test_messages_go_through_the_named_adapter(settings, capsys):
    settings.SMS_BACKEND = "agricredit.foundation.common.sms.RecordingSms"
    sms.RecordingSms.sent.clear()
    sms.send("13812345678", "验证码123456")
    assert sms.RecordingSms.sent == [("13812345678", "验证码123456")]
    settings.SMS_BACKEND = "agricredit.foundation.common.sms.ConsoleSms"
    sms.send("13812345678", "你好")
    assert capsys.readouterr().err == "[SMS → 13812345678] 你好\n"


class RefusingSms:
    def send(self, phone, text):
        raise sms.SmsError("余额不足")


def test_refused_message_is_raised_and_logged_without_number_or_text(settings, caplog):
    settings.SMS_BACKEND = f"{__name__}.RefusingSms"
    with pytest.raises(sms.SmsError, match="余额不足"):
        sms.send("13812345678", "验证码123456")
    [line] = caplog.records
    assert (line.phone, line.reason) == ("138****5678", "余额不足")
    assert "123456" not in line.getMessage()


def test_of_many_messages_a_refused_one_keeps_no_other_back(monkeypatch):
    given = []

    def send(phone, text):
        if phone == "2":
            raise sms.SmsError("停机")
        given.append((phone, text))

    monkeypatch.setattr(sms, "send", send)
    assert sms.send_all((phone, "到期") for phone in "123") == 2
    assert given == [("1", "到期"), ("3", "到期")]


def test_private_files_have_no_address_and_only_the_owners_mode(settings, tmp_path):
    name = default_storage.save("tests/2026/photo.txt", ContentFile(b"x"))
    path = default_storage.path(name)
    try:
        import os

        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
        assert stat.S_IMODE(os.stat(os.path.dirname(path)).st_mode) == 0o700
        with pytest.raises(ValueError, match="no address"):
            default_storage.url(name)
    finally:
        default_storage.delete(name)


def test_upload_path_keeps_the_extension_and_not_the_name():
    path = Into("photos")(None, "张三身份证.JPG")
    assert path.startswith(f"photos/{clock.today():%Y/%m}/")
    assert path.endswith(".jpg")
    assert "张三" not in path
    assert Into("photos") == Into("photos")
    assert Into("photos") != Into("papers")


def test_templates_know_the_site(settings, rf):
    settings.SITE_NAME = "湛江农安信用"
    facts = context.site(rf.get("/"))
    assert facts["site_name"] == "湛江农安信用"
    assert facts["today"] == clock.today()
