"""Every message of ours has its English, every message of the packages its Chinese, with all its blanks."""

import re

import polib
import pytest
from django.utils import translation

from agricredit.management import catalogues
from agricredit.management.catalogues import Message

BLANK = re.compile(r"%\([a-z_]+\)[sd]|%(?:\.\d+)?[sdf]|\{[a-z_]*\}")


def entries(path):
    return polib.pofile(str(path))


def test_every_message_of_ours_has_its_english():
    assert catalogues.missing(catalogues.ENGLISH, catalogues.own_messages()) == []


def test_every_message_of_the_packages_has_its_chinese():
    assert catalogues.missing(catalogues.CHINESE, catalogues.needs_chinese()) == []


def test_no_translation_loses_a_blank():
    faults = [
        (entry.msgid, words)
        for entry in entries(catalogues.ENGLISH)
        for words in ([entry.msgstr] if entry.msgstr else entry.msgstr_plural.values())
        if set(BLANK.findall(entry.msgid)) != set(BLANK.findall(words))
    ]
    assert faults == []


def test_english_is_english():
    names = {"简体中文", "公斤、斤或吨"}
    quoted = re.compile(r"“[^”]*”|公斤|斤|吨")
    left = [
        entry.msgstr
        for entry in entries(catalogues.ENGLISH)
        if entry.msgid not in names and catalogues.is_chinese(quoted.sub("", entry.msgstr))
    ]
    assert left == []


def test_messages_are_found_in_python_by_what_they_are():
    source = """
from django.utils.translation import gettext as _, ngettext, pgettext
_("一" "二")
ngettext("%(n)d项", "%(n)d项目", 2)
pgettext("月份", "五月")
_(f"不{1}收")
_("")
other("不收")
"""
    assert list(catalogues.of_python(source)) == [
        Message("一二"),
        Message("%(n)d项", plural="%(n)d项目"),
        Message("五月", context="月份"),
    ]


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ('{% load i18n %}{% trans "查询" %}', [Message("查询")]),
        ('{% load i18n %}{{ x|default:_("系统") }}', [Message("系统")]),
        (
            "{% load i18n %}{% blocktrans trimmed %}\n  第一行\n  {{ n }}行\n{% endblocktrans %}",
            [Message("第一行 %(n)s行")],
        ),
        (
            "{% load i18n %}{% blocktrans count n=n %}{{ n }}件{% plural %}{{ n }}件事{% endblocktrans %}",
            [Message("%(n)s件", plural="%(n)s件事")],
        ),
        ("不收", []),
    ],
)
def test_messages_are_found_in_templates(template, found):
    assert list(catalogues.of_template(template)) == found


def test_an_update_adds_the_new_drops_the_gone_and_keeps_what_is_done(tmp_path):
    path = tmp_path / "django.po"
    assert catalogues.update(path, {Message("旧"): "a.py", Message("留"): "a.py"}) == (2, 2)
    catalogue = entries(path)
    catalogue.find("留").msgstr = "kept"
    catalogue.save(str(path))
    assert catalogues.update(path, {Message("留"): "a.py", Message("新"): "b.py"}) == (2, 1)
    assert [(entry.msgid, entry.msgstr) for entry in entries(path)] == [("留", "kept"), ("新", "")]


def test_compiling_writes_only_what_changed(tmp_path, monkeypatch):
    monkeypatch.setattr(catalogues, "LOCALES", tmp_path)
    catalogues.update(tmp_path / "django.po", {Message("留"): "a.py"})
    assert catalogues.compile_all() == [tmp_path / "django.mo"]
    assert catalogues.compile_all() == []


def test_the_theme_speaks_chinese():
    with translation.override("zh-hans"):
        assert translation.gettext("Apply Filters") == "应用筛选"
        assert translation.gettext("Log out") == "退出登录"
    with translation.override("en"):
        assert translation.gettext("生产主体") == "Producers"
