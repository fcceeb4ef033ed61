"""The package `helicone`: `from helicone.openai_proxy import openai`, which adds Helicone's headers by itself."""

import asyncio
import uuid

import pytest
from helicone.globals import helicone_global
from helicone.openai_proxy import openai
from helicone.openai_proxy.openai_injector import injector
from openai import error as errors

from compare import PROVIDER_KEY, READABLE_SECONDS, TEXT, UNKNOWN_KEY, check_request, logged
from processes import KEY, PROVIDER_HOST, until

AZURE_HOST = "acme.openai.azure.com"
AZURE_KEY = "0123456789abcdef0123456789abcdef"
AZURE_VERSION = "2023-05-15"
EUROPE = "eu.api.openai.com"
BEARER = {"authorization": f"Bearer {PROVIDER_KEY}"}
CHAT = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Grüße aus Zürich"}]}


@pytest.fixture(params=["127.0.0.1", None])
def package(request, gatehouse, double, monkeypatch):
    """The package with what an application sets: the key in the environment, and where the proxy is.

    Where nothing is set it is `http://oai.hconeai.com/v1`, so that nothing but the name has to lead elsewhere.
    """
    monkeypatch.setenv("HELICONE_API_KEY", KEY)
    if request.param:
        monkeypatch.setattr(helicone_global, "proxy_url", f"http://{request.param}:{gatehouse.port}/v1")
    else:
        assert helicone_global.proxy_url == "http://oai.hconeai.com/v1"
    monkeypatch.setattr(openai, "api_key", PROVIDER_KEY)
    double.clear()
    return openai


def check_sent(double, host, target, credential):
    """Asserts what the provider received."""
    [request] = double.requests()
    assert request["target"] == target
    check_request(request, host, credential)


def test_a_call_is_answered_and_logged(package, gatehouse, double):
    answer = package.ChatCompletion.create(**CHAT, properties={"City": "Zürich", "step": 1})
    assert answer.choices[0].message.content == TEXT
    assert answer.usage.prompt_tokens > 0
    check_sent(double, PROVIDER_HOST, "/v1/chat/completions", BEARER)
    assert answer.helicone.status == "success"
    assert answer.helicone.rate_limit is None
    row = logged(gatehouse, answer.helicone.id)
    assert row["request_properties"] == {"city": "Zürich", "step": "1"}
    assert (row["provider"], row["response_status"], row["cost_status"]) == ("OPENAI", 200, "priced")


def test_the_id_is_the_packages_own(package):
    mine = {}
    answer = package.ChatCompletion.create(**CHAT, headers=mine)
    assert answer.helicone.id == mine["helicone-request-id"]
    assert mine["Helicone-OpenAI-Api-Base"] == f"https://{PROVIDER_HOST}/v1"


def test_every_chunk_of_a_stream_has_the_id(package, gatehouse):
    chunks = list(package.ChatCompletion.create(**CHAT, stream=True))
    assert len(chunks) > 3
    assert "".join(chunk.choices[0].delta.get("content") or "" for chunk in chunks) == TEXT
    [request_id] = {chunk.helicone.id for chunk in chunks}
    row = logged(gatehouse, request_id)
    assert (row["is_stream"], row["outcome"]) == (True, "complete")


def test_an_asynchronous_call(package, gatehouse):
    answer = asyncio.run(package.ChatCompletion.acreate(**CHAT))
    assert answer.choices[0].message.content == TEXT
    assert logged(gatehouse, answer.helicone.id)["provider"] == "OPENAI"


# Its other two calls, for images and moderations, fail before they are sent.
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("Completion", {"model": "gpt-3.5-turbo-instruct", "prompt": "Grüße"}),
        ("Edit", {"model": "text-davinci-edit-001", "input": "Grüsse", "instruction": "Fix it."}),
        ("Embedding", {"model": "text-embedding-3-small", "input": "Grüße"}),
    ],
)
def test_the_other_calls(kind, options, package, double):
    answer = getattr(package, kind).create(**options)
    assert uuid.UUID(answer.helicone.id)
    [request] = double.requests()
    check_request(request, PROVIDER_HOST, BEARER)


# proves: Helicone-OpenAI-Api-Base
def test_another_base_is_where_the_call_goes(package, double, monkeypatch):
    monkeypatch.setattr(openai, "api_base", f"https://{EUROPE}/v1")
    assert package.ChatCompletion.create(**CHAT).choices[0].message.content == TEXT
    check_sent(double, EUROPE, "/v1/chat/completions", BEARER)


def test_azure(package, gatehouse, double, monkeypatch):
    azure = {"api_type": "azure", "api_version": AZURE_VERSION, "api_base": f"https://{AZURE_HOST}"}
    for name, value in azure.items():
        monkeypatch.setattr(openai, name, value)
    monkeypatch.setattr(openai, "api_key", AZURE_KEY)
    answer = package.ChatCompletion.create(engine="gpt-4o-mini", messages=CHAT["messages"])
    assert answer.choices[0].message.content == TEXT
    target = f"/openai/deployments/gpt-4o-mini/chat/completions?api-version={AZURE_VERSION}"
    check_sent(double, AZURE_HOST, target, {"api-key": AZURE_KEY})
    assert logged(gatehouse, answer.helicone.id)["provider"] == "AZURE"


def test_feedback_is_kept_with_the_call(package, gatehouse):
    answer = package.ChatCompletion.create(**CHAT)
    assert injector.log_feedback(answer, "helpfulness", 4, "numerical")
    kept = until(lambda: logged(gatehouse, answer.helicone.id)["feedback"], READABLE_SECONDS, "the feedback in the row")
    assert (kept["helpfulness"]["value"], kept["helpfulness"]["data_type"]) == (4, "numerical")


# proves: Helicone-Auth
def test_an_unknown_key_is_an_authentication_error(package, double, monkeypatch):
    monkeypatch.setenv("HELICONE_API_KEY", UNKNOWN_KEY)
    with pytest.raises(errors.AuthenticationError, match="the key in `Helicone-Auth`") as caught:
        package.ChatCompletion.create(**CHAT)
    assert UNKNOWN_KEY not in str(caught.value)
    assert caught.value.json_body["error"]["code"] == "invalid_api_key"
    assert double.requests() == []


def test_an_error_of_the_provider_is_raised(package):
    with pytest.raises(errors.RateLimitError):
        package.ChatCompletion.create(**CHAT, headers={"x-double": "status=429"})
