"""`langchain-openai`: `base_url` and `default_headers`, plain and Azure."""

import uuid

import openai
import pytest
from langchain_openai import AzureChatOpenAI, ChatOpenAI

from compare import PROVIDER_KEY, TEXT, Program, compare, damaged, helicone_headers, logged, refused
from processes import PROVIDER_HOST

QUESTION = "Grüße aus Zürich"
AZURE_HOST = "acme.openai.azure.com"
AZURE_KEY = "0123456789abcdef0123456789abcdef"
AZURE_VERSION = "2024-06-01"
COMMON = {"model": "gpt-4o-mini", "max_retries": 0, "stream_usage": True}


def seen(message):
    """Returns what is the same for two calls: the ids of runs differ."""
    return [message.content, message.usage_metadata, message.response_metadata.get("finish_reason")]


def invoke(model):
    return seen(model.invoke(QUESTION))


def stream(model):
    return [seen(chunk) for chunk in model.stream(QUESTION)]


def overloaded(model):
    return seen(model.invoke(QUESTION, extra_headers=damaged("status=500")))


def check_answer(outcome):
    content, usage, finish = outcome
    assert (content, finish) == (TEXT, "stop")
    assert usage["input_tokens"] > 0 and usage["output_tokens"] > 0


def check_stream(chunks):
    assert len(chunks) > 3
    assert "".join(content for content, _, _ in chunks) == TEXT
    assert any(usage and usage["total_tokens"] > 0 for _, usage, _ in chunks)


def check_error(error):
    assert issubclass(error["class"], openai.InternalServerError)
    assert error["status_code"] == 500


CALLS = {"invoke": (invoke, check_answer), "stream": (stream, check_stream), "status 500": (overloaded, check_error)}


def plain(origin, headers):
    return ChatOpenAI(**COMMON, api_key=PROVIDER_KEY, base_url=f"{origin}/v1", default_headers=headers)


def azure(origin, headers):
    return AzureChatOpenAI(
        **COMMON, api_key=AZURE_KEY, api_version=AZURE_VERSION, azure_endpoint=origin, default_headers=headers
    )


@pytest.fixture(params=["OpenAI", "Azure"])
def program(request, gatehouse):
    """LangChain with one of its two classes."""
    make, host, credential = {
        "OpenAI": (plain, PROVIDER_HOST, {"authorization": f"Bearer {PROVIDER_KEY}"}),
        "Azure": (azure, AZURE_HOST, {"api-key": AZURE_KEY}),
    }[request.param]
    return Program(
        host=host,
        credential=credential,
        errors=openai.OpenAIError,
        direct=lambda: make(f"https://{host}", {}),
        gateway=lambda **headers: make(gatehouse.gateway, helicone_headers(host) | headers),
    )


@pytest.mark.parametrize("name", CALLS)
def test_same_outcome_and_same_request(name, program, double):
    call, check = CALLS[name]
    exchange = compare(program, call, double)
    check(exchange.outcome)
    query = f"?api-version={AZURE_VERSION}" if program.host == AZURE_HOST else ""
    assert all(request["target"].endswith(f"/chat/completions{query}") for request in exchange.requests)


def test_the_row_has_the_session_and_the_model_that_was_said(program, gatehouse, double):
    double.clear()
    request_id = str(uuid.uuid4())
    session = {"Helicone-Session-Id": "s-1", "Helicone-Session-Path": "/plan/step", "Helicone-Session-Name": "Reise"}
    invoke(program.gateway(**session, **{"Helicone-Request-Id": request_id, "Helicone-Model-Override": "gpt-4o"}))
    row = logged(gatehouse, request_id)
    assert row["request_properties"] == session
    assert (row["model_override"], row["model"]) == ("gpt-4o", "gpt-4o")
    assert double.requests()


def test_an_unknown_key_is_an_authentication_error(program, double):
    error = refused(program, invoke, double)
    assert isinstance(error, openai.AuthenticationError)
    assert error.code == "invalid_api_key"
