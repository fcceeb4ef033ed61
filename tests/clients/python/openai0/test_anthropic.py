"""anthropic 0.39: the key is in `x-api-key`, beta calls have a query."""

import anthropic
import pytest

from compare import TEXT, Program, compare, damaged, header, helicone_headers, logged, refused

HOST = "api.anthropic.com"
ANTHROPIC_KEY = "sk-ant-key-of-the-caller"
MESSAGE = {
    "model": "claude-3-5-haiku-20241022",
    "max_tokens": 64,
    "messages": [{"role": "user", "content": "Grüße aus Zürich"}],
}


def plain(client):
    return client.messages.create(**MESSAGE)


def stream(client):
    return list(client.messages.create(**MESSAGE, stream=True))


def beta(client):
    return client.beta.messages.create(**MESSAGE, betas=["prompt-caching-2024-07-31"])


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
    assert events[-1]["type"] == "message_stop"


def check_limit(error):
    assert error["class"] is anthropic.RateLimitError
    assert error["body"]["error"]["type"] == "rate_limit_error"


CALLS = {
    "plain": (plain, "/v1/messages", check_message),
    "stream": (stream, "/v1/messages", check_stream),
    "beta": (beta, "/v1/messages?beta=true", check_message),
    "status 429": (limited, "/v1/messages", check_limit),
}


def client(base_url, headers):
    return anthropic.Anthropic(api_key=ANTHROPIC_KEY, base_url=base_url, default_headers=headers, max_retries=0)


@pytest.fixture
def program(gatehouse):
    """The library by both ways."""
    return Program(
        host=HOST,
        credential={"x-api-key": ANTHROPIC_KEY},
        errors=anthropic.AnthropicError,
        direct=lambda: client(f"https://{HOST}", {}),
        gateway=lambda **headers: client(gatehouse.gateway, helicone_headers(HOST) | headers),
    )


@pytest.mark.parametrize("name", CALLS)
def test_same_outcome_and_same_request(name, program, double):
    call, target, check = CALLS[name]
    exchange = compare(program, call, double)
    check(exchange.outcome)
    [request] = exchange.requests
    assert request["target"] == target
    assert header(request, "anthropic-version") == ["2023-06-01"]
    assert header(request, "authorization") == []


def test_the_row_names_provider_and_model(program, gatehouse):
    answer = program.gateway().messages.with_raw_response.create(**MESSAGE)
    row = logged(gatehouse, answer.headers["helicone-id"])
    assert (row["provider"], row["model"]) == ("ANTHROPIC", MESSAGE["model"])


def test_an_unknown_key_is_an_authentication_error(program, double):
    error = refused(program, plain, double)
    assert isinstance(error, anthropic.AuthenticationError)
    assert (error.body["type"], error.body["error"]["code"]) == ("error", "invalid_api_key")
