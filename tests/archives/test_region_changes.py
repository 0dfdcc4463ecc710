"""Divisions split, merged and renumbered: who follows, what stays, what is refused."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.urls import reverse

from agricredit.foundation.accounts.roles import Role
from agricredit.foundation.audit.models import AuditLine
from agricredit.foundation.common.clock import today
from agricredit.foundation.jobs.models import OutboxMessage
from archives.models import (
    CreditEvent,
    Plot,
    Producer,
    Region,
    RegionChange,
    RegionSuccession,
    ReviewSetting,
    ReviewSubstitute,
)
from archives.services import ledger, producers, region_changes, region_moves
from archives.services.reference import load_regions
from archives.services.reviews import sampling, substitutes
from rating.models import Rating, RegionScheme
from rating.services import regions as rating_regions
from supervision.models import Plan, Task
from supervision.services import regions as plan_regions
from tests.factories.accounts import UserFactory, enter
from tests.factories.archives import PlotFactory, ProducerFactory, RegionFactory
from tests.factories.ledger import draft
from tests.factories.rating import make_run, shipped
from tests.factories.supervision import PlanFactory, TaskFactory

pytestmark = pytest.mark.django_db
FIRST, SECOND = "440823100", "440823101"


@pytest.fixture
def city():
    return UserFactory(role=Role.CITY_OFFICER)


@pytest.fixture
def other():
    return UserFactory(role=Role.CITY_OFFICER)


def drafted(actor, lines, kind="renumber", day=None):
    return region_changes.draft(
        kind=kind, effective_on=day or today(), basis="湛府函〔2026〕8号", moves=region_moves.read(lines),
        actor=actor,
    )  # fmt: skip


def refusal(actor, lines, kind="renumber"):
    before = RegionChange.objects.count()
    with pytest.raises(ValidationError) as caught:
        drafted(actor, lines, kind)
    assert RegionChange.objects.count() == before
    return " ".join(caught.value.messages)


def test_a_renumbered_township_takes_everything_along(city, other):
    RegionFactory(code=f"{FIRST}201", name="西溪村")
    there, below = ProducerFactory(region=FIRST), ProducerFactory(region=f"{FIRST}201")
    away = ProducerFactory(region="440825")
    plot = PlotFactory(producer=below, region=Region.objects.get(pk=f"{FIRST}201"))
    supervisor = UserFactory(role=Role.TOWNSHIP_SUPERVISOR, region_code=FIRST)
    ledger.post([draft(producer=there, uid="before")])
    change = drafted(city, f"{FIRST} 440823900 遂城街道")
    assert region_changes.preview(change)[0] | {"move": None} == {
        "move": None, "divisions": 2, "producers": 2, "plots": 1, "users": 1,
    }  # fmt: skip
    assert Producer.objects.get(pk=there.pk).region_id == FIRST
    done = region_changes.confirm(change=change, actor=other)
    assert done.state == "applied"
    assert done.carried == {"producers": 2, "plots": 1, "users": 1}
    rows = Producer.objects.in_bulk([there.pk, below.pk, away.pk])
    codes = [rows[one.pk].region_id for one in (there, below, away)]
    assert codes == ["440823900", "440823900201", "440825"]
    assert Plot.objects.get(pk=plot.pk).region_id == "440823900201"
    supervisor.refresh_from_db()
    assert supervisor.region_code == "440823900"
    old, new = Region.objects.get(pk=FIRST), Region.objects.get(pk="440823900201")
    assert old.valid_to == today() - datetime.timedelta(days=1)
    assert (new.name, new.full_name, new.parent_id) == (
        "西溪村",
        "广东省湛江市遂溪县遂城街道西溪村",
        "440823900",
    )
    assert new.valid_from == today()
    assert CreditEvent.objects.get(uid="before").region_id == FIRST
    assert Region.objects.current_codes([f"{FIRST}201", "440825"]) == {
        f"{FIRST}201": "440823900201", "440825": "440825",
    }  # fmt: skip
    topics = set(OutboxMessage.objects.values_list("topic", flat=True))
    assert {"regions.changed", "producers.changed"} <= topics
    assert AuditLine.objects.filter(verb="region_change.applied").count() == 1


def test_applied_again_nothing_happens_but_latecomers_are_carried(city, other):
    ProducerFactory(region=FIRST)
    change = drafted(city, f"{FIRST} 440823900 遂城街道")
    region_changes.confirm(change=change, actor=other)
    region_changes.apply(change=change)
    assert AuditLine.objects.filter(verb="region_change.applied").count() == 1
    late = ProducerFactory(region=FIRST)
    assert region_changes.apply_due() == 1
    late.refresh_from_db()
    assert late.region_id == "440823900"
    change.refresh_from_db()
    assert change.carried["producers"] == 1
    assert RegionSuccession.objects.count() == 1


def test_a_change_waits_for_its_day(city, other):
    producer = ProducerFactory(region=FIRST)
    change = drafted(city, f"{FIRST} 440823900 遂城街道", day=today() + datetime.timedelta(days=3))
    assert region_changes.confirm(change=change, actor=other).state == "confirmed"
    with pytest.raises(ValidationError, match="届时自动执行"):
        region_changes.apply(change=change)
    assert region_changes.apply_due() == 0
    producer.refresh_from_db()
    assert producer.region_id == FIRST
    region_changes.cancel(change=change, reason="文件撤回")
    with pytest.raises(ValidationError, match="已取消"):
        region_changes.confirm(change=change, actor=other)


def test_two_townships_become_one_and_a_split_one_two(city, other):
    RegionFactory(code=SECOND, name="黄略镇")
    for code in (f"{FIRST}201", f"{SECOND}201"):
        RegionFactory(code=code)
    one, two = ProducerFactory(region=f"{FIRST}201"), ProducerFactory(region=f"{SECOND}201")
    lines = f"{FIRST} 440823900 新镇\n{SECOND} 440823900 新镇"
    assert "请逐个写明" in refusal(city, lines, "merge")
    lines += f"\n{SECOND}201 440823900202 东村"
    region_changes.confirm(change=drafted(city, lines, "merge"), actor=other)
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.region_id, two.region_id) == ("440823900201", "440823900202")
    lines = "440823900201 440823901201 西村\n440823900202 440823902201 东村\n440823900 440823901 西镇"
    assert "上级区划不存在" in refusal(city, lines, "split")
    RegionFactory(code="440823902", name="东镇")
    region_changes.confirm(change=drafted(city, lines, "split"), actor=other)
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.region_id, two.region_id) == ("440823901201", "440823902201")
    assert Region.objects.current_codes([f"{SECOND}201"]) == {f"{SECOND}201": "440823902201"}


def test_what_cannot_be_is_refused_line_by_line(city, other):
    RegionFactory(code=FIRST)
    RegionFactory(code=SECOND)
    assert "没有代码为 440823777" in refusal(city, "440823777 440823778 甲")
    assert "位数相同" in refusal(city, f"{FIRST} 440824 甲")
    assert "新旧代码相同" in refusal(city, f"{FIRST} {FIRST} 甲")
    assert "请写明新名称" in refusal(city, f"{FIRST} 440823900")
    assert "不止一次" in refusal(city, f"{FIRST} 440823900 甲\n{FIRST} 440823901 乙")
    assert "分开登记" in refusal(city, f"{FIRST} {SECOND}\n{SECOND} 440823901 乙")
    assert "一一对应" in refusal(city, f"{FIRST} 440823900 甲\n{SECOND} 440823900 甲")
    assert "上级区划不存在" in refusal(city, f"{FIRST} 440899900 甲")
    assert "不在您的辖区" in refusal(city, f"{FIRST} 440923900 甲")
    with pytest.raises(ValidationError, match="第2行"):
        region_moves.read(f"{FIRST} 440823900 甲\n胡写")
    change = drafted(city, f"{FIRST} 440823900 甲")
    with pytest.raises(ValidationError, match="登记人以外"):
        region_changes.confirm(change=change, actor=city)
    region_changes.confirm(change=change, actor=other)
    assert "已停用" in refusal(city, f"{FIRST} 440823901 乙")
    with pytest.raises(ValidationError, match="现为广东省湛江市遂溪县甲（440823900）"):
        producers.register(name="新主体", kind="cooperative", nature="legal_person", region=FIRST, actor=city)


def test_past_runs_plans_and_schemes_follow(city, other):
    producer = ProducerFactory(region=FIRST)
    run = make_run(region=FIRST, results=[{"producer": producer}], state="effective")
    shipped()
    RegionScheme.objects.create(region_code=FIRST, scheme=run.scheme, valid_from=datetime.date(2020, 1, 1))
    plan = PlanFactory(region_code=FIRST, year=today().year)
    task = TaskFactory(plan=plan, producer=producer)
    change = drafted(city, f"{FIRST} 440823900 遂城街道")
    region_changes.confirm(change=change, actor=other)
    for _ in range(2):
        rating_regions.follow(change=change)
        plan_regions.follow(change=change)
    supervisor = UserFactory(role=Role.TOWNSHIP_SUPERVISOR, region_code="440823900")
    stranger = UserFactory(role=Role.TOWNSHIP_SUPERVISOR, region_code="440823902")
    assert Rating.objects.visible_to(supervisor).get().region_id == FIRST
    assert type(run).objects.visible_to(supervisor).filter(pk=run.pk).exists()
    assert not Rating.objects.visible_to(stranger).exists()
    assert RegionScheme.objects.filter(region_code="440823900").count() == 1
    assert Plan.objects.get(pk=plan.pk).region_code == "440823900"
    assert Task.objects.visible_to(supervisor).get() == task


def test_loading_the_shipped_divisions_keeps_what_an_order_changed(city, other, tmp_path):
    path = tmp_path / "regions.csv"
    path.write_text(
        "code,name,level,parent\n44,广东省,province,\n4408,湛江市,city,44\n440823,遂溪县,county,4408\n"
        f"{SECOND},黄略镇,township,440823\n",
        encoding="utf-8",
    )
    load_regions(path=path)
    region_changes.confirm(change=drafted(city, f"{SECOND} 440823900 新镇"), actor=other)
    load_regions(path=path)
    assert Region.objects.get(pk="440823900").valid_to is None
    assert Region.objects.get(pk=SECOND).valid_to is not None


def test_the_desk_drafts_shows_counts_and_asks_a_second_person(client, city, other):
    producer = ProducerFactory(region=FIRST)
    desk = enter(client, city)
    address = reverse("admin:archives_regionchange_draft")
    form = {"kind": "renumber", "effective_on": str(today()), "basis": "湛府函〔2026〕8号"}
    answer = desk.post(address, {**form, "lines": "胡写"})
    assert "第1行" in answer.content.decode()
    assert desk.post(address, {**form, "lines": f"{FIRST} 440823900 新镇"}).status_code == 302
    change = RegionChange.objects.get()
    page = desk.get(reverse("admin:archives_regionchange_change", args=[change.pk]))
    assert page.context["preview"][0]["producers"] == 1
    act = reverse("admin:archives_regionchange_act", args=[change.pk, "confirm"])
    assert "登记人以外" in desk.post(act).content.decode()
    assert enter(client, other).post(act).status_code == 302
    producer.refresh_from_db()
    assert producer.region_id == "440823900"
    applied = desk.get(reverse("admin:archives_regionchange_change", args=[change.pk])).content.decode()
    assert "随迁主体 1 个" in applied
    assert f"{FIRST} → 440823900 新镇" in applied
    history = desk.get(reverse("admin:archives_regionchange_history", args=[change.pk])).content.decode()
    for said in (f"登记区划变更 {change}，共 1 行", f"核准区划变更 {change}", city.name, other.name):
        assert said in history
    file = desk.get(reverse("office-producer", args=[producer.pk])).content.decode()
    assert f"（{FIRST}），" in file
    assert "湛府函〔2026〕8号" in file
    county = enter(client, UserFactory())
    assert county.get(address).status_code == 403


def test_a_merger_whose_villages_share_codes_is_proposed_line_by_line(client, city, other):
    """撤乡并镇: villages of every township count from 200, so that nearly all of them clash."""
    for code in (FIRST, SECOND):
        for village in ("200", "201"):
            RegionFactory(code=f"{code}{village}", name=f"{code[-1]}甲{village}")
    producer = ProducerFactory(region=f"{SECOND}201")
    desk = enter(client, city)
    address = reverse("admin:archives_regionchange_draft")
    form = {"kind": "merge", "effective_on": str(today()), "basis": "湛府函〔2026〕8号"}
    answer = desk.post(address, {**form, "lines": f"{SECOND} {FIRST}"})
    assert "按批准文件逐行核对" in answer.content.decode()
    lines = answer.context["form"]["lines"].value()
    assert lines.splitlines() == [
        f"{SECOND} {FIRST}", f"{SECOND}200 {FIRST}202 1甲200", f"{SECOND}201 {FIRST}203 1甲201",
    ]  # fmt: skip
    assert not RegionChange.objects.exists()
    assert desk.post(address, {**form, "lines": lines}).status_code == 302
    region_changes.confirm(change=RegionChange.objects.get(), actor=other)
    producer.refresh_from_db()
    assert producer.region_id == f"{FIRST}203"


def test_the_command_shows_first_and_then_does(tmp_path, capsys):
    producer = ProducerFactory(region=FIRST)
    path = tmp_path / "lines.txt"
    path.write_text(f"{FIRST},440823900,新镇\n", encoding="utf-8")
    given = [
        "change_regions",
        str(path),
        "--kind",
        "renumber",
        "--effective",
        str(today()),
        "--basis",
        "文件",
    ]
    call_command(*given, "--dry-run")
    assert "主体 1" in capsys.readouterr().out
    assert not RegionChange.objects.exists()
    call_command(*given)
    producer.refresh_from_db()
    assert producer.region_id == "440823900"


def test_verification_goes_on_as_it_was_in_the_new_divisions(city, other):
    """Both parts of a split township are drawn as it was; where two become one the stricter figures hold."""
    for code, name in ((f"{FIRST}201", "东村"), (f"{FIRST}202", "西村"), (SECOND, "岭北镇")):
        RegionFactory(code=code, name=name)
    supervisor = UserFactory(role=Role.TOWNSHIP_SUPERVISOR, region_code=SECOND)
    sampling.configure(region=Region.objects.get(pk=FIRST), percent=20, least=3, most=30)
    substitutes.assign(
        region=Region.objects.get(pk=FIRST), user=supervisor, valid_from=today(),
        valid_until=today() + datetime.timedelta(days=30), reason="监管员请假",
    )  # fmt: skip
    lines = f"{FIRST} 440823900 甲街道\n{FIRST}202 440823901202 西村\n{FIRST}201 440823900201 东村"
    RegionFactory(code="440823901", name="乙街道")
    region_changes.confirm(change=drafted(city, lines, "split"), actor=other)
    settings = ReviewSetting.objects.order_by("region_id").values_list(
        "region_id", "percent", "least", "most"
    )
    assert list(settings) == [("440823900", 20, 3, 30), ("440823901", 20, 3, 30)]
    held = ReviewSubstitute.objects.order_by("region_id").values_list("region_id", "user_id")
    assert list(held) == [("440823900", supervisor.pk), ("440823901", supervisor.pk)]
    sampling.configure(region=Region.objects.get(pk=SECOND), percent=5, least=9, most=50)
    merged = drafted(city, f"440823900 {SECOND}", "merge")
    region_changes.confirm(change=merged, actor=other)
    kept = ReviewSetting.objects.get(region_id=SECOND)
    assert (kept.percent, kept.least, kept.most) == (20, 9, 50)
    assert not ReviewSetting.objects.filter(region_id="440823900").exists()
    assert ReviewSubstitute.objects.get(region_id="440823900").user == supervisor
    assert AuditLine.objects.filter(verb="reviews.followed").count() == 2
    before = AuditLine.objects.count()
    region_changes.apply(change=merged)
    assert AuditLine.objects.count() == before
