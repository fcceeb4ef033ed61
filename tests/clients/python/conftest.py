"""Fixtures: one double and one gatehouse for all tests of a process, and connections that are led to them."""

import pytest

from lead import lead
from processes import Double, Gatehouse


@pytest.fixture(scope="session")
def double(tmp_path_factory):
    """The provider double, to which connections to providers are led."""
    double = Double(tmp_path_factory.mktemp("double"))
    with pytest.MonkeyPatch.context() as monkeypatch:
        lead(monkeypatch, double)
        yield double
    double.stop()


@pytest.fixture(scope="session")
def gatehouse(tmp_path_factory, double):
    """The server under test."""
    gatehouse = Gatehouse(tmp_path_factory.mktemp("gatehouse"), double)
    yield gatehouse
    gatehouse.stop()
