"""Inputs of the catalogue and their labels."""

import factory

from agricredit.foundation.common.grams import fold, grams, initials
from archives.models import (
    InputItem,
    InputKind,
    InputLabel,
)


class InputItemFactory(factory.django.DjangoModelFactory):
    """A pesticide whose label an officer has read."""

    class Meta:
        model = InputItem

    code = factory.LazyAttribute(lambda item: item.registration_number)
    kind = InputKind.PESTICIDE
    name = "测试菌酯"
    name_folded = factory.LazyAttribute(lambda item: fold(item.name))
    name_grams = factory.LazyAttribute(lambda item: grams(item.name))
    initials = factory.LazyAttribute(lambda item: initials(item.name))
    ingredient = factory.LazyAttribute(lambda item: item.name)
    registration_number = factory.Sequence(lambda n: f"PD2020{n:04d}")
    verified = True


class InputLabelFactory(factory.django.DjangoModelFactory):
    """Ten days on the category of vegetables."""

    class Meta:
        model = InputLabel

    item = factory.SubFactory(InputItemFactory)
    crop = "蔬菜"
    covers = factory.LazyFunction(lambda: ["蔬菜"])
    interval_days = 10
