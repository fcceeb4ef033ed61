"""The package `helicone-async`: calls are logged as spans of OpenTelemetry, which go the way beside the calls."""

import uuid

import openai
import pytest
from helicone_async import HeliconeAsyncLogger

from compare import PROVIDER_KEY, TEXT, logged_of_user
from processes import KEY, PROVIDER_HOST

CHAT = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Grüße aus Zürich"}]}


@pytest.fixture(scope="module")
def logger(gatehouse):
    """The logger of an application, which is one for a process."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("TRACELOOP_TELEMETRY", "false")
        logger = HeliconeAsyncLogger(api_key=KEY, base_url=f"{gatehouse.gateway}/v1/trace/log-python")
        logger.init()
        yield logger
        logger.disable_logging()


@pytest.fixture
def user(logger):
    """A user who made no call yet, and a property that some calls have."""
    user = f"user-{uuid.uuid4()}"
    logger.set_properties({"Helicone-User-Id": user, "Helicone-Session-Id": "s1", "city": "Zürich"})
    return user


@pytest.fixture
def model(logger):
    """The model that the application calls itself, after the logger was put over it."""
    return openai.OpenAI(api_key=PROVIDER_KEY, base_url=f"https://{PROVIDER_HOST}/v1", max_retries=0)


def test_a_call_is_logged(user, model, gatehouse):
    answer = model.chat.completions.create(**CHAT, temperature=0.5)
    assert answer.choices[0].message.content == TEXT
    row = logged_of_user(gatehouse, user)
    assert (row["provider"], row["source"], row["response_status"]) == ("OPENAI", "trace", 200)
    assert (row["request_model"], row["model"]) == (CHAT["model"], answer.model)
    assert (row["prompt_tokens"], row["completion_tokens"]) == (answer.usage.prompt_tokens, answer.usage.completion_tokens)
    assert (row["total_tokens"], row["cost_status"]) == (answer.usage.total_tokens, "priced")
    assert row["request_body"]["messages"] == CHAT["messages"]
    assert row["request_body"]["temperature"] == 0.5
    assert row["response_body"]["choices"][0]["message"] == {"role": "assistant", "content": TEXT}
    assert row["request_properties"] == {"Helicone-Session-Id": "s1", "city": "Zürich"}
    assert row["delay_ms"] > 0


def test_a_stream_is_logged_when_it_has_ended(user, model, gatehouse):
    request = CHAT | {"stream": True, "stream_options": {"include_usage": True}}
    assert len(list(model.chat.completions.create(**request))) > 3
    row = logged_of_user(gatehouse, user)
    assert (row["source"], row["response_preview"]) == ("trace", TEXT)
    assert row["request_body"]["stream"] is True

