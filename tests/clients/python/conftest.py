"""Fixtures: one double and one gatehouse for all tests, and the two routes to the provider."""

import pytest

from processes import Double, Gatehouse
from routes import Direct, Gateway


@pytest.fixture(scope="session")
def double(tmp_path_factory):
    """The provider double."""
    double = Double(tmp_path_factory.mktemp("double"))
    yield double
    double.stop()


@pytest.fixture(scope="session")
def gatehouse(tmp_path_factory, double):
    """The server under test."""
    gatehouse = Gatehouse(tmp_path_factory.mktemp("gatehouse"), double)
    yield gatehouse
    gatehouse.stop()


@pytest.fixture
def direct(double):
    """The way past the gateway; what the double recorded before is forgotten."""
    double.clear()
    return Direct(double)


@pytest.fixture
def gateway(double, gatehouse):
    """The way through the gateway; what the double recorded before is forgotten."""
    double.clear()
    return Gateway(gatehouse)
