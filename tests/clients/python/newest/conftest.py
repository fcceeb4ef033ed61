"""Fixtures: openai's two routes to the provider."""

import pytest

from routes import Direct, Gateway


@pytest.fixture
def direct(double):
    """The way past the gateway; what the double recorded before is forgotten."""
    double.clear()
    return Direct()


@pytest.fixture
def gateway(double, gatehouse):
    """The way through the gateway; what the double recorded before is forgotten."""
    double.clear()
    return Gateway(gatehouse)
