"""`gatehouse import helicone`: what Helicone logged is here afterwards, once, with all that belongs to it."""

import csv
import json
import os
import subprocess
import uuid

import pytest

from helicone_api import KEY as HELICONE_KEY
from helicone_api import HeliconeApi, bodies, row
from processes import BIN_DIR, INHERITED, KEY, http_json, until

# More than one page, and more than one page of calls that began at the same instant.
CALLS, AT_ONCE = 2300, 1500
SEEN_SECONDS = 30


@pytest.fixture(scope="module")
def calls():
    """Calls of a day: the first thousand and a half began at the same instant; only some have bodies at hand."""

    def call(number):
        second = 0 if number < AT_ONCE else number - AT_ONCE
        created_at = f"2026-03-01T{10 + second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}.250Z"
        fields = {}
        if number == 2299:
            fields = {
                "scores": {"helicone-score-feedback": 1, "accuracy": 92, "polite-hcone-bool": 0}, "response_status": 429,
                "prompt_id": "greeting", "cache_enabled": True, "time_to_first_token": 120,
            }
        return row(number, str(uuid.UUID(int=number + 1, version=4)), created_at, **fields)

    return [(call(number), bodies(number) if number % 100 == 99 else None) for number in range(CALLS)]


@pytest.fixture
def helicone(calls):
    """The API that has these calls."""
    api = HeliconeApi(calls)
    yield api
    api.stop()


def run(gatehouse, *arguments, status=0):
    """Runs an import and returns what it says."""
    command = [BIN_DIR / "gatehouse", "import", "helicone", "--into", gatehouse.api, *map(str, arguments)]
    environment = {name: os.environ[name] for name in INHERITED if name in os.environ} | {"INTO_API_KEY": KEY}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


def count(gatehouse, since="2026-03-01T00:00:00Z"):
    """How many imported calls there are."""
    march = {"request_response_rmt": {"request_created_at": {"gte": since}}}
    april = {"request_response_rmt": {"request_created_at": {"lt": "2026-03-02T00:00:00Z"}}}
    asked = {"filter": {"left": march, "operator": "and", "right": april}}
    return http_json("POST", f"{gatehouse.api}/v1/request/count/query", asked, KEY)[1]["data"]


def test_everything_is_taken_over_once(gatehouse, helicone, calls, tmp_path):
    helicone.trouble = [(429, {"error": "slow down"}, [("Retry-After", "0")]), (500, {"error": "for a moment"}, [("Retry-After", "0")])]
    options = ["--url", helicone.url, "--key", HELICONE_KEY, "--state", tmp_path / "state.json", "--max-per-second", 1000]
    # Ended in the middle, by an answer that no waiting mends.
    plain = helicone.query
    pages = []

    def fails_after_two_pages(path, asked):
        if path.endswith("clickhouse"):
            pages.append(asked)
            if len(pages) == 2:
                helicone.trouble.append((403, {"error": "the key was revoked"}))
        return plain(path, asked)

    helicone.query = fails_after_two_pages
    said = run(gatehouse, *options, status=1)
    assert "the key was revoked" in said and HELICONE_KEY not in said
    helicone.query = plain
    begun = count(gatehouse)
    helicone.asked.clear()
    assert "calls imported" in run(gatehouse, *options)
    first = next(asked for path, asked in helicone.asked if path.endswith("clickhouse"))
    assert first["filter"] != "all", "it goes on where it was ended"
    assert pages[1]["offset"] == 1000, "calls that began at one instant are more than a page"
    until(lambda: count(gatehouse) == CALLS, SEEN_SECONDS, f"{CALLS} calls, {begun} at first")
    # Once more from the start: the same calls, each once.
    run(gatehouse, *options, "--restart")
    newest = calls[-1][0]
    until(lambda: count(gatehouse) == CALLS, SEEN_SECONDS, f"{CALLS} calls")

    found = gatehouse.row(newest["request_id"])
    assert found["request_created_at"] == newest["request_created_at"]
    assert (found["delay_ms"], found["time_to_first_token"], found["response_status"]) == (newest["delay_ms"], 120, 429)
    assert found["properties"] == newest["properties"] and found["request_user_id"] == newest["request_user_id"]
    assert (found["provider"], found["source"], found["country_code"]) == ("OPENAI", "import", "CH")
    assert (found["prompt_id"], found["cache_enabled"]) == ("greeting", True)
    assert found["scores"] == {"helicone-score-feedback": 1, "accuracy": 92, "polite-hcone-bool": 0}
    said = bodies(CALLS - 1)
    assert (found["request_body"], found["response_body"]) == (said["request"], said["response"])

    without_bodies = gatehouse.row(calls[1600][0]["request_id"])
    assert (without_bodies["prompt_tokens"], without_bodies["completion_tokens"]) == (20, 10)
    assert without_bodies["model"] == "gpt-4o-mini-2024-07-18" and without_bodies["request_body"] is None
    assert without_bodies["cost"] > 0, "the counts of the row are priced"


def test_since_leaves_older_calls_where_they_are(gatehouse, helicone, tmp_path):
    said = run(
        gatehouse, "--url", helicone.url, "--key", HELICONE_KEY, "--state", tmp_path / "s.json", "--max-per-second", 1000,
        "--since", "2026-03-01T10:13:00Z", "--no-bodies",
    )
    assert said.startswith("20 calls imported"), said


def test_a_server_that_does_not_go_on_ends_the_import(gatehouse, helicone, tmp_path):
    plain = helicone.query
    helicone.query = lambda path, asked: plain(path, asked | {"offset": 0})
    options = ["--url", helicone.url, "--key", HELICONE_KEY, "--state", tmp_path / "s.json", "--max-per-second", 1000]
    assert "does not heed `offset`" in run(gatehouse, *options, "--no-bodies", status=1)


def test_exports_are_taken_over(gatehouse, tmp_path):
    ids = [str(uuid.uuid4()) for _ in range(3)]
    said = bodies(7)
    lines = tmp_path / "export.jsonl"
    with_bodies = row(1, ids[0], "2026-02-01T10:00:00Z", request_body=said["request"], response_body=said["response"])
    lines.write_text(json.dumps(with_bodies) + "\n" + json.dumps(row(2, "not an id", "2026-02-01T10:00:00Z")) + "\n")
    table = tmp_path / "export.csv"
    with table.open("w", newline="") as file:
        writer = csv.DictWriter(file, ["request_id", "request_created_at", "provider", "model", "status", "request_body", "response_body", "properties.City"])
        writer.writeheader()
        writer.writerow({
            "request_id": ids[1], "request_created_at": "2026-02-01 11:00:00.500", "provider": "openai", "model": "gpt-4o-mini", "status": 200,
            "request_body": json.dumps(said["request"]), "response_body": json.dumps(said["response"]), "properties.City": "Zürich, \"HB\"",
        })
    told = run(gatehouse, "--file", lines, "--file", table, "--state", tmp_path / "state.json")
    assert told.startswith("2 calls imported, 1 refused:") and "`request_id` must be a UUID" in told
    found = until(lambda: gatehouse.row(ids[1]), SEEN_SECONDS, "the row of the table")
    assert (found["provider"], found["properties"]) == ("OPENAI", {"City": "Zürich, \"HB\""})
    assert found["request_created_at"] == "2026-02-01T11:00:00.500Z"
    assert (found["prompt_tokens"], found["response_body"]) == (20, said["response"])
    assert run(gatehouse, "--file", lines, "--file", table, "--state", tmp_path / "state.json").startswith("0 calls imported")


def test_what_is_wrong_is_said(gatehouse, helicone, tmp_path):
    state = ["--state", tmp_path / "state.json"]
    assert "--key" in run(gatehouse, "--url", helicone.url, *state, status=1)
    said = run(gatehouse, "--url", helicone.url, "--key", "sk-helicone-wrong", *state, status=1)
    assert "401" in said and "invalid API key" in said
    assert "can't read the export" in run(gatehouse, "--file", tmp_path / "none.jsonl", *state, status=1)
