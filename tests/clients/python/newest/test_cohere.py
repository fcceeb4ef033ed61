"""`cohere`: `base_url` is an origin, headers come with an HTTP client of one's own; both versions of the chat."""

import uuid

import cohere
import httpx
import pytest
from cohere.core.api_error import ApiError

from compare import TEXT, Program, compare, helicone_headers, logged, plain_error, refused

HOST = "api.cohere.com"
COHERE_KEY = "key-of-the-caller-for-cohere"
MODEL = "command-a-03-2025"
QUESTION = "Grüße aus Zürich"
MESSAGES = [{"role": "user", "content": QUESTION}]


def plain(client):
    return cohere_v2(client).chat(model=MODEL, messages=MESSAGES)


def stream(client):
    return list(cohere_v2(client).chat_stream(model=MODEL, messages=MESSAGES))


def first_plain(client):
    return cohere_v1(client).chat(model=MODEL, message=QUESTION)


def first_stream(client):
    return list(cohere_v1(client).chat_stream(model=MODEL, message=QUESTION))


def unknown_model(client):
    return cohere_v2(client).chat(model="no-such-model", messages=MESSAGES)


def check_answer(outcome):
    _, answer = outcome
    assert answer["message"]["content"][0]["text"] == TEXT
    assert answer["usage"]["tokens"]["input_tokens"] > 0


def check_stream(outcome):
    events = [event for _, event in outcome]
    texts = [event["delta"]["message"]["content"]["text"] for event in events if event["type"] == "content-delta"]
    assert len(texts) > 3
    assert "".join(texts) == TEXT
    assert events[-1]["delta"]["usage"]["tokens"]["output_tokens"] > 0


def check_first_answer(outcome):
    _, answer = outcome
    assert answer["text"] == TEXT
    assert answer["meta"]["tokens"]["input_tokens"] > 0


def check_first_stream(outcome):
    events = [event for _, event in outcome]
    texts = [event["text"] for event in events if event["event_type"] == "text-generation"]
    assert len(texts) > 3
    assert "".join(texts) == TEXT
    assert events[-1]["event_type"] == "stream-end"


def check_error(error):
    assert error["class"] is cohere.NotFoundError
    assert "no-such-model" in error["body"]["message"]


CALLS = {
    "v2": (plain, "/v2/chat", check_answer),
    "v2, stream": (stream, "/v2/chat", check_stream),
    "v1": (first_plain, "/v1/chat", check_first_answer),
    "v1, stream": (first_stream, "/v1/chat", check_first_stream),
    "unknown model": (unknown_model, "/v2/chat", check_error),
}


def cohere_v2(client):
    return cohere.ClientV2(COHERE_KEY, **client, max_retries=0)


def cohere_v1(client):
    return cohere.Client(COHERE_KEY, **client, max_retries=0)


def describe(error):
    """Returns what an application sees of an error, but for the headers in its text."""
    return plain_error(error) | {"message": None}


@pytest.fixture
def program(gatehouse):
    """Cohere's library by both ways; what a call takes are the options of a client."""
    return Program(
        host=HOST,
        credential={"authorization": f"Bearer {COHERE_KEY}"},
        errors=ApiError,
        describe=describe,
        direct=lambda: {"base_url": f"https://{HOST}", "httpx_client": httpx.Client()},
        gateway=lambda **headers: {
            "base_url": gatehouse.gateway,
            "httpx_client": httpx.Client(headers=helicone_headers(HOST) | headers),
        },
    )


@pytest.mark.parametrize("name", CALLS)
def test_same_outcome_and_same_request(name, program, double):
    call, path, check = CALLS[name]
    exchange = compare(program, call, double)
    check(exchange.outcome)
    assert [request["target"] for request in exchange.requests] == [path]


def test_the_row_names_provider_and_model(program, gatehouse):
    request_id = str(uuid.uuid4())
    plain(program.gateway(**{"Helicone-Request-Id": request_id}))
    row = logged(gatehouse, request_id)
    assert (row["provider"], row["model"], row["response_status"]) == ("COHERE", MODEL, 200)


def test_an_unknown_key_is_an_unauthorized_error(program, double):
    error = refused(program, plain, double)
    assert isinstance(error, cohere.UnauthorizedError)
    assert error.body["code"] == "invalid_api_key"
