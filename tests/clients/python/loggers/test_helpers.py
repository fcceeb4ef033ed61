"""The package `helicone-helpers`: an application logs what it did, whoever it did it with."""

import asyncio
import uuid

import openai
import pytest
from helicone_helpers import HeliconeManualLogger

from compare import PROVIDER_KEY, TEXT, logged
from processes import KEY, PROVIDER_HOST

CHAT = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Grüße aus Zürich"}]}


@pytest.fixture(params=["gateway", "api"])
def logger(request, gatehouse):
    """A logger as an application makes it; either listener takes what it logs."""
    return HeliconeManualLogger(api_key=KEY, headers={"Helicone-User-Id": "ann"}, logging_endpoint=getattr(gatehouse, request.param))


@pytest.fixture
def model(double):
    """The model that the application calls itself."""
    return openai.OpenAI(api_key=PROVIDER_KEY, base_url=f"https://{PROVIDER_HOST}/v1", max_retries=0)


@pytest.fixture
def chosen():
    """The header with an id of the application's own, and the id."""
    request_id = str(uuid.uuid4())
    return {"Helicone-Request-Id": request_id, "Helicone-Property-City": "Zürich".encode()}, request_id


@pytest.mark.parametrize(("provider", "name"), [("openai", "OPENAI"), ("anthropic", "ANTHROPIC"), (None, "CUSTOM")])
def test_a_call_is_logged(provider, name, logger, model, gatehouse, chosen, capsys):
    headers, request_id = chosen

    def operation(recorder):
        answer = model.chat.completions.create(**CHAT)
        recorder.append_results(answer.to_dict())
        return answer

    answer = logger.log_request(CHAT, operation, headers, provider)
    assert capsys.readouterr().out == "", "the package tells nobody but its console"
    row = logged(gatehouse, request_id)
    assert (row["provider"], row["source"], row["request_user_id"]) == (name, "manual", "ann")
    assert (row["request_body"], row["request_properties"]) == (CHAT, {"city": "Zürich"})
    assert (row["model"], row["response_status"]) == (answer.model, 200)
    assert row["delay_ms"] >= 0
    if provider != "anthropic":
        assert (row["prompt_tokens"], row["response_preview"]) == (answer.usage.prompt_tokens, TEXT)


def test_a_stream_is_logged(logger, model, gatehouse, chosen, capsys):
    headers, request_id = chosen
    request = CHAT | {"stream": True, "stream_options": {"include_usage": True}}
    builder = logger.new_builder(request, headers)
    chunks = []
    for chunk in model.chat.completions.create(**request):
        chunks.append(chunk)
        builder.add_chunk(chunk.to_dict())
    asyncio.run(builder.send_log())
    assert capsys.readouterr().out == ""
    row = logged(gatehouse, request_id)
    assert (row["is_stream"], row["response_preview"]) == (True, TEXT)
    assert (row["prompt_tokens"], row["completion_tokens"]) == (chunks[-1].usage.prompt_tokens, chunks[-1].usage.completion_tokens)
    assert row["time_to_first_token"] > 0


def test_an_event_of_a_tool_is_logged(logger, gatehouse, chosen):
    headers, request_id = chosen
    event = {"_type": "tool", "toolName": "weather", "input": {"city": "Zürich"}}
    logger.log_request(event, lambda recorder: recorder.append_results({"output": "rain"}), headers)
    row = logged(gatehouse, request_id)
    assert (row["model"], row["provider"], row["cost"]) == ("tool:weather", "CUSTOM", None)
    assert row["request_body"] == event
    assert row["response_body"] == {"_type": "tool", "toolName": "weather", "output": "rain"}


def test_a_search_in_a_database_is_logged(logger, gatehouse, chosen):
    headers, request_id = chosen
    event = {"_type": "vector_db", "operation": "search", "text": "rain", "topK": 3, "databaseName": "weather"}
    logger.log_request(event, lambda recorder: recorder.append_results({"results": []}), headers)
    assert logged(gatehouse, request_id)["model"] == "vector_db"


def test_an_error_is_logged_with_its_trace(logger, gatehouse, chosen):
    headers, request_id = chosen
    builder = logger.new_builder(CHAT, headers)
    builder.set_error(ValueError("no luck"))
    asyncio.run(builder.send_log())
    assert "ValueError: no luck" in logged(gatehouse, request_id)["response_body"]


def test_an_unknown_key_is_told(gatehouse, capsys):
    HeliconeManualLogger(api_key="sk-helicone-no", logging_endpoint=gatehouse.gateway).log_request(CHAT, lambda _: None)
    assert "malformed_api_key" in capsys.readouterr().out
