"""Encryption at rest, keyed hashes, the field and the change of keys."""

import base64
import copy
import pickle

import pytest
from django.core import serializers
from django.core.exceptions import FieldError, ValidationError
from django.db import connection, models
from hypothesis import given
from hypothesis import strategies as st

from agricredit.foundation.common import crypto

OLD = "old:" + base64.b64encode(b"o" * 32).decode()
NEW = "new:" + base64.b64encode(b"n" * 32).decode()
NUMBER = "360426199101010071"


class Person(models.Model):
    number = crypto.EncryptedTextField(null=True)
    note = crypto.EncryptedTextField(default="")

    class Meta:
        app_label = "tests_crypto"

    def __str__(self):
        return str(self.pk)


@pytest.fixture
def people(db):
    with connection.schema_editor() as editor:
        editor.create_model(Person)
    return Person.objects


@given(st.text())
def test_round_trip(text):
    assert crypto.decrypt(crypto.encrypt(text)) == text


def test_equal_texts_look_different():
    assert crypto.encrypt(NUMBER) != crypto.encrypt(NUMBER)
    assert NUMBER.encode() not in crypto.encrypt(NUMBER)


@pytest.mark.parametrize("position", [0, 1, 2, 12, -1])
def test_altered_bytes_are_refused(position):
    data = bytearray(crypto.encrypt(NUMBER))
    data[position] ^= 1
    with pytest.raises(crypto.UndecipherableError):
        crypto.decrypt(bytes(data))


@pytest.mark.parametrize("data", [b"", b"\x01", b"\x01\x03old", b"\x02\x03oldxxxxxxxxxxxxxxxx"])
def test_foreign_bytes_are_refused(data):
    with pytest.raises(crypto.UndecipherableError):
        crypto.decrypt(data)


def test_first_key_encrypts_and_all_decrypt(settings):
    settings.PERSONAL_DATA_KEYS = OLD
    old = crypto.encrypt(NUMBER)
    settings.PERSONAL_DATA_KEYS = f"{NEW},{OLD}"
    assert crypto.decrypt(old) == NUMBER
    assert crypto.key_name(crypto.encrypt(NUMBER)) == "new"
    settings.PERSONAL_DATA_KEYS = NEW
    with pytest.raises(crypto.UndecipherableError, match="no key named 'old'"):
        crypto.decrypt(old)


def test_keyed_hash_depends_on_text_purpose_and_key(settings):
    settings.PERSONAL_DATA_HASH_KEY = "a" * 32
    first = crypto.keyed_hash(NUMBER, "identity")
    assert first == crypto.keyed_hash(NUMBER, "identity")
    assert len(first) == 64
    assert first != crypto.keyed_hash(NUMBER, "phone")
    settings.PERSONAL_DATA_HASH_KEY = "b" * 32
    assert first != crypto.keyed_hash(NUMBER, "identity")


def test_field_keeps_ciphertext_and_gives_text(people):
    people.create(pk=1, number=NUMBER)
    with connection.cursor() as cursor:
        cursor.execute("SELECT number, note FROM tests_crypto_person")
        number, note = map(bytes, cursor.fetchone())
    assert crypto.decrypt(number) == NUMBER
    assert note == b""
    person = people.get()
    assert (person.number, person.note) == (NUMBER, "")
    assert people.create(pk=2).number is None
    assert people.get(pk=2).number is None


def test_value_never_shows_itself_in_repr(people):
    fresh = Person(number=NUMBER)
    assert NUMBER not in repr(vars(fresh))
    fresh.save()
    assert NUMBER not in repr(vars(people.get()))
    assert NUMBER not in repr(list(people.values("number")))
    assert f"{people.get().number}" == NUMBER
    for again in (copy.deepcopy(people.get().number), pickle.loads(pickle.dumps(people.get().number))):
        assert (again, repr(again)) == (NUMBER, "'***'")


def test_field_cannot_be_searched(people):
    with pytest.raises(FieldError, match="keyed hash"):
        people.filter(number=NUMBER)
    assert people.filter(number__isnull=True).count() == 0


def test_deferred_value_is_loaded_when_asked_for(people):
    people.create(number=NUMBER)
    assert people.defer("number").get().number == NUMBER


def test_dump_holds_no_text_and_loads_back(people):
    people.create(pk=1, number=NUMBER)
    dump = serializers.serialize("json", people.all())
    assert NUMBER not in dump
    field = Person._meta.get_field("number")
    assert field.to_python(field.value_to_string(people.get())) == NUMBER


def test_serialised_nonsense_is_refused():
    with pytest.raises(ValidationError):
        crypto.EncryptedTextField().to_python("encrypted:AAAA")


def test_change_of_keys_in_batches_and_again(people, settings):
    settings.PERSONAL_DATA_KEYS = OLD
    people.bulk_create(
        [Person(pk=n, number=f"{NUMBER}{n}", note="" if n % 2 else "备注") for n in range(1, 8)]
    )
    people.create(pk=8)
    settings.PERSONAL_DATA_KEYS = f"{NEW},{OLD}"
    assert crypto.rotate_personal_data(people.all(), ["number", "note"], batch_size=3) == 10
    assert crypto.rotate_personal_data(people.all(), ["number", "note"], batch_size=3) == 0
    settings.PERSONAL_DATA_KEYS = NEW
    assert [person.number for person in people.order_by("pk")] == [
        *(f"{NUMBER}{n}" for n in range(1, 8)),
        None,
    ]
    assert people.get(pk=2).note == "备注"


def test_only_encrypted_fields_are_rotated(people):
    with pytest.raises(FieldError, match="not encrypted"):
        crypto.rotate_personal_data(people.all(), ["id"])


def test_command_rotates_every_encrypted_column(people, settings, monkeypatch, capsys):
    from django.apps import apps
    from django.core.management import CommandError, call_command

    monkeypatch.setattr(apps, "get_models", lambda *_args, **_options: [Person])
    settings.PERSONAL_DATA_KEYS = OLD
    people.create(pk=1, number=NUMBER)
    settings.PERSONAL_DATA_KEYS = f"{NEW},{OLD}"
    call_command("rotate_personal_data")
    assert capsys.readouterr().out == "tests_crypto.Person (number, note): 1\n"
    settings.PERSONAL_DATA_KEYS = OLD
    with pytest.raises(CommandError, match="no key named 'new'"):
        call_command("rotate_personal_data")
