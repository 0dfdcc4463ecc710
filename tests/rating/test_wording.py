"""A scheme speaks the reader's language; what is computed and signed stays the document's own."""

import pytest
from django.utils import translation

from rating.models import Scheme
from rating.services import schemes, wording
from tests.factories.rating import shipped

pytestmark = pytest.mark.django_db


@pytest.fixture
def scheme():
    shipped()
    return Scheme.objects.get(code="gd-r1", state="in_force")


def test_chinese_readers_read_the_document_itself(scheme):
    assert wording.in_words(scheme.document) is scheme.document
    assert schemes.parsed(scheme).grades[0].word == "信用优秀"


def test_english_readers_read_english_and_the_fingerprint_stays(scheme):
    chinese = schemes.parsed(scheme)
    with translation.override("en"):
        english = schemes.parsed(scheme)
    assert english.grades[0].word == "Excellent"
    assert english.sha256 == chinese.sha256 == scheme.sha256
    assert [item.points for item in english.criteria] == [item.points for item in chinese.criteria]
    assert "信用优秀" in str(scheme.document)


def test_a_bureaus_own_words_stay_as_written_and_clauses_are_quotations():
    document = {"code": "x", "name": "自拟标准", "clause": "投诉举报", "grades": [{"word": "信用优秀"}]}
    with translation.override("en"):
        assert wording.in_words(document) == document | {"grades": [{"word": "Excellent"}]}
