"""The same call straight to the provider and through the gateway: same objects here, same request there."""

import asyncio
import functools

import openai
import pytest

import calls
import compare
from compare import PROVIDER_KEY, as_sent, check_request, header
from processes import PROVIDER_HOST, until

run = functools.partial(compare.run, errors=openai.OpenAIError)

CASES = {
    "plain": calls.plain,
    "plain_gzip": functools.partial(calls.plain, **calls.damaged("gzip")),
    "plain_chunked": functools.partial(calls.plain, **calls.damaged("chunked")),
    "stream": calls.stream,
    "stream_with_usage": calls.stream_with_usage,
    "stream_gzip": functools.partial(calls.stream, **calls.damaged("gzip")),
    "stream_long": functools.partial(calls.stream_with_usage, **calls.damaged("events=2000")),
    "stream_bytes": calls.stream_bytes,
    "assembled_stream": calls.assembled_stream,
    "tool_call": calls.tool_call,
    "tool_call_stream": calls.tool_call_stream,
    "embeddings": calls.embeddings,
    "embeddings_as_floats": calls.embeddings_as_floats,
    "models": calls.models,
    "download": calls.download,
    "wrong_path": calls.wrong_path,
    "missing_parameter": calls.missing_parameter,
    "wrong_key": calls.wrong_key,
    "status_401": functools.partial(calls.plain, **calls.damaged("status=401")),
    "status_429": functools.partial(calls.plain, **calls.damaged("status=429,retry-after=7")),
    "status_500": functools.partial(calls.plain, **calls.damaged("status=500")),
    "status_429_of_a_stream": functools.partial(calls.stream, **calls.damaged("status=429,retry-after=7")),
    "stream_error_event": functools.partial(calls.broken_stream, directives="error-after=3"),
    "stream_cut": functools.partial(calls.broken_stream, directives="cut-after=3"),
    "stream_reset": functools.partial(calls.broken_stream, directives="reset-after=3"),
    "stream_malformed": functools.partial(calls.broken_stream, directives="malformed-chunk"),
}
ERRORS = {
    "wrong_path": openai.NotFoundError,
    "missing_parameter": openai.BadRequestError,
    "wrong_key": openai.AuthenticationError,
    "status_401": openai.AuthenticationError,
    "status_429": openai.RateLimitError,
    "status_500": openai.InternalServerError,
    "status_429_of_a_stream": openai.RateLimitError,
}


def check_same(straight, through):
    """Asserts equal outcomes and equal requests at the provider, free of anything of ours."""
    assert through.outcome == straight.outcome
    assert [as_sent(request) for request in through.requests] == [as_sent(request) for request in straight.requests]
    assert through.requests, "nothing reached the provider"
    for request in through.requests:
        check_request(request, PROVIDER_HOST, {})


@pytest.mark.parametrize("name", CASES)
def test_same_outcome_and_same_request(name, direct, gateway, double):
    call = CASES[name]
    straight = run(call, direct.client(), double)
    through = run(call, gateway.client(), double)
    check_same(straight, through)
    if expected := ERRORS.get(name):
        assert through.outcome["class"] is expected
    key = "sk-invalid-key" if name == "wrong_key" else PROVIDER_KEY
    assert header(through.requests[0], "authorization") == [f"Bearer {key}"]


@pytest.mark.parametrize("name", ["stream_error_event", "stream_cut", "stream_reset", "stream_malformed"])
def test_a_broken_stream_never_ends_as_if_it_were_whole(name, gateway, double):
    chunks, error, _ = run(CASES[name], gateway.client(), double).outcome
    assert error is not None
    assert 1 <= len(chunks) <= 3


async def _async_plain(client):
    return await client.chat.completions.create(model=calls.MODEL, messages=calls.MESSAGES)


async def _async_stream(client):
    stream = await client.chat.completions.create(model=calls.MODEL, messages=calls.MESSAGES, stream=True)
    return [chunk async for chunk in stream]


async def _async_at_once(client):
    """Twenty calls at the same time, each with its own answer."""

    async def one(number):
        messages = [{"role": "user", "content": f"call number {number}"}]
        return await client.chat.completions.create(model=calls.MODEL, messages=messages)

    return await asyncio.gather(*map(one, range(20)))


@pytest.mark.parametrize("call", [_async_plain, _async_stream, _async_at_once])
def test_same_with_the_async_client(call, direct, gateway, double):
    def to_end(make_client):
        async def whole():
            async with make_client() as client:
                return await call(client)

        return asyncio.run(whole())

    straight = run(to_end, direct.async_client, double)
    through = run(to_end, gateway.async_client, double)
    # Calls made at once arrive in any order.
    for exchange in (straight, through):
        exchange.requests.sort(key=lambda request: request["body_sha256"])
    check_same(straight, through)


@pytest.mark.parametrize("status", [429, 500])
def test_same_retries(status, direct, gateway, double):
    call = functools.partial(calls.plain, **calls.damaged(f"status={status},retry-after=0.01"))
    straight = run(call, direct.client(max_retries=2), double)
    through = run(call, gateway.client(max_retries=2), double)
    check_same(straight, through)
    counts = [header(request, "x-stainless-retry-count") for request in through.requests]
    assert counts == [["0"], ["1"], ["2"]]


def test_a_retry_with_the_same_request_id_is_let_through(gateway, double):
    headers = {"Helicone-Request-Id": "6f1c2ab0-5a0e-4f5e-9d0a-0c5a8f6f3b11", "x-double": "status=500,retry-after=0.01"}
    call = functools.partial(calls.plain, extra_headers=headers)
    through = run(call, gateway.client(max_retries=2), double)
    assert through.outcome["class"] is openai.InternalServerError
    assert len(through.requests) == 3


def _response_headers(route, double, stream):
    double.clear()
    raw = route.client().chat.completions.with_raw_response.create(
        model=calls.MODEL, messages=calls.MESSAGES, stream=stream
    )
    headers = sorted((name.lower(), value) for name, value in raw.headers.multi_items())
    if stream:
        list(raw.parse())
    return raw, headers


@pytest.mark.parametrize("stream", [False, True])
def test_same_response_headers_and_two_of_ours(stream, direct, gateway, double):
    # The double gives each answer its own date and number.
    of_each_answer = {"date", "x-request-id", "helicone-id", "helicone-status"}
    _, straight = _response_headers(direct, double, stream)
    raw, through = _response_headers(gateway, double, stream)

    def common(pairs):
        return [pair for pair in pairs if pair[0] not in of_each_answer | {"connection"}]

    assert common(through) == common(straight)
    assert len(through) == len(straight) + 2
    assert raw.headers["x-request-id"].startswith("req_")
    assert raw.headers["helicone-status"] == "success"
    assert len(raw.headers["helicone-id"]) == 36


def test_the_sdk_finds_the_providers_request_id(gateway):
    assert calls.plain(gateway.client())._request_id.startswith("req_")
    with pytest.raises(openai.RateLimitError) as caught:
        calls.plain(gateway.client(), **calls.damaged("status=429"))
    assert caught.value.request_id.startswith("req_")
    assert "helicone-id" in caught.value.response.headers


@pytest.mark.parametrize("way", ["direct", "gateway"])
def test_breaking_off_a_stream_ends_it_at_the_provider(way, request, double):
    client = request.getfixturevalue(way).client()
    double.clear()
    stream = client.chat.completions.create(
        model=calls.MODEL, messages=calls.MESSAGES, stream=True, **calls.damaged("hold")
    )
    next(iter(stream))
    stream.close()
    until(lambda: double.requests()[0]["aborted"], 5, "the provider sees the client go")


def test_wrong_helicone_key_is_an_authentication_error(gateway, double):
    headers = {"Helicone-Auth": "Bearer sk-helicone-wrongaa-bbbbbbb-ccccccc-ddddddd"}
    through = run(functools.partial(calls.plain, extra_headers=headers), gateway.client(), double)
    assert through.outcome["class"] is openai.AuthenticationError
    assert through.outcome["body"]["message"], "the SDK shows why"
    assert through.requests == []


@pytest.mark.parametrize(
    ("target", "error"),
    [
        ("no-url", openai.BadRequestError),
        ("ftp://api.openai.com", openai.BadRequestError),
        ("https://user:password@api.openai.com", openai.BadRequestError),
        ("https://169.254.169.254", openai.PermissionDeniedError),
        ("https://localhost", openai.PermissionDeniedError),
    ],
)
def test_a_refused_target_is_an_error_that_the_sdk_understands(target, error, gateway, double):
    through = run(functools.partial(calls.plain, extra_headers={"Helicone-Target-Url": target}), gateway.client(), double)
    assert through.outcome["class"] is error
    assert through.outcome["body"]["message"] in through.outcome["message"]
    assert through.outcome["type"] and through.outcome["code"]
    assert through.requests == []
