"""One exchange with one platform: first what it has for us, then what we have for it, noun by noun.

A job that fails is run again: every noun goes on where its last complete exchange ended, and what was already
exchanged is recognised by its external id and hash.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from agricredit.foundation.audit.services import record
from agricredit.foundation.common import clock
from agricredit.foundation.jobs import services as jobs
from agricredit.foundation.jobs.models import Job
from archives.models import Direction, PlatformRun, RunState
from archives.services.platforms import pulling, sending
from archives.services.platforms.client import Client
from archives.services.platforms.config import NounMapping, Platform, load
from archives.services.platforms.translating import PRODUCERS
from archives.services.platforms.wording import noun_title

JOB = "archives.exchange_platform"
_WAYS = {Direction.PULL: pulling.pull, Direction.PUSH: sending.push}
_MESSAGE = 4_000


def request(*, platform: str, actor: Any = None) -> Job:
    """Put an exchange with a platform on the list; ValidationError when it is not configured."""
    known = load().get(platform)
    if known is None:
        raise ValidationError(_("没有配置这个平台。"))
    if actor is not None:
        record(verb="platform.asked", actor=actor, region_code=known.region, platform=known.title)
    return jobs.enqueue(
        kind=JOB, title=_("与%(title)s交换数据") % {"title": known.title}, args={"platform": platform},
        key=f"{JOB}:{platform}", created_by=actor, region_code=known.region,
    )  # fmt: skip


def exchange(*, platform: str, progress: Any) -> None:
    """All nouns of a platform, pulled and then pushed; each leaves a row of what it did."""
    known = load().get(platform)
    if known is None:
        raise ValidationError(_("没有配置这个平台。"))
    client = Client(known)
    nouns = sorted(known.nouns, key=lambda mapping: mapping.noun != PRODUCERS)  # others name them
    turns = [(way, mapping) for way in _WAYS for mapping in nouns if way.value in mapping.directions]
    for done, (way, mapping) in enumerate(turns):
        progress(done, len(turns), f"{noun_title(mapping.noun, way)} {way.label}")
        _one(known, mapping, way, client)
    progress(len(turns), len(turns), "")


def _one(platform: Platform, mapping: NounMapping, way: Direction, client: Client) -> None:
    same = {"platform": platform.name, "noun": mapping.noun, "direction": way}
    _close_interrupted(PlatformRun.objects.filter(**same, state=RunState.RUNNING))
    last = PlatformRun.objects.filter(**same).exclude(cursor="").order_by("-pk").first()
    run = PlatformRun.objects.create(
        **same, started_at=clock.now(), cursor=last.cursor if last else "", region_code=platform.region
    )
    said: list[str] = []
    try:
        _WAYS[way](platform, mapping, client, run, said)
    except BaseException as error:
        said.append(str(error) or type(error).__name__)
        _end(run, platform.title, RunState.FAILED, said)
        raise
    _end(run, platform.title, RunState.DONE, said)


def _close_interrupted(runs: QuerySet[PlatformRun]) -> None:
    """Runs whose process was ended from outside say so; only one exchange with a platform runs at a time."""
    message = _("处理中断，已由下一次交换接着进行。")
    runs.update(state=RunState.FAILED, finished_at=clock.now(), message=message)


def _end(run: PlatformRun, title: str, state: RunState, said: list[str]) -> None:
    run.state, run.finished_at, run.message = state, clock.now(), "\n".join(said)[:_MESSAGE]
    run.save()
    record(
        verb="platform.exchanged", region_code=run.region_code, platform=title,
        noun=noun_title(run.noun, run.direction), direction=str(run.get_direction_display()),
        state=str(run.get_state_display()), written=run.written, faulty=run.faulty,
    )  # fmt: skip
