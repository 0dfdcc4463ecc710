"""A cooperative with a plot, a product and an owner who is logged in: what the portal's tests begin with."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from django.contrib.auth.models import Group
from django.test import Client

from archives.models import Plot, Producer, Product
from tests.factories.accounts import UserFactory
from tests.factories.archives import (
    MembershipFactory,
    PlotFactory,
    ProducerFactory,
    ProducerProductFactory,
    ProductFactory,
)


@dataclass
class Farm:
    """Who and what, and the owner's browser."""

    producer: Producer
    product: Product
    plot: Plot
    user: object
    client: Client

    def get(self, path, status=200, **data):
        """The text of a page."""
        response = self.client.get(path, data)
        assert response.status_code == status, response.content.decode()[:500]
        return response.content.decode()


def make_farm(role="producer", member="owner", name="遂溪红土地蔬菜合作社", **fields):
    """One farm; ``role`` and ``member`` say who is logged in."""
    producer = ProducerFactory(name=name, **fields)
    product = ProductFactory(code="010101", name="长豇豆")
    ProducerProductFactory(producer=producer, product=product)
    plot = PlotFactory(producer=producer, name="3号地")
    user = UserFactory(role=role)
    assert Group.objects.filter(name=role).exists()
    MembershipFactory(user=user, producer=producer, role=member)
    client = Client()
    client.force_login(user)
    return Farm(producer, product, plot, user, client)


def hidden(html):
    """The hidden fields of the page's form, as a dictionary."""
    import re

    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html))


def answers_of(address):
    """The answers that an address carries."""
    return dict(parse_qsl(urlsplit(address).query))
