"""A page that shows every component inside the portal's frame, for the eye and for axe."""

from django import forms
from django.http import HttpResponse
from django.template import engines
from django.urls import path

from agricredit.urls import urlpatterns as real

PAGE = """{% extends "portal/base.html" %}{% load grade_marks charts %}
{% block title %}组件{% endblock %}
{% block sync %}<li><span class="sync">已同步</span></li>{% endblock %}
{% block content %}<h1>早上好</h1>
<div class="notice warning"><p><strong>8月12日起可采收</strong>3号地的豇豆还在安全间隔期。</p></div>
<div class="notice success"><p>已保存。</p></div><p class="tag ok">合格</p> <p class="tag danger">不合格</p>
{% grade_mark "AAA" 48 %}
<a class="button big" href="/">记一笔</a>
<form method="post">{% include "components/form.html" %}<button class="button">保存</button></form>
{% include "components/progress.html" with label="上传" done=2 total=5 %}
{% include "components/timeline.html" %}{% include "components/tabs.html" with label="分类" %}
{% include "components/pagination.html" with previous_url="?before=1" next_url="?after=9" %}
{% include "components/empty.html" with title="还没有记录" text="点“记一笔”开始。" url="/" action="记一笔" %}
{% include "components/facts.html" %}{% line_chart "三年来稳步上升" points %}{% endblock %}"""


class Record(forms.Form):
    """One text, one choice, one tick."""

    name = forms.CharField(label="用了什么药", help_text="可以扫标签上的码")
    plot = forms.ChoiceField(
        label="哪块地", choices=[("1", "1号地"), ("3", "3号地")], widget=forms.RadioSelect
    )
    sure = forms.BooleanField(label="我确认内容属实")


def frame(request):
    """The frame with a form that has errors."""
    template = engines["django"].from_string(PAGE)
    context = {
        "form": Record({}),
        "steps": [{"date": None, "title": "送达", "text": ""}],
        "tabs": [{"url": "/", "label": "购药", "current": True}, {"url": "/", "label": "用药"}],
        "facts": [("地块", "3号地"), ("面积", "12.5 亩")],
        "points": [("2023", 70), ("2024", 78), ("2025", 85)],
    }
    return HttpResponse(template.render(context, request))


urlpatterns = [path("frame/", frame), *real]
