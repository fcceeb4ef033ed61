"""What the API says of a call, within a second of its end."""

import json
import uuid

import openai
import pytest

import calls
from compare import logged
from processes import KEY, PROVIDER_HOST, http_json

# Prices of gpt-4o-mini in nano-dollars a token: 0.15, 0.075 and 0.60 dollars a million.
INPUT, CACHED, OUTPUT = 150, 75, 600
DATED_MODEL = "gpt-4o-mini-2024-07-18"
CONTEXT = {
    "Helicone-User-Id": "zoe@example.com",
    "Helicone-Property-Environment": "staging",
    "Helicone-Session-Id": "session-1",
    "Helicone-Session-Path": "/plan/step",
    "Helicone-Session-Name": "Planning",
}


def made_and_logged(gatehouse, call, client, directives=""):
    """Makes `call` with all context headers and returns its row, which must be there within a second."""
    request_id = str(uuid.uuid4())
    headers = CONTEXT | {"Helicone-Request-Id": request_id, "x-double": directives}
    answer = call(client, extra_headers=headers)
    return answer, logged(gatehouse, request_id)


def check_context(row):
    """Asserts what the context headers said."""
    assert row["request_user_id"] == "zoe@example.com"
    assert row["request_properties"] == {
        "environment": "staging",
        "Helicone-Session-Id": "session-1",
        "Helicone-Session-Path": "/plan/step",
        "Helicone-Session-Name": "Planning",
    }
    assert row["provider"] == "OPENAI"
    assert row["target_url"] == f"https://{PROVIDER_HOST}/v1/chat/completions"


def check_cost(row, nano):
    """Asserts the cost, exact and in dollars."""
    assert row["cost_status"] == "priced"
    assert row["cost_nano_usd"] == nano
    assert row["cost"] == row["costUSD"] == nano / 1e9


# proves: Helicone-Request-Id, Helicone-User-Id, Helicone-Property-<Name>
# proves: Helicone-Session-Id, Helicone-Session-Path, Helicone-Session-Name
def test_a_completion_is_logged_with_tokens_cost_and_bodies(gatehouse, gateway, double):
    directives = "prompt-tokens=1000,completion-tokens=500"
    answer, row = made_and_logged(gatehouse, calls.plain, gateway.client(), directives)
    [sent] = double.requests()
    check_context(row)
    assert row["request_model"] == calls.MODEL
    assert row["response_model"] == row["model"] == DATED_MODEL
    assert (row["response_status"], row["outcome"], row["is_stream"]) == (200, "complete", False)
    assert (row["prompt_tokens"], row["completion_tokens"], row["total_tokens"]) == (1000, 500, 1500)
    assert row["usage_source"] == "provider"
    check_cost(row, 1000 * INPUT + 500 * OUTPUT)
    assert 0 < row["ttfb_ms"] <= row["delay_ms"] < 10_000
    assert row["attempt_count"] == 1
    assert row["request_body"]["messages"] == calls.MESSAGES
    assert row["request_bytes"] >= sent["body_bytes"]
    assert row["response_body"] == json.loads(answer.to_json())


def test_a_stream_is_logged_with_time_to_first_token(gatehouse, gateway):
    directives = "prompt-tokens=1000,cached-tokens=200,completion-tokens=500,reasoning-tokens=100"
    chunks, row = made_and_logged(gatehouse, calls.stream_with_usage, gateway.client(), directives)
    check_context(row)
    assert (row["response_status"], row["outcome"], row["is_stream"]) == (200, "complete", True)
    assert row["model"] == DATED_MODEL
    assert chunks[-1].usage.total_tokens == row["total_tokens"] == 1500
    assert (row["prompt_tokens"], row["prompt_cache_read_tokens"]) == (800, 200)
    assert (row["completion_tokens"], row["reasoning_tokens"]) == (400, 100)
    check_cost(row, 800 * INPUT + 200 * CACHED + 500 * OUTPUT)
    assert 0 < row["ttfb_ms"] <= row["time_to_first_token"] <= row["delay_ms"]
    assert row["request_body"]["stream_options"] == {"include_usage": True}
    events = [line.removeprefix("data: ") for line in row["response_body"].splitlines() if line]
    assert events.pop() == "[DONE]"
    assert [json.loads(event)["choices"] for event in events] == [
        [choice.to_dict() for choice in chunk.choices] for chunk in chunks
    ]


def test_a_stream_without_usage_has_no_cost_and_a_reason(gatehouse, gateway):
    _, row = made_and_logged(gatehouse, calls.stream, gateway.client())
    for unknown in ("prompt_tokens", "completion_tokens", "total_tokens", "cost", "costUSD", "cost_nano_usd"):
        assert row[unknown] is None, unknown
    assert row["cost_status"] not in ("", "priced")
    assert row["usage_source"] == "none"
    assert row["time_to_first_token"] > 0


def test_a_compressed_stream_is_logged_readable(gatehouse, gateway):
    directives = "gzip,prompt-tokens=10,completion-tokens=20"
    _, row = made_and_logged(gatehouse, calls.stream_with_usage, gateway.client(), directives)
    check_cost(row, 10 * INPUT + 20 * OUTPUT)
    assert row["response_body"].startswith("data: {")


# proves: Helicone-User-Id
def test_the_user_in_the_body_is_logged(gatehouse, gateway):
    request_id = str(uuid.uuid4())
    calls.plain(gateway.client(), user="user-of-the-body", extra_headers={"Helicone-Request-Id": request_id})
    assert logged(gatehouse, request_id)["request_user_id"] == "user-of-the-body"


def test_a_refused_call_is_logged_with_its_error(gatehouse, gateway):
    request_id = str(uuid.uuid4())
    headers = {"Helicone-Request-Id": request_id, "x-double": "status=429,retry-after=3"}
    with pytest.raises(openai.RateLimitError) as caught:
        calls.plain(gateway.client(), extra_headers=headers)
    row = logged(gatehouse, request_id)
    assert (row["response_status"], row["outcome"]) == (429, "complete")
    assert row["response_body"]["error"] == caught.value.body
    assert row["cost"] is None


@pytest.mark.parametrize("directives", ["cut-after=3", "reset-after=3"])
def test_a_cut_stream_is_logged_as_cut(directives, gatehouse, gateway):
    _, row = made_and_logged(gatehouse, _until_it_breaks, gateway.client(), directives)
    assert row["outcome"] == "upstream_cut"
    assert row["response_body"].count("data: {") == 3
    assert row["cost"] is None


def _until_it_breaks(client, **options):
    with pytest.raises(Exception):
        calls.stream(client, **options)


def test_a_stream_that_the_caller_broke_off_is_logged_as_such(gatehouse, gateway):
    def first_chunk(client, **options):
        stream = client.chat.completions.create(model=calls.MODEL, messages=calls.MESSAGES, stream=True, **options)
        chunk = next(iter(stream))
        stream.close()
        return chunk

    _, row = made_and_logged(gatehouse, first_chunk, gateway.client(), "hold")
    assert (row["response_status"], row["outcome"]) == (-3, "client_gone")
    assert row["response_body"].startswith("data: {")


def test_leaving_after_the_last_event_is_success(gatehouse, gateway):
    # The SDK closes at [DONE]; the end of the body follows only later.
    _, row = made_and_logged(gatehouse, calls.stream, gateway.client(), "delay-end-ms=300")
    assert (row["response_status"], row["outcome"]) == (200, "complete")


def test_all_calls_of_a_user_are_found_by_the_query(gatehouse, gateway):
    user = f"user-{uuid.uuid4()}"
    for _ in range(3):
        request_id = str(uuid.uuid4())
        calls.plain(gateway.client(), extra_headers={"Helicone-User-Id": user, "Helicone-Request-Id": request_id})
    logged(gatehouse, request_id)
    query = {"filter": {"request_response_rmt": {"user_id": {"equals": user}}}}
    status, found = http_json("POST", f"{gatehouse.api}/v1/request/query-clickhouse", query, KEY)
    assert (status, len(found["data"])) == (200, 3)
    status, count = http_json("POST", f"{gatehouse.api}/v1/request/count/query", query, KEY)
    assert (status, count["data"]) == (200, 3)
