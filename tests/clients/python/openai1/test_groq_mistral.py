"""groq, whose base URL is an origin, and mistralai, which takes a client of one's own for its headers."""

import uuid

import groq
import httpx
import pytest
from mistralai.client import Mistral
from mistralai.client.errors import SDKError

from compare import PROVIDER_KEY, TEXT, Program, compare, helicone_headers, logged, refused

MESSAGES = [{"role": "user", "content": "Grüße aus Zürich"}]
CREDENTIAL = {"authorization": f"Bearer {PROVIDER_KEY}"}
GROQ = {"model": "llama-3.3-70b-versatile", "messages": MESSAGES}
MISTRAL = {"model": "mistral-small-latest", "messages": MESSAGES}


def groq_plain(client):
    return client.chat.completions.create(**GROQ)


def groq_stream(client):
    return list(client.chat.completions.create(**GROQ, stream=True))


def mistral_plain(client):
    return client.chat.complete(**MISTRAL)


def mistral_stream(client):
    return [event.data for event in client.chat.stream(**MISTRAL)]


def check_plain(outcome):
    _, completion = outcome
    assert completion["choices"][0]["message"]["content"] == TEXT
    assert completion["usage"]["prompt_tokens"] > 0 and completion["usage"]["completion_tokens"] > 0


def check_stream(outcome):
    chunks = [chunk for _, chunk in outcome]
    contents = [chunk["choices"][0]["delta"].get("content") or "" for chunk in chunks if chunk["choices"]]
    assert len(contents) > 3
    assert "".join(contents) == TEXT
    usages = [chunk.get("usage") or chunk.get("x_groq", {}).get("usage") for chunk in chunks]
    assert any(usage and usage["total_tokens"] > 0 for usage in usages)


def groq_client(origin, headers):
    return groq.Groq(api_key=PROVIDER_KEY, base_url=origin, default_headers=headers, max_retries=0)


def mistral_client(origin, headers):
    return Mistral(api_key=PROVIDER_KEY, server_url=origin, client=httpx.Client(headers=headers, follow_redirects=True))


LIBRARIES = {
    "groq": (groq_client, "api.groq.com", groq.GroqError, groq_plain, groq_stream, "/openai/v1/chat/completions"),
    "mistralai": (mistral_client, "api.mistral.ai", SDKError, mistral_plain, mistral_stream, "/v1/chat/completions"),
}


@pytest.fixture(params=LIBRARIES)
def library(request, gatehouse):
    """A library by both ways, its two calls, and the target of these."""
    make, host, errors, plain, stream, target = LIBRARIES[request.param]
    program = Program(
        host=host,
        credential=CREDENTIAL,
        errors=errors,
        direct=lambda: make(f"https://{host}", {}),
        gateway=lambda **headers: make(gatehouse.gateway, helicone_headers(host) | headers),
    )
    return program, plain, stream, target


@pytest.mark.parametrize("is_stream", [False, True])
def test_same_outcome_and_same_request(is_stream, library, double):
    program, plain, stream, target = library
    exchange = compare(program, stream if is_stream else plain, double)
    (check_stream if is_stream else check_plain)(exchange.outcome)
    assert [request["target"] for request in exchange.requests] == [target]


def test_the_row_names_the_provider(library, gatehouse):
    program, plain, _, target = library
    request_id = str(uuid.uuid4())
    plain(program.gateway(**{"Helicone-Request-Id": request_id}))
    row = logged(gatehouse, request_id)
    assert row["provider"] == program.host.split(".")[1].upper()
    assert (row["response_status"], row["request_path"]) == (200, target)


def test_an_unknown_key_is_an_error_that_says_why(library, double):
    program, plain, _, _ = library
    assert refused(program, plain, double).status_code == 401
