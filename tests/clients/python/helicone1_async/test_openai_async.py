"""The package `helicone`: `from helicone.openai_async import openai` calls the provider itself and logs the call afterwards."""

import uuid

import pytest
from helicone.globals import helicone_global
from helicone.openai_async import Meta, openai
from openai import error as errors

from compare import PROVIDER_KEY, TEXT, logged_of_user
from processes import KEY

CHAT = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Grüße aus Zürich"}]}
# What the package logs beside the request: all that it gave to openai, null where the application set nothing.
NOTHING = {"api_base": None, "api_type": None, "request_id": None, "api_version": None, "organization": None}


@pytest.fixture
def package(gatehouse, monkeypatch):
    """The package with what an application sets: its key, and where calls are logged."""
    monkeypatch.setenv("HELICONE_API_KEY", KEY)
    monkeypatch.setattr(helicone_global, "base_url", gatehouse.gateway)
    monkeypatch.setattr(helicone_global, "fail_on_error", True)
    monkeypatch.setattr(openai, "api_key", PROVIDER_KEY)
    return openai


@pytest.fixture
def user():
    """A user who made no call yet."""
    return f"user-{uuid.uuid4()}"


def test_a_call_is_logged(package, gatehouse, user):
    meta = Meta(custom_properties={"City": "Zürich"}, user_id=user)
    answer = package.ChatCompletion.create(**CHAT, helicone_meta=meta)
    assert answer.choices[0].message.content == TEXT
    row = logged_of_user(gatehouse, user)
    assert (row["provider"], row["source"], row["response_status"]) == ("OPENAI", "manual", 200)
    assert row["request_body"] == CHAT | NOTHING | {"api_key": None}
    assert row["request_properties"] == {"city": "Zürich"}
    assert (row["prompt_tokens"], row["completion_tokens"]) == (answer.usage.prompt_tokens, answer.usage.completion_tokens)
    assert row["cost_status"] == "priced"
    assert row["response_preview"] == TEXT


def test_a_stream_is_logged_as_its_chunks(package, gatehouse, user):
    chunks = list(package.ChatCompletion.create(**CHAT, stream=True, helicone_meta=Meta(user_id=user)))
    assert len(chunks) > 3
    row = logged_of_user(gatehouse, user)
    assert (row["is_stream"], row["response_preview"]) == (True, TEXT)
    assert row["response_body"].count("data: ") == len(chunks)


def test_the_key_that_a_call_was_made_with_is_not_kept(package, gatehouse, user):
    package.ChatCompletion.create(**CHAT, api_key=PROVIDER_KEY, helicone_meta=Meta(user_id=user))
    row = logged_of_user(gatehouse, user)
    assert row["request_body"] == CHAT | NOTHING | {"api_key": "***"}


def test_an_error_of_the_provider_is_logged(package, gatehouse, user):
    with pytest.raises(errors.RateLimitError):
        package.ChatCompletion.create(**CHAT, headers={"x-double": "status=429"}, helicone_meta=Meta(user_id=user))
    row = logged_of_user(gatehouse, user)
    assert (row["response_status"], list(row["response_body"])) == (500, ["error"])
