"""Every route, with generated input, answers as it is described and never with a server's error."""

from __future__ import annotations

import pytest

pytest.importorskip("schemathesis", reason="the environments of the page's tests have none")

import schemathesis
from hypothesis import HealthCheck, settings


@pytest.fixture
def described(app):
    return schemathesis.openapi.from_asgi("/openapi.json", app)


schema = schemathesis.pytest.from_fixture("described")


@schema.parametrize()
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_it_answers_as_described(case):
    case.call_and_validate()
