"""The only writers of the audit."""

import json
from typing import TYPE_CHECKING, Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model

from agricredit.foundation.audit import actor as acting
from agricredit.foundation.audit import registry
from agricredit.foundation.audit.models import AuditLine

if TYPE_CHECKING:
    from agricredit.foundation.accounts.models import User


def record(
    *,
    verb: str,
    actor: "User | None" = None,
    target: Model | None = None,
    region_code: str = "",
    **facts: Any,
) -> AuditLine:
    """Write one line: ``actor`` (by default whoever acts now; None is the system) did ``verb`` to ``target``.

    ``facts`` fill the verb's sentence and are kept as JSON: give names and figures, never personal numbers.
    Written in the caller's transaction, so an act that is rolled back leaves no line. Unknown verbs raise
    :class:`registry.UnknownVerb`.
    """
    registry.check(verb)
    actor = actor or acting.current()
    request = acting.current_request()
    return AuditLine.objects.create(
        verb=verb,
        actor=actor,
        actor_name=str(actor)[:100] if actor else "",
        actor_role=actor.role if actor else "",
        target_type=target._meta.label_lower if target is not None else "",
        target_id=str(target.pk) if target is not None else "",
        target_name=str(target)[:200] if target is not None else "",
        region_code=region_code,
        facts=json.loads(json.dumps(facts, cls=DjangoJSONEncoder)),
        request_id=request.request_id,
        ip=request.ip or None,
    )


def record_view(*, what: str, target: Model, actor: "User | None" = None, region_code: str = "") -> AuditLine:
    """Write that ``actor`` looked at ``what`` (a category of personal data, in words) of ``target``."""
    return record(verb="data.viewed", actor=actor, target=target, region_code=region_code, what=str(what))
