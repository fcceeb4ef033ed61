"""The provider double and the gatehouse binary as child processes, each with its own directory and free ports."""

import atexit
import json
import os
import re
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

BIN_DIR = Path(os.environ.get("GATEHOUSE_BIN_DIR", Path(__file__).parents[3] / "target" / "debug"))
KEY = "sk-helicone-aaaaaaa-bbbbbbb-ccccccc-ddddddd"
PROVIDER_HOST = "api.openai.com"
START_SECONDS = 60
END_SECONDS = 30
# Between two looks at something that another process is about to do.
LOOK_SECONDS = 0.005
# A developer's own GATEHOUSE_* settings must not change what a test shows.
INHERITED = ("PATH", "LD_LIBRARY_PATH")


def until(look, seconds, what):
    """Returns the first true answer of `look`, asked again and again for at most `seconds`."""
    deadline = time.monotonic() + seconds
    while not (answer := look()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(LOOK_SECONDS)
    return answer


def http_json(method, url, body=None, key=None):
    """Returns status and JSON of one exchange; errors of HTTP are answers too."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read() or b"null")


class Process:
    """A child that is ended by its id and whose output is kept."""

    def __init__(self, name, *arguments):
        binary = BIN_DIR / name
        assert binary.exists(), f"{binary} is missing: cargo build -p gatehouse -p gatehouse-testkit"
        self._child = subprocess.Popen(
            [binary, *map(str, arguments)],
            env={name: os.environ[name] for name in INHERITED if name in os.environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        # Whatever happens to the tests, the child does not outlive them.
        atexit.register(self._child.kill)
        self._lines = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self._child.stdout:
            self._lines.append(line)

    def output(self):
        """Returns all that the child wrote so far."""
        return "".join(self._lines)

    def find(self, pattern):
        """Returns the first group of `pattern` in the output, as soon as it is there."""

        def look():
            found = re.search(pattern, self.output(), re.MULTILINE | re.DOTALL)
            ended = self._child.poll()
            assert found or ended is None, f"{self._child.args} ended with {ended}:\n{self.output()}"
            return found

        return until(look, START_SECONDS, f"{pattern!r} from {self._child.args}")[1]

    def stop(self):
        """Asks the child to end and insists that it does so in good order."""
        self._child.send_signal(signal.SIGTERM)
        try:
            status = self._child.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
            raise
        self._reader.join(END_SECONDS)
        assert status == 0, f"{self._child.args} ended with {status}:\n{self.output()}"


class Double(Process):
    """The scripted provider; answers as api.openai.com and tells what it received."""

    def __init__(self, directory):
        super().__init__("provider-double", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--dir", directory)
        self.port = int(self.find(r"^provider https://127\.0\.0\.1:(\d+)$"))
        self.admin = self.find(r"^admin (http://\S+)$")
        self.ca = self.find(r"^ca (\S+)$")
        # The section ends with an empty line.
        self.upstream_toml = self.find(r"^(\[upstream\]\n.*?\[upstream\.resolve\]\n.*?\n)\n")

    def requests(self):
        """Returns what came since the last `clear`, oldest first."""
        return http_json("GET", f"{self.admin}/requests")[1]["requests"]

    def clear(self):
        """Forgets what came."""
        http_json("DELETE", f"{self.admin}/requests")

    def release(self):
        """Lets answers that hold go on."""
        http_json("POST", f"{self.admin}/release")


class Gatehouse(Process):
    """The server under test, led to `double` by the configuration that the double prints."""

    def __init__(self, directory, double):
        config = Path(directory) / "gatehouse.toml"
        config.write_text(
            f'data_dir = "{directory}/data"\n'
            '[gateway]\nlisten = "127.0.0.1:0"\n'
            '[api]\nlisten = "127.0.0.1:0"\n'
            f'[bootstrap]\napi_key = "{KEY}"\n'
            f"{double.upstream_toml}"
        )
        super().__init__("gatehouse", "serve", "--config", config)
        self.gateway = self.find(r"^\s*gateway\s+(http://\S+)")
        self.port = int(self.gateway.rpartition(":")[2])
        self.api = self.find(r"^\s*api\s+(http://\S+)")
        until(lambda: self._is_ready(), START_SECONDS, "ready")

    def _is_ready(self):
        try:
            with urllib.request.urlopen(f"{self.api}/readyz", timeout=2) as response:
                return response.status == 200
        except OSError:
            return False

    def row(self, request_id):
        """Returns the logged call with its bodies, or None while there is none."""
        status, answer = http_json("GET", f"{self.api}/v1/request/{request_id}?includeBody=true", key=KEY)
        assert status in (200, 404), (status, answer)
        return answer["data"] if status == 200 else None
