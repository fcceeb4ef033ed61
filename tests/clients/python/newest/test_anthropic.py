"""`anthropic`, newest: `base_url` is an origin, the key is a bearer token."""

import anthropic
import pytest

from compare import TEXT, Program, compare, damaged, header, helicone_headers, logged, refused

HOST = "api.anthropic.com"
ANTHROPIC_KEY = "sk-ant-key-of-the-caller"
MESSAGE = {
    "model": "claude-haiku-4-5",
    "max_tokens": 64,
    "messages": [{"role": "user", "content": "Grüße aus Zürich"}],
}


def plain(client):
    return client.messages.create(**MESSAGE)


def stream(client):
    return list(client.messages.create(**MESSAGE, stream=True))


def assembled_stream(client):
    with client.messages.stream(**MESSAGE) as events:
        return events.get_final_message()


def failing_stream(client):
    return list(client.messages.create(**MESSAGE, stream=True, extra_headers=damaged("error-after=3")))


def limited(client):
    return client.messages.create(**MESSAGE, extra_headers=damaged("status=429"))


def check_message(outcome):
    _, message = outcome
    assert message["content"][0]["text"] == TEXT
    assert message["usage"]["input_tokens"] > 0 and message["usage"]["output_tokens"] > 0


def check_stream(outcome):
    events = [event for _, event in outcome]
    deltas = [event["delta"]["text"] for event in events if event["type"] == "content_block_delta"]
    assert len(deltas) > 3
    assert "".join(deltas) == TEXT
    assert [event["usage"]["output_tokens"] > 0 for event in events if event["type"] == "message_delta"] == [True]
    assert events[-1]["type"] == "message_stop"


def check_error_event(error):
    assert error["body"]["error"]["type"] == "overloaded_error"


def check_limit(error):
    assert error["class"] is anthropic.RateLimitError
    assert error["body"]["error"]["type"] == "rate_limit_error"


CALLS = {
    "plain": (plain, check_message),
    "stream": (stream, check_stream),
    "assembled stream": (assembled_stream, check_message),
    "stream, error event": (failing_stream, check_error_event),
    "status 429": (limited, check_limit),
}


def client(base_url, headers):
    return anthropic.Anthropic(api_key=ANTHROPIC_KEY, base_url=base_url, default_headers=headers, max_retries=0)


@pytest.fixture
def program(gatehouse):
    """Anthropic's library by both ways."""
    return Program(
        host=HOST,
        credential={"authorization": f"Bearer {ANTHROPIC_KEY}"},
        errors=anthropic.AnthropicError,
        direct=lambda: client(f"https://{HOST}", {}),
        gateway=lambda **headers: client(gatehouse.gateway, helicone_headers(HOST) | headers),
    )


@pytest.mark.parametrize("name", CALLS)
def test_same_outcome_and_same_request(name, program, double):
    call, check = CALLS[name]
    exchange = compare(program, call, double)
    check(exchange.outcome)
    assert [len(header(request, "anthropic-version")) for request in exchange.requests] == [1]


@pytest.mark.parametrize("omitted", ["request", "response"])
def test_an_omitted_body_is_not_in_the_row(omitted, program, gatehouse, double):
    double.clear()
    answer = program.gateway(**{f"Helicone-Omit-{omitted}": "true"}).messages.with_raw_response.create(**MESSAGE)
    row = logged(gatehouse, answer.headers["helicone-id"])
    missing = {name for name in ("request", "response") if row[f"{name}_body"] is None}
    assert missing == {omitted}
    assert (row["provider"], row["model"]) == ("ANTHROPIC", MESSAGE["model"])
    assert [request["body_bytes"] > 0 for request in double.requests()] == [True]


def test_an_unknown_key_is_an_authentication_error(program, double):
    error = refused(program, plain, double)
    assert isinstance(error, anthropic.AuthenticationError)
    assert (error.body["type"], error.body["error"]["code"]) == ("error", "invalid_api_key")
