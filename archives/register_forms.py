"""Forms of what is kept on a producer, made from the nouns; the services decide what they accept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from agricredit.foundation.common.crypto import EncryptedTextField
from agricredit.foundation.common.masking import mask_identity
from archives.models import Base, Kept, NoticeText, Producer, Product, TextKind
from archives.services.register.nouns import Noun

KEPT = _("留空则不变；现为 %(masked)s")
Widget = Callable[[forms.Field], forms.Widget | None]


class EntryForm(forms.ModelForm):  # type: ignore[type-arg]  # no parameters at run time
    """One entry's fields, or some of them. A personal number is shown masked and written only when given."""

    producer: Producer
    noun: Noun

    class Meta:
        model: type[Kept]
        fields: Sequence[str]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if isinstance(field, forms.ModelChoiceField):
                named = self.instance._meta.get_field(name).related_model
                field.queryset = choices_of(named, self.noun, self.producer)
            if isinstance(self.instance._meta.get_field(name), EncryptedTextField):
                self._mask(name, field)

    def _mask(self, name: str, field: forms.Field) -> None:
        kept = str(getattr(self.instance, name) or "") if self.instance.pk else ""
        self.initial.pop(name, None)
        if kept:
            field.required = False
            field.help_text = str(KEPT) % {"masked": mask_identity(kept)}

    def given(self) -> dict[str, Any]:
        """The valid answers as the service's arguments; a number left empty stays what it was."""
        values = {name: self.cleaned_data.get(name) for name in self.fields}
        for name in list(values):
            encrypted = isinstance(self.instance._meta.get_field(name), EncryptedTextField)
            if encrypted and not values[name]:
                values[name] = getattr(self.instance, name) if self.instance.pk else None
        return {
            name: "" if value is None and self._is_text(name) else value for name, value in values.items()
        }

    def _is_text(self, name: str) -> bool:
        return isinstance(self.instance._meta.get_field(name), models.CharField)

    def _post_clean(self) -> None:
        """The services judge; nothing is put into the row here."""


def choices_of(model: Any, noun: Noun, producer: Producer) -> Any:
    """What an entry of this producer may name."""
    if model is Base:
        return Base.objects.open().filter(producer=producer).order_by("name")
    if model is NoticeText:
        texts = NoticeText.objects.in_force(producer.region_id).order_by("kind", "-in_force_on")
        pledges = models.Q(kind=TextKind.PLEDGE)
        return texts.filter(pledges if noun.code == "pledge" else ~pledges)
    return Product.objects.order_by("code")


def entry_form(noun: Noun, producer: Producer, widget: Widget, fields: Sequence[str] = ()) -> type[EntryForm]:
    """A form class for a noun's entries of one producer; ``widget`` gives a field its control or None."""

    def field_of(column: Any, **kwargs: Any) -> forms.Field | None:
        field: forms.Field | None = column.formfield(**kwargs)
        if isinstance(field, forms.DateField):
            field.widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        control = widget(field) if field is not None else None
        if field is not None and control is not None:
            if isinstance(field, forms.ChoiceField):
                control.choices = field.choices  # type: ignore[attr-defined]  # select widgets have them
            field.widget = control
        return field

    made = cast(
        "type[EntryForm]",
        forms.modelform_factory(
            noun.model, form=EntryForm, fields=list(fields or noun.fields), formfield_callback=field_of
        ),
    )
    made.producer, made.noun = producer, noun
    return made


def add_refusals(form: forms.BaseForm, faults: Mapping[str, Any]) -> None:
    """Put a service's sentences beside their fields; what no field owns goes above the form."""
    for field, errors in faults.items():
        form.add_error(field if field in form.fields else None, errors)
