"""A form field for several files at once; what they hold is judged by the service that keeps them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class FilesInput(forms.ClearableFileInput):
    """The browser's own chooser, several at a time."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """A list of uploads, empty when none was chosen."""

    def __init__(self, **options: Any) -> None:
        """Photos and PDFs, as the keeper takes them."""
        options.setdefault("widget", FilesInput(attrs={"accept": "image/jpeg,image/png,application/pdf"}))
        options.setdefault("label", _("附件"))
        options.setdefault("help_text", _("可选多个：照片（JPG、PNG）或PDF"))
        options.setdefault("required", False)
        super().__init__(**options)

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Each file by itself: empty ones and overlong names are refused here."""
        given = data if isinstance(data, list | tuple) else [data]
        cleaned = [super(FilesField, self).clean(one, initial) for one in given if one]
        if self.required and not cleaned:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return cleaned
