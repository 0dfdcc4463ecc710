"""Lists as files: what filters show, in the format that is imported, flat, guarded, to the asker alone."""

import tempfile
import tracemalloc

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from agricredit.foundation.accounts.roles import Role
from agricredit.foundation.audit.models import AuditLine
from agricredit.foundation.common import clock, exporting
from agricredit.foundation.common.codes import make_credit_code
from agricredit.foundation.common.files import write_csv, write_xlsx
from agricredit.foundation.jobs import tasks as jobs_tasks
from agricredit.foundation.jobs.models import ExportFile, Job
from agricredit.foundation.jobs.services import exports
from archives.models import Producer
from archives.services.producers import register, register_many
from archives.services.sheets import SHEETS
from tests.archives.exchange.files import ask, checked, fetch, figures, rows
from tests.factories.accounts import UserFactory, enter
from tests.factories.archives import ProducerFactory, RegionFactory
from tests.factories.records import HarvestFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer():
    RegionFactory()
    return UserFactory()


@pytest.fixture
def desk(client, officer):
    return enter(client, officer)


def test_a_list_is_exported_under_its_filters_and_imported_as_unchanged(desk, officer):
    register(name="绿源合作社", kind="cooperative", nature="legal_person", region="440823",
             credit_code=make_credit_code("9344082300000077"), phone="13800138000")  # fmt: skip
    ProducerFactory(name="绿源公司", kind="enterprise")
    ProducerFactory(region="440825", kind="cooperative")
    ask(desk, query="kind=cooperative&p=3")
    export = ExportFile.objects.get()
    assert (export.state, export.rows) == ("ready", 1)
    content = fetch(desk, export)
    heading, row = rows(content)
    assert list(heading) == SHEETS["producers"].headings
    assert "绿源合作社" in row
    assert not any("13800138000" in str(cell) for cell in row)
    batch = checked("producers", SimpleUploadedFile("again.xlsx", content), officer)
    assert figures(batch) == (0, 0, 1, 0)
    assert set(AuditLine.objects.filter(target_type="jobs.exportfile").values_list("verb", flat=True)) == {
        "export.asked", "export.fetched",
    }  # fmt: skip


def test_csv_is_guarded_against_formulas_and_still_comes_back_unchanged(desk, officer):
    ProducerFactory(name="=1+1", address="@SUM(A1)")
    ask(desk, form="csv")
    content = fetch(desk, ExportFile.objects.get())
    assert content.startswith(b"\xef\xbb\xbf")
    assert "'=1+1" in content.decode()
    assert "'@SUM" in content.decode()
    batch = checked("producers", SimpleUploadedFile("again.csv", content), officer)
    assert figures(batch) == (0, 0, 1, 0)


def test_other_lists_are_exported_as_they_are_shown(desk):
    HarvestFactory(producer=ProducerFactory(), batch="PC-7")
    ProducerFactory(name="成员合作社")
    ask(desk, "archives.harvest")
    ask(desk, "archives.region")
    harvests, regions = ExportFile.objects.order_by("pk")
    assert "PC-7" in rows(fetch(desk, harvests))[1]
    assert regions.rows >= 3
    assert any("遂溪县" in str(cell) for row in rows(fetch(desk, regions)) for cell in row)


def test_the_button_stands_under_the_list_with_its_filters(desk):
    text = desk.get(reverse("admin:archives_producer_changelist"), {"kind": "enterprise"}).content.decode()
    assert 'name="query" value="kind=enterprise"' in text
    assert reverse("admin:jobs_exportfile_ask") in text
    assert "exportfile/ask" not in desk.get(reverse("admin:jobs_job_changelist")).content.decode()


def test_only_the_asker_fetches_it(desk, client):
    ProducerFactory()
    ask(desk)
    export = ExportFile.objects.get()
    other = enter(client, UserFactory())
    assert fetch(other, export) == 404
    assert export.title not in other.get(reverse("admin:jobs_exportfile_changelist")).content.decode()


def test_lists_one_may_not_open_are_not_exported(client):
    town = enter(client, UserFactory(role=Role.TOWNSHIP_SUPERVISOR))
    for listing, status in (("rating.ratingrun", 302), ("accounts.user", 403), ("no.such", 404)):
        given = {"listing": listing, "format": "csv"}
        assert town.post(reverse("admin:jobs_exportfile_ask"), given).status_code == status
    admin = enter(client, UserFactory(role=Role.SECURITY_ADMIN))
    given = {"listing": "accounts.user", "format": "csv"}
    assert admin.post(reverse("admin:jobs_exportfile_ask"), given).status_code == 403
    assert ExportFile.objects.count() == 1


def test_a_right_lost_meanwhile_ends_the_export(officer):
    exports.ask(listing="archives.producer", title="主体", query="", file_format="csv", actor=officer)
    officer.is_active = False
    officer.save()
    job = Job.objects.get(kind=exports.JOB)
    from agricredit.foundation.jobs.services import running

    running.run(job.pk, inline=True)
    export = ExportFile.objects.get()
    assert (export.state, bool(export.file)) == ("failed", False)
    assert "权限" in export.message


def test_refusals(desk, officer):
    ask(desk, form="pdf")
    assert not ExportFile.objects.exists()
    for _ in range(exports.WAITING_AT_ONCE):
        exports.ask(listing="archives.producer", title="主体", query="", file_format="csv", actor=officer)
    ask(desk)
    assert ExportFile.objects.count() == exports.WAITING_AT_ONCE


def test_more_rows_than_a_workbook_holds_are_refused(officer, monkeypatch):
    monkeypatch.setattr(exports, "WORKBOOK_ROWS", 1)
    ProducerFactory(), ProducerFactory()
    export = exports.ask(
        listing="archives.producer", title="主体", query="", file_format="xlsx", actor=officer
    )
    with pytest.raises(exports.JobRefused, match="CSV"):
        jobs_tasks.write_export(_Handle(), export.pk)


class _Handle:
    def progress(self, done, total, message=""):
        pass


def test_old_files_are_erased(desk, officer):
    ProducerFactory()
    ask(desk)
    export = ExportFile.objects.get()
    ExportFile.objects.update(asked_at=clock.now() - exports.KEPT * 2)
    assert exports.purge() == 1
    assert not export.file.storage.exists(export.file.name)
    assert fetch(desk, export) == 404


@pytest.mark.parametrize("writer", [write_csv, write_xlsx])
def test_memory_does_not_grow_with_the_rows(monkeypatch, writer):
    monkeypatch.setattr(exporting, "AT_ONCE", 100)
    RegionFactory()

    def peak(count):
        rows = [{"name": f"户{n}", "kind": "smallholder", "nature": "natural_person", "region": "440823"}
                for n in range(count)]  # fmt: skip
        register_many(rows=rows)
        del rows
        sheet = SHEETS["producers"]
        tracemalloc.start()
        with tempfile.TemporaryFile() as stream:
            written = writer(stream, sheet.headings, sheet.rows_of(Producer.objects.all()))
        _now, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert written == Producer.objects.count()
        return most

    few = peak(500)
    assert peak(1_500) < 1.5 * few
