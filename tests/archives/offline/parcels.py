"""What a phone would send, and a phone that misbehaves in every way a phone can."""

import datetime
import json
import uuid

DEVICE = uuid.UUID("5a3c6f0e-0000-4000-8000-000000000001")


def item(farm, noun="harvest", answers=None, *, now, **more):
    """One item as the scripts write it."""
    base = {"day": "other", "occurred_on": now.date().isoformat()}
    own = {
        "harvest": {"quantity": "120", "unit": "公斤"},
        "purchase": {"kind": "pesticide", "name": "阿维菌素", "quantity": "10", "unit": "瓶"},
        "use": {
            "what": "other",
            "kind": "pesticide",
            "name": "阿维菌素",
            "quantity": "20",
            "unit": "毫升",
            "interval_days": "7",
            "method": "喷雾",
        },
        "pest": {"pest": "豆荚螟", "severity": "轻"},
        "self_test": {"passed": "yes", "method": "rapid"},
        "sale": {"quantity": "50", "unit": "公斤", "buyer": "霞山批发市场"},
    }[noun]
    place = {} if noun == "purchase" else {"product": str(farm.product.pk), "plot": str(farm.plot.pk)}
    return {
        "uid": str(uuid.uuid4()),
        "noun": noun,
        "producer": farm.producer.pk,
        "answers": {**place, **own, **base, **(answers or {})},
        "made_at": now.isoformat(),
        "made_by": farm.user.pk,
        **more,
    }


def parcel(farm, items, *, now):
    """The parcel of these items."""
    return {
        "device": str(DEVICE),
        "user": farm.user.pk,
        "sent_at": now.isoformat(),
        "items": items,
    }


def send(farm, parcel_items, *, now, status=200, client=None, **more):
    """Send them as the phone does; the answers by their order."""
    response = (client or farm.client).post(
        "/my/sync/", json.dumps(parcel(farm, parcel_items, now=now) | more), content_type="application/json"
    )
    assert response.status_code == status, response.content.decode()[:600]
    said = response.json()
    return said["results"] if status == 200 else said


def later(now, **delta):
    """So much later."""
    return now + datetime.timedelta(**delta)
