"""How a record is asked for: one question a page, answers carried along, the last choices filled in.

Questions are forms. What has been answered travels in the address (GET), so that the phone's back button, a
reload and a killed app lose nothing; only the last page writes.
"""

from __future__ import annotations

import datetime
import re
import uuid
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from agricredit.foundation.common import clock
from agricredit.foundation.common.grams import fold
from archives.models import (
    Harvest,
    InputItem,
    InputPurchase,
    Plot,
    Procedure,
    Producer,
    Product,
    ProductionBatch,
)
from archives.services.catalogue import UNKNOWN, Known, candidates, known_input, known_inputs
from archives.services.records import NOUNS, earliest_harvest
from archives.services.records.unbatched import Answer, look

RECENT = 6
_UID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")


class Ask:
    """Who is asked for what, the answers so far, and what past records suggest (each looked up once)."""

    def __init__(self, producer: Producer, noun: str, answers: Mapping[str, str]) -> None:
        self.producer = producer
        self.noun = noun
        self.answers = answers

    @cached_property
    def products(self) -> list[Product]:
        """What the producer grows."""
        return list(Product.objects.filter(growers__producer=self.producer).order_by("code"))

    @cached_property
    def plots(self) -> list[Plot]:
        """Its plots, sheds and ponds."""
        return list(Plot.objects.open().filter(producer=self.producer).order_by("name"))

    @cached_property
    def last(self) -> Any:
        """Its last record of this noun, None when this is the first."""
        rows = NOUNS[self.noun].model.objects.filter(producer=self.producer, status="active")
        return rows.order_by("-occurred_on", "-id").first()

    @cached_property
    def purchases(self) -> list[InputPurchase]:
        """The last purchases, one of each name, and the one answered: it may have been chosen days ago."""
        return self._with_chosen(self.recent_purchases, InputPurchase, "what")

    @cached_property
    def recent_purchases(self) -> list[InputPurchase]:
        """The last purchases, one of each name."""
        rows = InputPurchase.objects.active().filter(producer=self.producer)
        names: dict[str, InputPurchase] = {}
        for row in rows.order_by("-occurred_on", "-id")[: 5 * RECENT]:
            names.setdefault(row.name, row)
        return list(names.values())[:RECENT]

    @cached_property
    def batches(self) -> list[Harvest]:
        """The last batches of the product answered, and the one answered."""
        rows = Harvest.objects.active().filter(producer=self.producer, product=self.product)
        last = list(rows.order_by("-occurred_on", "-id").select_related("product", "plot")[:RECENT])
        return self._with_chosen(last, Harvest, "harvest")

    def _with_chosen(self, rows: list[Any], model: Any, name: str) -> list[Any]:
        """A phone that was offline names a row that newer ones have pushed out of the last few."""
        chosen = self.answers.get(name, "")
        if not _UID.match(chosen) or any(str(row.uid) == chosen for row in rows):
            return rows
        return [*rows, *model.objects.active().filter(producer=self.producer, uid=chosen)]

    @cached_property
    def running(self) -> list[ProductionBatch]:
        """Running batches of all products, the newest first."""
        rows = ProductionBatch.objects.active().filter(producer=self.producer, ended_on=None)
        return list(rows.order_by("-occurred_on", "-id")[: 5 * RECENT])

    @cached_property
    def all_procedures(self) -> list[Procedure]:
        """The operating procedures of its file that are in force, the newest first."""
        rows = Procedure.objects.open().filter(producer=self.producer, in_force_on__lte=clock.today())
        return list(rows.order_by("-in_force_on", "-id"))

    @property
    def procedures(self) -> list[Procedure]:
        """Those that the product answered may follow."""
        wanted = self.product
        return [row for row in self.all_procedures if wanted is None or row.product_id in (None, wanted.pk)]

    @property
    def productions(self) -> list[ProductionBatch]:
        """Running batches of the product answered."""
        wanted = self.product
        return [row for row in self.running if wanted is None or row.product_id == wanted.pk][:RECENT]

    @cached_property
    def matches(self) -> list[InputItem]:
        """What a name typed in part, in initials or as a number may mean; none when it is a full name."""
        name, kind = self.answers.get("name", "").strip(), self.answers.get("kind", "")
        if not name or not kind or self.purchase is not None:
            return []
        named: dict[str, InputItem] = {}
        for row in candidates(name, kind=kind):
            named.setdefault(row.registration_number or row.name, row)
        known = {fold(text) for row in named.values() for text in (row.name, row.registration_number)}
        return [] if fold(name) in known else list(named.values())

    @cached_property
    def match(self) -> InputItem | None:
        """The item of the catalogue chosen among the matches."""
        found: InputItem | None = _chosen(self.matches, self.answers.get("item"))
        return found

    @cached_property
    def labels(self) -> dict[int, Known]:
        """What the catalogue says of the recent purchases, by their ids."""
        keys = {row.pk: (row.kind, row.registration_number, row.name) for row in self.recent_purchases}
        found = known_inputs(keys.values())
        return {pk: found[key] for pk, key in keys.items()}

    @cached_property
    def known(self) -> Known:
        """What the catalogue says of the input answered."""
        if self.purchase is not None and self.purchase in self.recent_purchases:
            return self.labels[self.purchase.pk]
        row: Any = self.purchase or self.match
        kind = row.kind if row else self.answers.get("kind", "")
        name = row.name if row else self.answers.get("name", "")
        number = row.registration_number if row else self.answers.get("registration_number", "")
        if not name.strip() and not number.strip():
            return UNKNOWN
        return known_input(kind=kind, name=name.strip(), registration_number=number.strip())

    @cached_property
    def product(self) -> Product | None:
        """The product answered; the only one there is needs no answer."""
        found: Product | None = _chosen(self.products, self.answers.get("product"), alone=True)
        return found

    @cached_property
    def waits_until(self) -> datetime.date | None:
        """The first day on which the product answered may be harvested there; None when it may today."""
        if self.product is None:
            return None
        chosen = self.answers.get("production", "")
        batch = next((row for row in self.productions if str(row.uid) == chosen), None)
        return earliest_harvest(
            producer=self.producer, product=self.product, plot=self.plot, production=batch
        )

    @cached_property
    def unbatched(self) -> Answer | None:
        """What becomes of a sale without a batch on the day answered; None when nothing stands against it."""
        chosen = self.answers.get("harvest", "")
        if self.product is None or any(str(row.uid) == chosen for row in self.batches):
            return None
        return look(self.producer, self.product, _day(self.answers) or clock.today())

    @cached_property
    def plot(self) -> Plot | None:
        """The plot answered."""
        found: Plot | None = _chosen(self.plots, self.answers.get("plot"))
        return found

    @cached_property
    def purchase(self) -> InputPurchase | None:
        """The purchase from which the input used is taken."""
        uid = self.answers.get("what", "")
        known = [row for row in self.purchases if str(row.uid) == uid]
        return known[0] if known else None


def _day(answers: Mapping[str, str]) -> datetime.date | None:
    """The day of the last page, chosen or picked; None while it is not answered."""
    for name in ("day", "occurred_on"):
        try:
            return datetime.date.fromisoformat(answers.get(name, ""))
        except ValueError:
            continue
    return None


def _chosen(rows: Sequence[Any], key: str | None, *, alone: bool = False) -> Any:
    found = [row for row in rows if str(row.pk) == key]
    if found:
        return found[0]
    return rows[0] if alone and len(rows) == 1 else None


class Question(forms.Form):
    """One page. A subclass says what is asked, when it need not be, and what the answer means."""

    slug: ClassVar[str] = ""
    title: ClassVar[str | Promise] = ""
    owns: ClassVar[tuple[str, ...]] = ()
    """Fields of the service whose refusals belong here, beside the form's own."""
    refers: ClassVar[Mapping[str, str]] = {}
    """Fields that choose a record of another noun by its uid: a phone offers its own unsent ones there."""

    def __init__(self, ask: Ask, data: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.ask = ask
        self.prepare()
        if data is None:
            for key in self.fields:
                if key in ask.answers:
                    self.initial[key] = ask.answers[key]

    @classmethod
    def needed(cls, ask: Ask) -> bool:
        """Whether there is anything to ask."""
        return True

    def prepare(self) -> None:
        """Fill in choices and what the last record suggests."""

    def values(self) -> dict[str, Any]:
        """The valid answer as keyword arguments of the service."""
        return {key: value for key, value in self.cleaned_data.items() if key in self.fields}

    def said(self) -> str:
        """The valid answer in words, for the summary: what was filled in, in the order of the fields."""
        return " · ".join(str(value) for value in self.cleaned_data.values() if value) or _("没填")

    @property
    def heading(self) -> str:
        """The question."""
        return str(self.title)


class Walk:
    """The way through a noun's questions with the answers that a request carries."""

    def __init__(self, ask: Ask, questions: Sequence[type[Question]]) -> None:
        self.ask = ask
        self.questions = [question for question in questions if question.needed(ask)]
        self.uid = _uid(ask.answers.get("uid", ""))

    @property
    def last(self) -> type[Question]:
        """The page that writes."""
        return self.questions[-1]

    def at(self, name: str) -> Question | None:
        """The question of that name as it is asked, not answered."""
        for question in self.questions:
            if question.slug == name:
                return question(self.ask)
        return None

    def answered(self) -> list[Question]:
        """The answers to all but the last page, as far as they are valid and in order."""
        found: list[Question] = []
        for question in self.questions[:-1]:
            form = question(self.ask, self.ask.answers)
            if not form.is_valid():
                break
            found.append(form)
        return found

    def after(self, name: str, *, straight: bool) -> Question:
        """What follows an answer: itself with its errors, the next question, or (straight) the last."""
        for at, question in enumerate(self.questions[:-1]):
            form = question(self.ask, self.ask.answers)
            if not form.is_valid():
                # A page that was never shown is asked without errors.
                known = any(key in self.ask.answers for key in form.fields)
                return form if known and (question.slug == name or not straight) else question(self.ask)
            if question.slug == name and not straight:
                return self.questions[at + 1](self.ask)
        return self.last(self.ask)

    def carried(self, shown: Question) -> list[tuple[str, str]]:
        """The answers that the page shown must carry along in hidden fields."""
        names = self.names() - set(shown.fields)
        return [
            ("uid", str(self.uid)),
            *((key, self.ask.answers[key]) for key in sorted(names & set(self.ask.answers))),
        ]

    def names(self) -> set[str]:
        """All fields of all questions."""
        return {key for question in self.questions for key in question(self.ask).fields}

    def place(self, shown: Question) -> tuple[int, int]:
        """Which page it is, of how many."""
        names = [question.slug for question in self.questions]
        return names.index(shown.slug) + 1, len(names)

    def link(self, name: str, **more: str) -> str:
        """The query string of the page of a question, with everything answered so far."""
        known = {key: self.ask.answers[key] for key in sorted(self.names() & set(self.ask.answers))}
        return "?" + urlencode({"uid": str(self.uid), **known, "at": name, **more})

    def before(self, shown: Question) -> str:
        """The query string of the page before, empty on the first."""
        at, _count = self.place(shown)
        return self.link(self.questions[at - 2].slug) if at > 1 else ""

    def owner(self, field: str) -> str:
        """The question to which a refusal of the service belongs; the last page takes what nobody owns."""
        for question in self.questions:
            if field in question.owns or field in question(self.ask).fields:
                return question.slug
        return self.last.slug


def _uid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.uuid4()
