"""openai 0.27: `openai.api_base`, headers with each call, on requests and aiohttp; errors must be objects."""

import asyncio
import ssl
import uuid

import aiohttp
import openai
import pytest
from openai import error as errors

from compare import PROVIDER_KEY, TEXT, Program, compare, damaged, helicone_headers, logged, refused
from processes import PROVIDER_HOST

AZURE_HOST = "acme.openai.azure.com"
AZURE_KEY = "0123456789abcdef0123456789abcdef"
AZURE_VERSION = "2023-05-15"
CHAT = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Grüße aus Zürich"}]}


def merged(options, **more):
    """Returns the options of a call with further headers."""
    return options | {"headers": options["headers"] | more}


def plain(options):
    return openai.ChatCompletion.create(**CHAT, **options)


def stream(options):
    return list(openai.ChatCompletion.create(**CHAT, stream=True, **options))


def compressed_stream(options):
    return stream(merged(options, **damaged("gzip")))


def completion(options):
    return openai.Completion.create(model="gpt-3.5-turbo-instruct", prompt="Grüße", **options)


def completion_stream(options):
    return list(openai.Completion.create(model="gpt-3.5-turbo-instruct", prompt="Grüße", stream=True, **options))


def embedding(options):
    return openai.Embedding.create(model="text-embedding-3-small", input=["one", "two"], **options)


def missing_messages(options):
    return openai.ChatCompletion.create(model=CHAT["model"], **options)


def limited(options):
    return plain(merged(options, **damaged("status=429")))


def forbidden(options):
    return plain(merged(options, **damaged("status=403")))


def check_plain(answer):
    assert answer["choices"][0]["message"]["content"] == TEXT
    assert answer["usage"]["prompt_tokens"] > 0 and answer["usage"]["completion_tokens"] > 0


def check_stream(chunks):
    assert len(chunks) > 3
    # Azure's first chunk has no choice.
    choices = [choice for chunk in chunks for choice in chunk["choices"]]
    assert "".join(choice["delta"].get("content") or "" for choice in choices) == TEXT
    assert chunks[-1]["choices"][0]["finish_reason"] == "stop"


def check_completion(answer):
    assert answer["choices"][0]["text"] == TEXT
    assert answer["usage"]["total_tokens"] > 0


def check_completion_stream(chunks):
    assert len(chunks) > 3
    assert "".join(chunk["choices"][0]["text"] for chunk in chunks) == TEXT


def check_embedding(answer):
    assert [len(item["embedding"]) > 0 for item in answer["data"]] == [True, True]
    assert answer["usage"]["prompt_tokens"] > 0


def check_error(kind, status):
    def check(error):
        assert error["class"] is kind
        assert error["http_status"] == status
        assert error["json_body"]["error"]["message"] == error["message"]

    return check


CALLS = {
    "plain": (plain, check_plain),
    "stream": (stream, check_stream),
    "stream, compressed": (compressed_stream, check_stream),
    "completion": (completion, check_completion),
    "completion, stream": (completion_stream, check_completion_stream),
    "embedding": (embedding, check_embedding),
    "missing messages": (missing_messages, check_error(errors.InvalidRequestError, 400)),
    "status 429": (limited, check_error(errors.RateLimitError, 429)),
    "status 403": (forbidden, check_error(errors.PermissionError, 403)),
}
AZURE_CALLS = {name: CALLS[name] for name in ("plain", "stream", "status 429")}


def options_of(origin, headers):
    """Sets the library's base and returns the options of a call."""
    openai.api_base = f"{origin}/v1"
    return {"api_key": PROVIDER_KEY, "headers": headers}


def azure_options_of(origin, headers):
    """Sets the library's base for Azure and returns the options of a call."""
    openai.api_base = origin
    azure = {"api_type": "azure", "api_version": AZURE_VERSION, "engine": "gpt-4o-mini"}
    return {"api_key": AZURE_KEY, "headers": headers} | azure


def program_of(options, host, credential, gatehouse):
    return Program(
        host=host,
        credential=credential,
        errors=errors.OpenAIError,
        direct=lambda: options(f"https://{host}", {}),
        gateway=lambda **headers: options(gatehouse.gateway, helicone_headers(host) | headers),
    )


@pytest.fixture
def program(gatehouse, monkeypatch):
    """The library by both ways; its base, which it has once for all, is set back in the end."""
    monkeypatch.setattr(openai, "api_base", None)
    return program_of(options_of, PROVIDER_HOST, {"authorization": f"Bearer {PROVIDER_KEY}"}, gatehouse)


@pytest.fixture
def azure_program(gatehouse, monkeypatch):
    """The same for Azure."""
    monkeypatch.setattr(openai, "api_base", None)
    return program_of(azure_options_of, AZURE_HOST, {"api-key": AZURE_KEY}, gatehouse)


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
def test_same_when_asynchronous(is_stream, program, double):
    async def ask(options):
        trusted = ssl.create_default_context(cafile=double.ca)
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trusted)) as session:
            openai.aiosession.set(session)
            answer = await openai.ChatCompletion.acreate(**CHAT, stream=is_stream, **options)
            return [chunk async for chunk in answer] if is_stream else answer

    exchange = compare(program, lambda options: asyncio.run(ask(options)), double)
    (check_stream if is_stream else check_plain)(exchange.outcome)


def test_a_base_without_a_version_has_none_in_the_path(program, gatehouse, double):
    double.clear()
    options = program.gateway()
    openai.api_base = gatehouse.gateway
    check_plain(plain(options))
    assert [request["target"] for request in double.requests()] == ["/chat/completions"]


def test_the_row_has_user_and_session(program, gatehouse):
    request_id = str(uuid.uuid4())
    # requests sends what is no ASCII as Latin-1.
    headers = {"Helicone-User-Id": "zürich", "Helicone-Session-Id": "s-1", "Helicone-Request-Id": request_id}
    plain(program.gateway(**headers))
    row = logged(gatehouse, request_id)
    assert row["request_user_id"] == "zürich"
    assert row["request_properties"] == {"Helicone-Session-Id": "s-1"}
    assert (row["provider"], row["cost_status"]) == ("OPENAI", "priced")


@pytest.mark.parametrize("call", [plain, stream])
def test_an_unknown_key_is_an_authentication_error(call, program, double):
    error = refused(program, call, double)
    assert isinstance(error, errors.AuthenticationError)
    assert (error.http_status, error.json_body["error"]["code"]) == (401, "invalid_api_key")


def test_a_host_that_nobody_knows_is_limited(program):
    with pytest.raises(errors.RateLimitError) as caught:
        for _ in range(20):
            plain(program.gateway(**{"Helicone-Target-Url": "https://other.unknown.example"}))
    assert "second" in str(caught.value)
    assert int(caught.value.headers["Retry-After"]) >= 1
