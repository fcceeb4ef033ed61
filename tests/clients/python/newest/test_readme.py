"""The snippets of the README, run as they are printed; only the addresses are those of the servers under test."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from compare import logged
from processes import KEY

README = Path(__file__).parents[4] / "README.md"
GATEWAY, API = "http://127.0.0.1:8787", "http://127.0.0.1:8585"
SECONDS = 30


def snippets(heading, language):
    """Returns the fenced blocks in `language` under `heading`."""
    text = README.read_text()
    section = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert section, f"README.md has no heading `{heading}`"
    found = re.findall(rf"^```{language}\n(.*?)^```$", section[1], re.MULTILINE | re.DOTALL)
    assert found, f"README.md has no {language} under `{heading}`"
    return found


@pytest.fixture
def run_snippet(gatehouse, tmp_path):
    """Runs a snippet in an empty directory with nothing but the two keys, and returns what it printed."""

    def run(text, *interpreter):
        text = text.replace(GATEWAY, gatehouse.gateway).replace(API, gatehouse.api)
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LANG": "C.UTF-8"}
        environment |= {"HELICONE_API_KEY": KEY, "OPENAI_API_KEY": "sk-any-text"}
        done = subprocess.run(
            [*interpreter, text], env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=SECONDS
        )
        assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    return run


def check_first_call(gatehouse, printed):
    """Asserts that the provider's answer was printed, and that the call named by its id is logged."""
    assert "Hello! How can I help you today?" in printed
    request_id = re.search(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", printed)
    assert request_id, printed
    row = logged(gatehouse, request_id[0])
    assert (row["response_status"], row["cost_status"]) == (200, "priced")
    return row


def test_the_first_call_with_curl(gatehouse, run_snippet):
    [text] = snippets("A first call", "bash")
    row = check_first_call(gatehouse, run_snippet(text, "bash", "-euo", "pipefail", "-c"))
    assert row["request_user_id"] == "ada"


def test_the_first_call_with_the_python_sdk(gatehouse, run_snippet):
    [text] = snippets("A first call", "python")
    row = check_first_call(gatehouse, run_snippet(text, sys.executable, "-c"))
    assert "readme" in row["request_properties"].values()


def test_looking_at_the_latest_call(gatehouse, run_snippet):
    [call] = snippets("A first call", "bash")
    logged = check_first_call(gatehouse, run_snippet(call, "bash", "-euo", "pipefail", "-c"))
    [look] = snippets("How to look at it", "bash")
    shown = json.loads(run_snippet(look, "bash", "-euo", "pipefail", "-c"))
    assert shown["data"] == logged
