"""A phone's queue handed over as a sealed file: opened for another phone, or taken in by an officer.

Nothing is doubled when the phone comes back and sends the same: an item is known by its uid and content.
"""

from __future__ import annotations

import base64
import binascii
import datetime
import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from agricredit.foundation.accounts.jurisdiction import scope_of
from agricredit.foundation.accounts.models import User
from agricredit.foundation.audit.services import record
from agricredit.foundation.common import clock
from agricredit.foundation.common.envelopes import NoEnvelope, opened
from agricredit.foundation.common.files.uploads import MEGABYTE
from archives.models import HandedQueue, HandedState, Membership, MembershipRole, Producer, ProducerStatus
from archives.portal import timeline, wording
from archives.portal.acting import Acting, actable
from archives.portal.offline.parcels import Item, Parcel, read_item
from archives.portal.offline.records import HANDLERS
from archives.portal.offline.taking import Result, take
from archives.services.photos import add_photo

FORMAT = "agricredit-queue-1"
LARGEST = 40 * MEGABYTE
MOST_ITEMS = 1_000
KEPT = datetime.timedelta(days=30)
RIGHT = "archives.take_handedqueue"


@dataclass(frozen=True)
class Handed:
    """What a phone put into the file: who, its items as the scripts wrote them, photographs as data URLs."""

    user: int
    user_name: str
    device: uuid.UUID
    skew: datetime.timedelta
    items: list[dict[str, Any]]
    photos: Mapping[str, str]


def read(upload: Any) -> Handed:
    """Open a file; ValidationError for anything that the app's own pages would not have written."""
    if upload.size > LARGEST:
        raise ValidationError({"file": _("文件超过%(limit)d MB。") % {"limit": LARGEST // MEGABYTE}})
    upload.seek(0)
    return _read(upload.read())


def _read(content: bytes) -> Handed:
    try:
        given = json.loads(opened(content))
        if given["format"] != FORMAT or len(given["items"]) > MOST_ITEMS:
            raise ValueError("format")
        for item in given["items"]:
            read_item(item)
            if item.get("photo"):
                uuid.UUID(item["photo"]["uid"])
        skew = datetime.timedelta(seconds=int(given.get("skew") or 0))
        photos = {str(key): str(value) for key, value in given["photos"].items() if value}
        device = uuid.UUID(given["device"])
        return Handed(int(given["user"]), str(given["user_name"]), device, skew, given["items"], photos)
    except NoEnvelope:
        raise ValidationError({"file": _("打不开：不是手机上导出的交接文件，或者文件不完整。")}) from None
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        raise ValidationError({"file": _("文件里的内容看不懂，请在手机上重新导出。")}) from None


def for_phone(upload: Any, user: Any) -> dict[str, Any]:
    """The file's content for another phone: only items of producers for whom the user acts. Logged."""
    handed = read(upload)
    mine = {acting.producer.pk: acting.producer for acting in actable(user)}
    items = [item for item in handed.items if int(item["producer"]) in mine]
    wanted = {item["photo"]["uid"] for item in items if item.get("photo")}
    for producer_id in {int(item["producer"]) for item in items}:
        producer = mine[producer_id]
        count = sum(int(item["producer"]) == producer_id for item in items)
        record(
            verb="offline.opened", actor=user, target=producer, region_code=producer.region_id, count=count,
            made_by=str(User.objects.filter(pk=handed.user).first() or "—"),
        )  # fmt: skip
    return {
        "user": handed.user,
        "items": items,
        "photos": {key: value for key, value in handed.photos.items() if key in wanted},
        "left": len(handed.items) - len(items),
    }


@transaction.atomic
def start(*, upload: Any, actor: Any) -> HandedQueue:
    """Keep a file, still sealed, for an officer to look at and take in; nothing is recorded yet."""
    if not actor.has_perm(RIGHT):
        raise PermissionDenied
    handed = read(upload)
    upload.seek(0)
    content = upload.read()
    row: HandedQueue = HandedQueue.objects.create(
        filename=(upload.name or "").rpartition("/")[2][-120:], sha256=hashlib.sha256(content).hexdigest(),
        made_by=User.objects.filter(pk=handed.user).first(), items=len(handed.items),
        region_code=scope_of(actor).region_code, asked_by=actor, asked_at=clock.now(),
    )  # fmt: skip
    row.file.save("queue.json", ContentFile(content), save=True)
    record(
        verb="handover.read", actor=actor, target=row, region_code=row.region_code, count=row.items,
        made_by=str(row.made_by or "—"),
    )  # fmt: skip
    return row


def preview(*, handed: HandedQueue, actor: Any) -> list[dict[str, Any]]:
    """What taking the file in would do, item by item: it is done and undone."""
    with transaction.atomic():
        lines = _take(_content(handed), actor)
        transaction.set_rollback(True)
    return lines


@transaction.atomic
def take_in(*, handed: HandedQueue, actor: Any) -> HandedQueue:
    """Record the items on the producers' behalf, each by itself; what is refused says why.

    PermissionDenied without the right; producers outside the officer's jurisdiction are left out.
    """
    if not actor.has_perm(RIGHT):
        raise PermissionDenied
    row = _locked(handed)
    row.results = _take(_content(row), actor)
    row.taken = sum(line["status"] == "sent" for line in row.results)
    _end(row, HandedState.TAKEN)
    record(
        verb="handover.taken", actor=actor, target=row, region_code=row.region_code, count=row.items,
        taken=row.taken, made_by=str(row.made_by or "—"),
    )  # fmt: skip
    return row


@transaction.atomic
def discard(*, handed: HandedQueue, actor: Any) -> None:
    """Give a file up; it is erased at once."""
    if not actor.has_perm(RIGHT):
        raise PermissionDenied
    row = _locked(handed)
    _end(row, HandedState.DISCARDED)
    record(verb="handover.discarded", actor=actor, target=row, region_code=row.region_code)
    transaction.on_commit(lambda: erase(row))


def erase(handed: HandedQueue) -> None:
    """Remove what is personal: the file and the lines of its items."""
    handed.file.delete(save=False)
    HandedQueue.objects.filter(pk=handed.pk).update(file="", results=[])


def purge() -> int:
    """Erase files of some weeks ago, taken in or left lying; how many."""
    old = HandedQueue.objects.filter(asked_at__lt=clock.now() - KEPT).exclude(file="")
    count = 0
    for row in old.iterator():
        ended = {"state": HandedState.DISCARDED, "finished_at": clock.now()}
        HandedQueue.objects.filter(pk=row.pk, state=HandedState.READ).update(**ended)
        erase(row)
        count += 1
    return count


def _locked(handed: HandedQueue) -> HandedQueue:
    row: HandedQueue = HandedQueue.objects.select_for_update(of=("self",)).get(pk=handed.pk)
    if row.state != HandedState.READ:
        said = {"state": row.get_state_display()}
        raise ValidationError(_("这个文件现为“%(state)s”，不能这样处理。") % said, code="state")
    return row


def _end(row: HandedQueue, state: HandedState) -> None:
    row.state, row.finished_at = state, clock.now()
    row.save(update_fields=["state", "finished_at", "results", "taken"])


def _content(row: HandedQueue) -> Handed:
    with row.file.open("rb") as stream:
        return _read(stream.read())


def _take(handed: Handed, actor: Any) -> list[dict[str, Any]]:
    """Take in what is ready; a line for every item in the phone's order."""
    given = {str(uuid.UUID(item["uid"])): item for item in handed.items}
    items = {uid: read_item(item) for uid, item in given.items()}
    acting = _on_behalf({item.producer for item in items.values()}, actor)
    theirs = _written_by_theirs(items.values(), acting)
    ready = [items[uid] for uid, item in given.items() if uid in theirs and item.get("state") != "draft"]
    parcel = Parcel(device=handed.device, user=actor.pk, sent_at=clock.now() - handed.skew, items=ready)
    results = {str(result.uid): result for result in take(parcel, actor, HANDLERS, mine=acting)}
    return [
        _line(items[uid], acting.get(items[uid].producer), results.get(uid), uid in theirs)
        | _photo(item, items[uid], acting, results.get(uid), handed, actor)
        for uid, item in given.items()
    ]


def _on_behalf(producers: set[int], actor: Any) -> dict[int, Acting]:
    """The producers in the officer's sight that still keep records, acted for as a helper does."""
    rows = Producer.objects.visible_to(actor).filter(pk__in=producers).select_related("region")
    open_ = rows.exclude(status__in=[ProducerStatus.MERGED, ProducerStatus.CLOSED])
    return {row.pk: Acting(row, MembershipRole.HELPER.value) for row in open_}


def _written_by_theirs(items: Iterable[Item], acting: Mapping[int, Acting]) -> set[str]:
    """The items whose writer is, or was, a member or helper of the producer.

    Anybody can close a file to the platform's public key: what stands in it about its writer is looked up.
    """
    given = [item for item in items if item.producer in acting]
    known = {pk: set(Producer.objects.known_as(pk)) for pk in {item.producer for item in given}}
    every = {pk for ids in known.values() for pk in ids}
    rows = Membership.objects.filter(producer_id__in=every, user_id__in={item.made_by for item in given})
    members = set(rows.values_list("producer_id", "user_id"))
    return {
        str(item.uid) for item in given if any((pk, item.made_by) in members for pk in known[item.producer])
    }


def _line(item: Item, acting: Acting | None, result: Result | None, theirs: bool) -> dict[str, Any]:
    """What an officer reads about one item; a producer out of sight is not named."""
    status, sentence, more = "draft", _("手机上还没写完，没有导入。"), {}
    if acting is None:
        status, sentence = "refused", _("不是您辖区内的主体，或已注销、已合并。")
    elif not theirs:
        status, sentence = "refused", _("填写人不是这个主体的成员或代办人，没有导入。")
    elif result is not None:
        status, sentence, more = result.status, result.sentence, result.more
    act = wording.ACT_OF.get(item.noun)
    return {
        "producer": acting.producer.name if acting else "",
        "act": str(act.word(acting.producer.sectors)) if act and acting else "",
        "day": item.answers.get("occurred_on", ""),
        "line": str(more.get("line", "")),
        "status": status,
        "sentence": str(sentence),
    }


def _photo(
    given: Mapping[str, Any], item: Item, acting: Mapping[int, Acting], result: Result | None, handed: Handed,
    actor: Any,
) -> dict[str, Any]:  # fmt: skip
    """Keep the item's photograph beside the record that it became; says so when it cannot be kept."""
    photo = given.get("photo") or {}
    address = handed.photos.get(str(photo.get("uid", "")), "")
    if result is None or result.status != "sent" or not address:
        return {}
    row = timeline.find(acting[item.producer].producer, actor, item.noun, item.uid)
    if row is None:
        return {}
    try:
        picture = base64.b64decode(address.partition(",")[2], validate=True)
        upload = SimpleUploadedFile("photo.jpg", picture, content_type="image/jpeg")
        with transaction.atomic():
            add_photo(row=row, upload=upload, uid=uuid.UUID(photo["uid"]), actor=actor)
    except (binascii.Error, ValueError):
        return {"photo": _("照片没有收全，没有保存。")}
    except ValidationError as refusal:
        return {"photo": refusal.messages[0]}
    return {"photo": _("照片已保存。")}
