"""A double of Helicone's REST API, as far as an import reads it.

Shapes follow its public OpenAPI document: `RequestQueryParams` with a filter tree, `R<[HeliconeRequest]>`, bodies at
a `signed_body_url` that takes no key. What a caller does that Helicone would refuse is refused here, too.
"""

import json
import threading
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

KEY = "sk-helicone-hhhhhhh-hhhhhhh-hhhhhhh-hhhhhhh"
NIL = "00000000-0000-0000-0000-000000000000"
COMPARISONS = {
    "equals": lambda a, b: a == b,
    "gte": lambda a, b: a >= b,
    "lte": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "lt": lambda a, b: a < b,
}


def row(number, request_id, created_at, **fields):
    """One call as Helicone has it; bodies are elsewhere."""
    return {
        "request_id": request_id, "request_created_at": created_at, "request_body": {}, "request_path": "/v1/chat/completions",
        "request_user_id": f"user-{number % 3}", "request_properties": {"Environment": "prod", "Helicone-Session-Id": f"s{number // 10}"},
        "request_model": "gpt-4o-mini", "model_override": None, "helicone_user": None, "provider": "OPENAI",
        "target_url": "https://api.openai.com/v1/chat/completions", "response_id": request_id, "response_created_at": created_at,
        "response_body": {}, "response_status": 200, "response_model": "gpt-4o-mini-2024-07-18", "delay_ms": 800 + number,
        "time_to_first_token": None, "total_tokens": 30, "prompt_tokens": 20, "completion_tokens": 10, "reasoning_tokens": 0,
        "prompt_cache_write_tokens": 0, "prompt_cache_read_tokens": 0, "prompt_audio_tokens": 0, "completion_audio_tokens": 0,
        "cost": 0.000009, "prompt_id": "", "prompt_version": "", "feedback_rating": None, "country_code": "CH", "asset_ids": None,
        "asset_urls": None, "scores": None, "properties": {"Environment": "prod", "Helicone-Session-Id": f"s{number // 10}"},
        "assets": [], "cache_reference_id": NIL, "cache_enabled": False, "signed_body_url": None, "llmSchema": None,
    } | fields


def bodies(number):
    """What was said in a call."""
    request = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": f"question {number}"}]}
    message = {"role": "assistant", "content": f"answer {number}"}
    usage = {"prompt_tokens": 20, "completion_tokens": 10, "total_tokens": 30}
    response = {
        "id": f"chatcmpl-{number}", "object": "chat.completion", "created": 1772000000, "model": "gpt-4o-mini-2024-07-18",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}], "usage": usage,
    }
    return {"request": request, "response": response}


def matches(filter, call):
    """Says whether a filter lets a call through; what is no filter is an error."""
    if filter == "all":
        return True
    if "operator" in filter:
        sides = matches(filter["left"], call), matches(filter["right"], call)
        return all(sides) if filter["operator"] == "and" else any(sides)
    ((column, test),) = filter["request_response_rmt"].items()
    ((operator, value),) = test.items()
    return COMPARISONS[operator](instant(call[column]), instant(value))


def instant(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


class HeliconeApi:
    """The server; `calls` are (row, bodies or None), `trouble` answers that come before the right ones."""

    def __init__(self, calls):
        self.calls, self.trouble, self.asked = calls, [], []
        double = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def answer(self, status, body, headers=()):
                payload = json.dumps(body).encode()
                self.send_response(status)
                for name, value in [("Content-Type", "application/json"), ("Content-Length", str(len(payload))), *headers]:
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(payload)

            def do_GET(self):
                if self.headers.get("Authorization"):
                    return self.answer(400, {"error": "two ways of authorisation"})
                found = double.bodies.get(urlsplit(self.path).path.removeprefix("/bodies/"))
                return self.answer(200, found) if found else self.answer(404, {"error": "no such key"})

            def do_POST(self):
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                double.asked.append((self.path, asked))
                if self.headers.get("Authorization") != f"Bearer {KEY}":
                    return self.answer(401, {"error": "invalid API key", "trace": "isAuthenticated.error"})
                if double.trouble:
                    return self.answer(*double.trouble.pop(0))
                try:
                    return self.answer(200, {"data": double.query(self.path, asked), "error": None})
                except (AssertionError, KeyError, ValueError) as error:
                    return self.answer(500, {"data": None, "error": repr(error)})

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.bodies = {call["request_id"]: said for call, said in calls if said}
        for call, said in calls:
            if said is not None:
                call["signed_body_url"] = f"{self.url}/bodies/{call['request_id']}?X-Signature=abc%2Fdef"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def query(self, path, asked):
        found = [call for call, _ in self.calls if matches(asked["filter"], call)]
        if path == "/v1/request/count/query":
            return len(found)
        assert path == "/v1/request/query-clickhouse", path
        assert 0 <= asked["limit"] <= 1000, "invalid limit"
        assert asked["sort"] == {"created_at": "asc"}, asked["sort"]
        found.sort(key=lambda call: (instant(call["request_created_at"]), call["request_id"]))
        return found[asked["offset"] : asked["offset"] + asked["limit"]]

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
