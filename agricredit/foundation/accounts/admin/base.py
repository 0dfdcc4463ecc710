"""What the pages of accounts and keys share."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from agricredit.foundation.common.admin import ScopedModelAdmin


class ServiceAdmin(ScopedModelAdmin):
    """Saves through services: a refusal becomes a message, and nothing of the form is kept."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The whole save is one transaction; the refusal has rolled it back when it is caught here."""
        try:
            response: HttpResponse = super().changeform_view(request, object_id, form_url, extra_context)
        except ValidationError as refusal:
            for message in refusal.messages:
                self.message_user(request, message, messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())
        return response

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Rows stay for the audit; they are shut instead."""
        return False
