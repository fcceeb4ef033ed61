"""The calls that every test makes the same way on both routes, each a function from a client to what the SDK made of it."""

import compare

MODEL = "gpt-4o-mini"
MESSAGES = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Grüße aus Zürich — 你好, \"quotes\" and \\ backslashes"},
]
TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Tells the weather",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "unit": {"type": "string", "enum": ["c", "f"]}},
            "required": ["city"],
        },
    },
}


def damaged(directives):
    """Returns the option that makes the double answer as `directives` say."""
    return {"extra_headers": compare.damaged(directives)}


def plain(client, **options):
    """One completion."""
    return client.chat.completions.create(model=MODEL, messages=MESSAGES, **options)


def stream(client, **options):
    """All chunks of a streamed completion."""
    return list(client.chat.completions.create(model=MODEL, messages=MESSAGES, stream=True, **options))


def stream_with_usage(client, **options):
    """The same with the usage in the last chunk."""
    return stream(client, stream_options={"include_usage": True}, **options)


def stream_bytes(client):
    """A stream as it came, not yet read by the SDK."""
    create = client.chat.completions.with_streaming_response.create
    with create(model=MODEL, messages=MESSAGES, stream=True) as response:
        return b"".join(response.iter_bytes())


def assembled_stream(client):
    """A stream through the SDK's own accumulator."""
    with client.chat.completions.stream(model=MODEL, messages=MESSAGES, tools=[TOOL]) as events:
        return events.get_final_completion()


def tool_call(client):
    """A tool call and the answer to its result."""
    first = plain(client, tools=[TOOL])
    call = first.choices[0].message.tool_calls[0]
    result = {"role": "tool", "tool_call_id": call.id, "content": '{"celsius": 21}'}
    messages = [*MESSAGES, first.choices[0].message.to_dict(), result]
    return [first, client.chat.completions.create(model=MODEL, messages=messages, tools=[TOOL])]


def tool_call_stream(client):
    """A streamed tool call."""
    return stream(client, tools=[TOOL])


def embeddings(client):
    """Embeddings, which the SDK asks for in base64."""
    return client.embeddings.create(model="text-embedding-3-small", input=["one", "two"])


def embeddings_as_floats(client):
    """Embeddings as plain numbers."""
    return client.embeddings.create(model="text-embedding-3-small", input="one", encoding_format="float")


def models(client):
    """A list: a request without a body."""
    return list(client.models.list())


def download(client):
    """Bytes that are no text."""
    return client.files.content("file-1", **damaged("bytes=300000")).read()


def wrong_path(client):
    """A path that the provider does not know, with a query."""
    return client.post("/chat/nowhere?x=%2F&y=a+b", body={"a": 1}, cast_to=object)


def missing_parameter(client):
    """A request that the provider refuses for its content."""
    return client.post("/chat/completions", body={"model": MODEL}, cast_to=object)


def wrong_key(client):
    """A call with a key that the provider does not know."""
    return plain(client.with_options(api_key="sk-invalid-key"))


def broken_stream(client, directives):
    """Returns the chunks that came and the class of the error that ended the stream."""
    chunks = []
    try:
        for chunk in client.chat.completions.create(model=MODEL, messages=MESSAGES, stream=True, **damaged(directives)):
            chunks.append(chunk)
    except Exception as error:
        return [chunks, type(error), getattr(error, "body", None)]
    return [chunks, None, None]
