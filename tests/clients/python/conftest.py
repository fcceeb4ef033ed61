"""Fixtures: one double and one gatehouse for all tests of a process, and connections that are led to them."""

import pytest

from lead import HTTP, HTTPS, lead, trust
from processes import Double, Gatehouse


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


@pytest.fixture(scope="session", autouse=True)
def led(double, gatehouse):
    """Whatever speaks TLS is led to the double, whatever speaks plain HTTP to the gateway."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        lead(monkeypatch, {HTTP: gatehouse.port, HTTPS: double.port})
        trust(monkeypatch, double.ca)
        yield
