"""Runs one call on one route and brings its outcome, and what the provider saw, into a form that compares."""

import base64
from dataclasses import dataclass, field

import openai

# Headers that concern one connection only; the gateway has its own connection to the provider.
OF_A_CONNECTION = {"connection"}


def plain_value(value):
    """Returns what the SDK returned as plain data, with the classes it chose."""
    if isinstance(value, openai.BaseModel):
        return (type(value).__name__, value.to_dict())
    if isinstance(value, (list, tuple)):
        return [plain_value(item) for item in value]
    return value


def plain_error(error):
    """Returns all that an application can see of an error."""
    status = getattr(error, "status_code", None)
    seen = {"class": type(error), "message": str(error), "status": status}
    if status is not None:
        seen |= {name: getattr(error, name) for name in ("body", "code", "param", "type")}
        seen["retry-after"] = error.response.headers.get("retry-after")
    return seen


@dataclass
class Exchange:
    """What a call came to: a value or an error, and the requests that reached the provider."""

    outcome: object
    requests: list = field(repr=False)


def run(call, client, double):
    """Makes `call` and returns what came of it."""
    double.clear()
    try:
        outcome = plain_value(call(client))
    except openai.OpenAIError as error:
        outcome = plain_error(error)
    return Exchange(outcome, double.requests())


def as_sent(request):
    """Returns a recorded request without what may differ between two connections."""
    headers = sorted((name.lower(), value) for name, value in request["headers"])
    return {
        "method": request["method"],
        "target": request["target"],
        "version": request["version"],
        "sni": request["sni"],
        "headers": [pair for pair in headers if pair[0] not in OF_A_CONNECTION],
        "body": base64.b64decode(request["body_base64"]),
    }


def header(request, name):
    """Returns all values of a header of a recorded request."""
    return [value for key, value in request["headers"] if key.lower() == name]
