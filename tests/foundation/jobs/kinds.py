"""Kinds of job that the tests run; a real worker imports this module too."""

import threading

from agricredit.foundation.calendar.models import CalendarDay
from agricredit.foundation.jobs.registry import JobRefused, job


@job("tests.count")
def count(handle, *, to):
    """Report each step."""
    for n in range(to + 1):
        handle.progress(n, to, f"第{n}步")


@job("tests.mark")
def mark(handle, *, day):
    """An effect that is there once however often it is made."""
    row, _made = CalendarDay.objects.get_or_create(day=day, defaults={"working": True})
    CalendarDay.objects.filter(pk=row.pk).update(name=f"第{handle.job.attempts}次")


@job("tests.mark_then_hang_once")
def mark_then_hang_once(handle, *, day):
    """Half its work is done when the first attempt stops for ever; the second ends it."""
    CalendarDay.objects.get_or_create(day=day, defaults={"working": True})
    handle.progress(1, 2)
    if handle.job.attempts == 1:
        threading.Event().wait()
    CalendarDay.objects.filter(day=day).update(name="完成")


@job("tests.refuse")
def refuse(handle):
    """A sentence for people."""
    raise JobRefused("没有可评价的主体。")


@job("tests.break")
def break_down(handle):
    """A fault of the program, with a second line that is not for people."""
    raise RuntimeError("坏了\nDETAIL: 13812345678")
