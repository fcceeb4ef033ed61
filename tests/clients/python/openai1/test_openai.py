"""openai 1: `base_url` and `default_headers`, on httpx; plain, asynchronous, Azure."""

import asyncio
import uuid

import openai
import pytest

from compare import PROVIDER_KEY, TEXT, Program, compare, damaged, helicone_headers, logged, refused
from processes import PROVIDER_HOST

CHAT = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Grüße aus Zürich"}]}
AZURE_HOST = "acme.openai.azure.com"
AZURE_KEY = "0123456789abcdef0123456789abcdef"
AZURE_VERSION = "2024-06-01"
COMMON = {"max_retries": 0, "timeout": 20}


def plain(client):
    return client.chat.completions.create(**CHAT)


def stream(client):
    return list(client.chat.completions.create(**CHAT, stream=True, stream_options={"include_usage": True}))


def compressed_stream(client):
    options = {"stream_options": {"include_usage": True}, "extra_headers": damaged("gzip")}
    return list(client.chat.completions.create(**CHAT, stream=True, **options))


def embeddings(client):
    return client.embeddings.create(model="text-embedding-3-small", input=["one", "two"])


def wrong_path(client):
    return client.post("/chat/nowhere?x=%2F&y=a+b", body={"a": 1}, cast_to=object)


def limited(client):
    return client.chat.completions.create(**CHAT, extra_headers=damaged("status=429,retry-after=7"))


def failing_stream(client):
    return list(client.chat.completions.create(**CHAT, stream=True, extra_headers=damaged("error-after=3")))


def check_plain(outcome):
    _, completion = outcome
    assert completion["choices"][0]["message"]["content"] == TEXT
    assert completion["usage"]["prompt_tokens"] > 0 and completion["usage"]["completion_tokens"] > 0


def check_stream(outcome):
    chunks = [chunk for _, chunk in outcome]
    contents = [chunk["choices"][0]["delta"].get("content") or "" for chunk in chunks if chunk["choices"]]
    assert len(contents) > 3
    assert "".join(contents) == TEXT
    assert chunks[-1]["usage"]["total_tokens"] > 0


def check_embeddings(outcome):
    _, answer = outcome
    assert [len(item["embedding"]) > 0 for item in answer["data"]] == [True, True]


def check_wrong_path(error):
    assert error["class"] is openai.NotFoundError


def check_limit(error):
    assert error["class"] is openai.RateLimitError
    assert error["retry-after"] == "7"


def check_error_event(error):
    assert error["class"] is openai.APIError
    assert error["message"]


CALLS = {
    "plain": (plain, check_plain),
    "stream": (stream, check_stream),
    "stream, compressed": (compressed_stream, check_stream),
    "embeddings": (embeddings, check_embeddings),
    "wrong path": (wrong_path, check_wrong_path),
    "status 429": (limited, check_limit),
    "stream, error event": (failing_stream, check_error_event),
}
AZURE_CALLS = {name: CALLS[name] for name in ("plain", "stream", "status 429")}


def client(origin, headers):
    return openai.OpenAI(api_key=PROVIDER_KEY, base_url=f"{origin}/v1", default_headers=headers, **COMMON)


def async_client(origin, headers):
    return openai.AsyncOpenAI(api_key=PROVIDER_KEY, base_url=f"{origin}/v1", default_headers=headers, **COMMON)


def azure_client(origin, headers):
    options = {"azure_endpoint": origin, "api_version": AZURE_VERSION, "api_key": AZURE_KEY}
    return openai.AzureOpenAI(**options, default_headers=headers, **COMMON)


def program_of(make, host, credential, gatehouse):
    return Program(
        host=host,
        credential=credential,
        errors=openai.OpenAIError,
        direct=lambda: make(f"https://{host}", {}),
        gateway=lambda **headers: make(gatehouse.gateway, helicone_headers(host) | headers),
    )


@pytest.fixture
def program(gatehouse):
    """The library by both ways."""
    return program_of(client, PROVIDER_HOST, {"authorization": f"Bearer {PROVIDER_KEY}"}, gatehouse)


@pytest.fixture
def async_program(gatehouse):
    """The library's asynchronous client by both ways."""
    return program_of(async_client, PROVIDER_HOST, {"authorization": f"Bearer {PROVIDER_KEY}"}, gatehouse)


@pytest.fixture
def azure_program(gatehouse):
    """The library's client for Azure by both ways."""
    return program_of(azure_client, AZURE_HOST, {"api-key": AZURE_KEY}, gatehouse)


@pytest.mark.parametrize("name", CALLS)
def test_same_outcome_and_same_request(name, program, double):
    call, check = CALLS[name]
    check(compare(program, call, double).outcome)


@pytest.mark.parametrize("name", AZURE_CALLS)
def test_same_with_azure(name, azure_program, double):
    call, check = AZURE_CALLS[name]
    exchange = compare(azure_program, call, double)
    check(exchange.outcome)
    target = f"/openai/deployments/gpt-4o-mini/chat/completions?api-version={AZURE_VERSION}"
    assert [request["target"] for request in exchange.requests] == [target]


@pytest.mark.parametrize("is_stream", [False, True])
def test_same_with_the_async_client(is_stream, async_program, double):
    async def ask(client):
        async with client:
            if not is_stream:
                return await client.chat.completions.create(**CHAT)
            options = {"stream": True, "stream_options": {"include_usage": True}}
            return [chunk async for chunk in await client.chat.completions.create(**CHAT, **options)]

    exchange = compare(async_program, lambda client: asyncio.run(ask(client)), double)
    (check_stream if is_stream else check_plain)(exchange.outcome)


def test_the_row_has_user_and_properties(program, gatehouse):
    request_id = str(uuid.uuid4())
    headers = {"Helicone-User-Id": "zoe@example.com", "Helicone-Property-Environment": "staging"}
    plain(program.gateway(**headers, **{"Helicone-Request-Id": request_id}))
    row = logged(gatehouse, request_id)
    assert row["request_user_id"] == "zoe@example.com"
    assert row["request_properties"] == {"environment": "staging"}
    assert (row["provider"], row["cost_status"]) == ("OPENAI", "priced")


@pytest.mark.parametrize("call", [plain, stream])
def test_an_unknown_key_is_an_authentication_error(call, program, double):
    error = refused(program, call, double)
    assert isinstance(error, openai.AuthenticationError)
    assert (error.code, error.status_code) == ("invalid_api_key", 401)
