"""One question as data: its fields as the phone draws and checks them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django import forms

from archives.portal.asking import Ask, Question
from archives.portal.flows import WhenQuestion

SAMPLE = "样"
"""Fills in a required text while the other fields of a question are tried out."""
_DAY = ("day", "occurred_on")


def describe(question: Question) -> dict[str, Any]:
    """Heading and fields of a question as it stands, with what past records suggest."""
    said: dict[str, Any] = {
        "slug": question.slug,
        "title": question.heading,
        "fields": [_field(question, name) for name in question.fields if not _is_day(question, name)],
    }
    if isinstance(question, WhenQuestion):
        said["day"] = True
        said["further"] = [field.name for field in question.further()]
        shown = {*said["further"], *(field.name for field in question.main())}
        said["on_demand"] = [field["name"] for field in said["fields"] if field["name"] not in shown]
    return said


def conditions(plain: Question, asked: Callable[[Mapping[str, str]], Ask]) -> list[list[str]]:
    """What a choice makes necessary: [field, its value, the field then needed, the sentence if it is empty].

    Found by trying each choice of the form's own ``clean`` with everything optional left empty.
    """
    return [list(found) for found in dict.fromkeys(_conditions(plain, asked))]


def _conditions(
    plain: Question, asked: Callable[[Mapping[str, str]], Ask]
) -> Iterator[tuple[str, str, str, str]]:
    if isinstance(plain, WhenQuestion):
        return
    kind = type(plain)
    filled = {name: _sample(field) for name, field in plain.fields.items() if field.required}
    for name, values in choices_of(plain).items():
        for value in values:
            data = {**filled, name: value}
            form = kind(asked(data), data)
            for other, errors in form.errors.items():
                if other in form.fields and other != name and not data.get(other):
                    yield name, value, other, str(errors[0])


def choices_of(question: Question) -> dict[str, list[str]]:
    """The values among which each field chooses."""
    return {
        name: [value for value, _label in _choices(field)]
        for name, field in question.fields.items()
        if isinstance(field, forms.ChoiceField) and not _is_day(question, name)
    }


def _choices(field: forms.ChoiceField) -> list[list[str]]:
    choices: Any = field.choices  # an iterable of pairs, whatever the stubs say
    return [[str(value), str(label)] for value, label in choices]


def _is_day(question: Question, name: str) -> bool:
    """The day is chosen from the phone's own calendar: today is another day when it is used."""
    return isinstance(question, WhenQuestion) and name in _DAY


def _sample(field: forms.Field) -> str:
    if isinstance(field, forms.ChoiceField):
        return next((value for value, _label in _choices(field)), "")
    return "1" if isinstance(field, (forms.DecimalField, forms.IntegerField)) else SAMPLE


def _field(question: Question, name: str) -> dict[str, Any]:
    field = question.fields[name]
    said: dict[str, Any] = {"name": name, "label": str(field.label or ""), "type": _type(field)}
    if field.help_text:
        said["hint"] = str(field.help_text)
    if field.required:
        said["required"] = True
    if isinstance(field, forms.ChoiceField):
        said["choices"] = _choices(field)
    for key in ("max_length", "min_value", "max_value", "decimal_places"):
        limit = getattr(field, key, None)
        if limit is not None:
            said[key] = float(limit) if key.endswith("value") else int(limit)
    if name in question.refers:
        said["refers"] = question.refers[name]
    initial = question.get_initial_for_field(field, name)
    if initial not in (None, ""):
        said["initial"] = str(initial)
    return said


def _type(field: forms.Field) -> str:
    if isinstance(field, forms.ChoiceField):
        return "radio" if isinstance(field.widget, forms.RadioSelect) else "select"
    if isinstance(field, forms.DateField):
        return "date"
    if isinstance(field, forms.DecimalField):
        return "decimal"
    return "integer" if isinstance(field, forms.IntegerField) else "text"
