"""Background work of the archives: ids in, a service call, nothing else."""

from __future__ import annotations

import datetime

from celery import shared_task
from django.utils.translation import gettext as _

from agricredit.foundation.jobs import services as jobs
from agricredit.foundation.jobs.registry import JobHandle, job
from archives.portal.offline import handing
from archives.services import (
    duplicates,
    expected,
    figures,
    idle,
    imports,
    platforms,
    profiles,
    pushing,
    region_changes,
    sealing,
)
from archives.services.records import settle_overdue_disposals
from archives.services.register import completeness, confirmations, documents, reminders
from archives.services.reviews import sampling

SEAL_JOB = "archives.seal_ledger"
DISPOSALS_JOB = "archives.settle_disposals"
EXPECT_JOB = expected.JOB
DUPLICATES_JOB = duplicates.JOB
IDLE_JOB = idle.JOB
PROFILES_JOB = "archives.complete_profiles"
REMINDERS_JOB = "archives.remind_licences"
DOCUMENTS_JOB = "archives.erase_documents"
REVIEWS_JOB = sampling.JOB
FIGURES_JOB = "archives.measure_register"
REGIONS_JOB = "archives.apply_region_changes"


@job(SEAL_JOB)
def seal(handle: JobHandle) -> None:
    """Seal what the ledger holds; with writers that never pause the job fails and is tried again."""
    sealing.seal()


@shared_task(name=SEAL_JOB)
def seal_daily() -> None:
    """Put the daily seal on the list (beat)."""
    jobs.enqueue(kind=SEAL_JOB, title=_("每日封存账本"), key=SEAL_JOB)


@job(DISPOSALS_JOB)
def settle_disposals(handle: JobHandle) -> None:
    """Say of every failed self-test whose term has passed that its batch was not disposed of in time."""
    done = 0
    while settled := settle_overdue_disposals():
        done += settled
        handle.progress(done, done)


@shared_task(name=DISPOSALS_JOB)
def settle_disposals_daily() -> None:
    """Put the daily settlement on the list (beat)."""
    jobs.enqueue(kind=DISPOSALS_JOB, title=_("核对到期未处置的不合格检测"), key=DISPOSALS_JOB)


@job(EXPECT_JOB)
def expect(handle: JobHandle) -> None:
    """Bring expected tests and packaging of the periods just over to what size and records say."""
    expected.settle(progress=handle.progress)


@shared_task(name=EXPECT_JOB)
def expect_daily() -> None:
    """Put the settlement of what is expected on the list (beat)."""
    jobs.enqueue(kind=EXPECT_JOB, title=_("核对应检次数和应回收包装"), key=EXPECT_JOB)


@job(DUPLICATES_JOB)
def find_duplicates(handle: JobHandle, region: str) -> None:
    """Compare the producers of a division's subtree with each other."""
    duplicates.find(region=region, progress=handle.progress)


@job(IDLE_JOB)
def find_idle(handle: JobHandle, region: str, months: int, stricter_stay: bool = False) -> None:
    """List the producers of a division's subtree that show no sign of work."""
    found = idle.find(region=region, months=months, stricter_stay=stricter_stay)
    handle.progress(1, 1, _("查到%(found)d个") % {"found": found})


@job(idle.TELL_JOB)
def tell_idle(handle: JobHandle, finding_ids: list[int]) -> None:
    """Send the messages of a notice or a closure."""
    sent = idle.tell(finding_ids=finding_ids)
    handle.progress(1, 1, _("已发送%(sent)d条") % {"sent": sent})


@job(REVIEWS_JOB)
def draw_reviews(handle: JobHandle, region: str, first: str, last: str) -> None:
    """Draw the random subset of each township's records; what was drawn before stays."""
    days = datetime.date.fromisoformat(first), datetime.date.fromisoformat(last)
    drawn = sampling.draw(region=region, first=days[0], last=days[1])
    count = sum(sample.size for sample in drawn)
    handle.progress(1, 1, _("抽取%(count)d条") % {"count": count})


@shared_task(name=REVIEWS_JOB)
def draw_reviews_weekly() -> None:
    """Put last week's draw for all townships on the list (beat)."""
    first, last = sampling.last_week()
    sampling.request(region="", first=first, last=last)


@job(FIGURES_JOB)
def measure_register(handle: JobHandle) -> None:
    """Bring every profile state to what the ledger says, then count the townships' figures."""
    profiles.refresh_all(progress=handle.progress)
    figures.measure()


@shared_task(name=FIGURES_JOB)
def measure_register_nightly() -> None:
    """Put the nightly count on the list (beat)."""
    jobs.enqueue(kind=FIGURES_JOB, title=_("统计各乡镇档案完整和活跃情况"), key=FIGURES_JOB)


@job(imports.CHECK_JOB)
def check_import(handle: JobHandle, batch_id: int) -> None:
    """Judge every row of an uploaded file."""
    imports.check(batch_id=batch_id, progress=handle.progress)


@job(imports.COMMIT_JOB)
def commit_import(handle: JobHandle, batch_id: int) -> None:
    """Write the sound rows of a confirmed file."""
    imports.commit(batch_id=batch_id, progress=handle.progress)


@shared_task(name="archives.purge_exchange")
def purge_exchange() -> None:
    """Erase files that came in and have served their purpose (beat)."""
    imports.purge()
    pushing.purge()
    handing.purge()


@job(REGIONS_JOB)
def apply_region_changes(handle: JobHandle) -> None:
    """Apply the orders whose day has come."""
    region_changes.apply_due()
    handle.progress(1, 1)


@shared_task(name=REGIONS_JOB)
def apply_region_changes_daily() -> None:
    """Put the day's orders on the list (beat)."""
    jobs.enqueue(kind=REGIONS_JOB, title=_("执行到期的区划变更"), key=REGIONS_JOB)


@job(PROFILES_JOB)
def complete_profiles(handle: JobHandle) -> None:
    """Work out how complete every file is: licences end and certificates run out with the calendar."""
    completeness.refresh_everyone(handle.progress)


@shared_task(name=PROFILES_JOB)
def complete_profiles_nightly() -> None:
    """Put the nightly pass on the list (beat)."""
    jobs.enqueue(kind=PROFILES_JOB, title=_("计算档案完整度"), key=PROFILES_JOB)


@job(REMINDERS_JOB)
def remind_licences(handle: JobHandle) -> None:
    """Write to the producers whose licences end soon, and to those whose files are to be confirmed."""
    sent = reminders.remind() + confirmations.remind()
    handle.progress(1, 1, _("已提醒%(sent)d个") % {"sent": sent})


@shared_task(name=REMINDERS_JOB)
def remind_licences_daily() -> None:
    """Put the reminders on the list (beat)."""
    jobs.enqueue(kind=REMINDERS_JOB, title=_("提醒将到期的证照和要确认的档案"), key=REMINDERS_JOB)


@job(DOCUMENTS_JOB)
def erase_documents(handle: JobHandle) -> None:
    """Erase the content of documents whose term is over."""
    handle.progress(1, 1, _("已删除%(erased)d个") % {"erased": documents.erase_due()})


@shared_task(name=DOCUMENTS_JOB)
def erase_documents_daily() -> None:
    """Put the erasing on the list (beat)."""
    jobs.enqueue(kind=DOCUMENTS_JOB, title=_("删除到期的档案文件内容"), key=DOCUMENTS_JOB)


@job(platforms.JOB)
def exchange_platform(handle: JobHandle, platform: str) -> None:
    """Exchange with one platform what is new on either side."""
    platforms.exchange(platform=platform, progress=handle.progress)


@shared_task(name="archives.exchange_platforms")
def exchange_platforms() -> None:
    """Put an exchange with every configured platform on the list (beat)."""
    for name in platforms.load():
        platforms.request(platform=name)


@shared_task(name=DUPLICATES_JOB)
def find_duplicates_nightly() -> None:
    """Put the nightly search of everything on the list (beat)."""
    duplicates.request(region="", actor=None)


@shared_task(name=IDLE_JOB)
def find_idle_nightly() -> None:
    """Put the nightly search of everything on the list, for a year without a sign of work (beat)."""
    idle.request(region="", months=12, actor=None)
