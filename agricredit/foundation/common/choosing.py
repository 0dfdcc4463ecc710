"""A list's filter that is chosen by typing: over tables of any size, never a drop-down."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model
from unfold.contrib.filters.admin import TextFilter
from unfold.contrib.filters.forms import AutocompleteDropdownForm


class ChosenFilter(TextFilter):  # type: ignore[misc]  # Unfold ships no types
    """Asks the admin's own autocomplete of ``relation``: (model, name of its foreign key)."""

    template = "unfold/filters/filters_field.html"
    #: By which the list's page knows which scripts the chooser needs.
    form_class = AutocompleteDropdownForm
    relation: tuple[type[Model], str]

    def __init__(self, request: Any, params: Any, model: Any, model_admin: Any) -> None:
        """Keep whose list it is: the chooser needs its site."""
        super().__init__(request, params, model, model_admin)
        self.model_admin = model_admin

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        """The chooser, with what was chosen."""
        model, name = self.relation
        yield {
            "form": self.form_class(
                request=self.request,
                label=self.title,
                name=self.parameter_name,
                choices=(),
                field=model._meta.get_field(name),
                model_admin=self.model_admin,
                data={self.parameter_name: self._shown()},
            )
        }

    def _shown(self) -> str:
        """What the chooser can show as chosen: a key of the relation; other texts filter but name no row."""
        model, name = self.relation
        relation: Any = model._meta.get_field(name)
        try:
            relation.target_field.to_python(self.value())
        except ValidationError:
            return ""
        return self.value() or ""
