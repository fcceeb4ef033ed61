"""The same call by two ways, straight to the provider and through the gateway: equal outcomes here, equal requests there."""

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from processes import KEY, http_json, until

PROVIDER_KEY = "sk-provider-key-of-the-caller"
# What every model of the double says.
TEXT = "Hello! How can I help you today?"
UNKNOWN_KEY = KEY.replace("aaaaaaa", "wrongaa")
# Headers that concern one connection only; the gateway has its own connection to the provider.
OF_A_CONNECTION = frozenset({"connection"})
# What the libraries' errors tell an application, each some of these.
OF_AN_ERROR = ("status_code", "http_status", "code", "param", "type", "body", "json_body", "status", "details")
READABLE_SECONDS = 1


def helicone_headers(host, **more):
    """Returns the headers of a user of the gateway whose calls are for `host`."""
    return {"Helicone-Auth": f"Bearer {KEY}", "Helicone-Target-Url": f"https://{host}"} | more


def damaged(directives):
    """Returns the header that makes the double answer as `directives` say."""
    return {"x-double": directives}


def plain_value(value):
    """Returns what a library returned as plain data, with the classes it chose."""
    if hasattr(value, "model_dump"):
        return (type(value).__name__, value.model_dump(mode="json", by_alias=True, exclude_unset=True))
    if isinstance(value, (list, tuple)):
        return [plain_value(item) for item in value]
    return value


def plain_error(error):
    """Returns all that an application can see of an error."""
    seen = {"class": type(error), "message": str(error)}
    seen |= {name: getattr(error, name) for name in OF_AN_ERROR if hasattr(error, name)}
    headers = getattr(getattr(error, "response", None), "headers", {})
    return seen | {"retry-after": headers.get("retry-after")}


@dataclass
class Exchange:
    """What a call came to: a value or an error, and the requests that reached the provider."""

    outcome: object
    requests: list = field(repr=False)


def run(call, client, double, errors, describe=plain_error):
    """Makes `call` and returns what came of it; `errors` are the classes of what the library raises."""
    double.clear()
    try:
        outcome = plain_value(call(client))
    except errors as error:
        outcome = describe(error)
    return Exchange(outcome, double.requests())


def as_sent(request, but=OF_A_CONNECTION):
    """Returns a recorded request without what may differ between two connections."""
    headers = sorted((name.lower(), value) for name, value in request["headers"])
    return {
        "method": request["method"],
        "target": request["target"],
        "version": request["version"],
        "sni": request["sni"],
        "headers": [pair for pair in headers if pair[0] not in but],
        "body": base64.b64decode(request["body_base64"]),
    }


def header(request, name):
    """Returns all values of a header of a recorded request."""
    return [value for key, value in request["headers"] if key.lower() == name]


def check_request(request, host, credential):
    """Asserts that a recorded request is for `host`, with the caller's own credential and nothing of ours."""
    names = [name.lower() for name, _ in request["headers"]]
    assert not [name for name in names if name.startswith("helicone")]
    assert header(request, "host") == [host]
    assert request["sni"] == host
    for name, value in credential.items():
        assert header(request, name) == [value], name


@dataclass(frozen=True)
class Program:
    """A library that calls one provider by two ways.

    `direct()` and `gateway(**headers)` return what a call takes: a client, whatever that is to the library.
    """

    host: str
    credential: dict[str, str]
    errors: type[Exception] | tuple[type[Exception], ...]
    direct: Callable
    gateway: Callable
    describe: Callable = plain_error
    # Headers that a library makes anew for each request.
    fresh: frozenset[str] = frozenset()


def compare(program, call, double):
    """Makes `call` both ways, asserts that nobody sees a difference, and returns its exchange through the gateway."""
    straight = run(call, program.direct(), double, program.errors, program.describe)
    through = run(call, program.gateway(), double, program.errors, program.describe)
    assert through.outcome == straight.outcome
    but = OF_A_CONNECTION | program.fresh
    assert [as_sent(request, but) for request in through.requests] == [
        as_sent(request, but) for request in straight.requests
    ]
    assert through.requests, "nothing reached the provider"
    for request in through.requests:
        check_request(request, program.host, program.credential)
    return through


def refused(program, call, double):
    """Makes `call` with a key that nobody has; returns the library's error, whose text says why it was refused."""
    double.clear()
    try:
        call(program.gateway(**{"Helicone-Auth": f"Bearer {UNKNOWN_KEY}"}))
    except program.errors as error:
        assert re.search("the key in .*Helicone-Auth", str(error))
        assert UNKNOWN_KEY not in str(error)
        assert double.requests() == []
        return error
    raise AssertionError("an unknown key was taken")


def logged(gatehouse, request_id):
    """Returns the row of a call that ended, which is there within a second."""
    return until(lambda: gatehouse.row(request_id), READABLE_SECONDS, f"a row for {request_id}")


def logged_of_user(gatehouse, user):
    """Returns the row of the one call that a user made, whatever its id is."""

    def look():
        query = {"filter": {"request_response_rmt": {"user_id": {"equals": user}}}}
        _, answer = http_json("POST", f"{gatehouse.api}/v1/request/query-clickhouse", query, KEY)
        return answer["data"]

    [row] = until(look, READABLE_SECONDS, f"a row of {user}")
    return gatehouse.row(row["request_id"])
