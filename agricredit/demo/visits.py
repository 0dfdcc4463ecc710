"""Field work of the demo city: officers' certificates, and this month's visits so far."""

from __future__ import annotations

import random
from datetime import date, timedelta
from uuid import uuid5

from agricredit.demo.people import SPACE
from agricredit.foundation.accounts.models import User
from supervision.models import EnforcementCertificate, Plan, Task, TaskKind
from supervision.services import visits
from supervision.services.checklist import items

TODAY = date(2026, 11, 20)
MONTH, DONE = 11, 0.5  # the month of the visits, and how much of it is done so far
SEEN = [
    "记录齐全，投入品分类存放。",
    "记录及时，包装已回收。",
    "提醒按标签安全间隔期采收。",
    "自检台账完整。",
]


def make(plan: Plan, accounts: dict[str, User]) -> None:
    """Do half of the month's open tasks through the visit services; done ones stay as they are."""
    for number, name in enumerate(("xian", "xian2", "shi", "shi2")):
        EnforcementCertificate.objects.get_or_create(
            user=accounts[name],
            defaults={
                "number": f"DEMO-{number:04d}",
                "authority": "演示农业农村局",
                "valid_until": date(2029, 12, 31),
            },
        )
    tasks = plan.tasks.filter(month=MONTH, state=Task.State.OPEN).select_related("producer").order_by("id")
    for task in tasks:
        dice = random.Random(f"visit:{task.producer.key}:{MONTH}")
        if dice.random() < DONE:
            _visit(task, dice, accounts)


def _nearest(task: Task, accounts: dict[str, User], names: tuple[str, ...]) -> User:
    """The first of these accounts in whose division the producer lies: each visits only at home."""
    return next(
        accounts[name] for name in names if task.producer.region_id.startswith(accounts[name].region_code)
    )


def _visit(task: Task, dice: random.Random, accounts: dict[str, User]) -> None:
    day = min(date(2026, task.month, 1) + timedelta(days=dice.randrange(28)), TODAY)
    uid = uuid5(SPACE, f"visit:{task.producer.key}:{task.month}")
    if task.kind == TaskKind.GUIDANCE:
        visits.record_guidance(
            uid=uid,
            producer=task.producer,
            visited_on=day,
            observations=dice.choice(SEEN),
            task=task,
            actor=_nearest(task, accounts, ("zhen", "xian", "shi")),
        )
        return
    found = dice.random() < 0.06
    visits.record_inspection(
        uid=uid,
        producer=task.producer,
        inspected_on=day,
        second_officer=_nearest(task, accounts, ("xian2", "shi2")),
        notice_number=f"演示检〔2026〕{task.pk}号",
        items={item.code: "ok" for item in items()} | ({"records": "fault"} if found else {}),
        result="finding" if found else "pass",
        finding="近一周没有用药记录。" if found else "",
        signature="signed",
        task=task,
        actor=_nearest(task, accounts, ("xian", "shi")),
    )
