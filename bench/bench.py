"""Compares the CPU time per call of gatehouse and nginx on the same exchange, in one run.

Prints one table; see README.md beside this file. Only loopback addresses are used, and every load ends by itself.
"""

import argparse
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
KEY = "sk-helicone-aaaaaaa-bbbbbbb-ccccccc-ddddddd"
TICKS = os.sysconf("SC_CLK_TCK")
DEADLINE_SECONDS = 60

ANSWER = json.dumps(
    {
        "id": "chatcmpl-bench",
        "object": "chat.completion",
        "created": 1760000000,
        "model": "gpt-4o-mini-2024-07-18",
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": "x" * 640}, "finish_reason": "stop"}
        ],
        "usage": {"prompt_tokens": 200, "completion_tokens": 150, "total_tokens": 350},
    }
)
QUESTION = json.dumps(
    {"model": "gpt-4o-mini", "user": "bench", "messages": [{"role": "user", "content": "y" * 900}]}
)

NGINX = """
worker_processes 2;
pid {dir}/{name}.pid;
error_log {dir}/{name}.err;
daemon off;
master_process on;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  keepalive_requests 100000000;
  client_body_temp_path {dir}/{name}-body;
  proxy_temp_path {dir}/{name}-proxy;
  fastcgi_temp_path {dir}/{name}-fastcgi;
  uwsgi_temp_path {dir}/{name}-uwsgi;
  scgi_temp_path {dir}/{name}-scgi;
  {http}
}}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port):
    end = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    sys.exit(f"bench: nothing listens on port {port}")


def start_nginx(directory, name, http):
    config = directory / f"{name}.conf"
    config.write_text(NGINX.format(dir=directory, name=name, http=http))
    return subprocess.Popen(["nginx", "-c", str(config), "-e", str(directory / f"{name}.err")])


def processes_of(pid):
    """The process and its children (nginx works in children)."""
    children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *map(int, children)]


def cpu_seconds(pid):
    total = 0
    for process in processes_of(pid):
        fields = pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def cpu_by_thread(pid):
    """CPU seconds by thread name, of one process."""
    spent = {}
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        name, rest = (task / "stat").read_text().split("(", 1)[1].rsplit(")", 1)
        fields = rest.split()
        spent[name] = spent.get(name, 0) + (int(fields[11]) + int(fields[12])) / TICKS
    return spent


def wrk_script(directory, headers):
    lines = [f'wrk.headers["{name}"] = {json.dumps(value)}' for name, value in headers.items()]
    script = directory / "call.lua"
    script.write_text(
        'wrk.method = "POST"\n'
        f"wrk.body = {json.dumps(QUESTION)}\n"
        'wrk.headers["Content-Type"] = "application/json"\n'
        'wrk.headers["Authorization"] = "Bearer sk-provider"\n' + "\n".join(lines)
    )
    return script


def wrk(directory, port, headers, seconds, connections):
    """Runs wrk and returns what it prints."""
    script = wrk_script(directory, headers)
    url = f"http://127.0.0.1:{port}/v1/chat/completions"
    command = ["wrk", "--latency", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(script), url]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in output or "Socket errors" in output:
        sys.exit(f"bench: calls failed:\n{output}")
    return output


def load(directory, port, headers, seconds, connections):
    """Runs wrk and returns the number of calls that succeeded."""
    output = wrk(directory, port, headers, seconds, connections)
    return int(re.search(r"(\d+) requests in", output).group(1))


def latencies(directory, port, headers, seconds, connections):
    """Runs wrk and returns the median and the 99th percentile of the latency, as it prints them."""
    output = wrk(directory, port, headers, seconds, connections)
    return [re.search(rf"^\s*{percent}%\s+(\S+)$", output, re.MULTILINE).group(1) for percent in (50, 99)]


def metric(api, name):
    request = urllib.request.Request(f"http://127.0.0.1:{api}/metrics", headers={"Authorization": f"Bearer {KEY}"})
    text = urllib.request.urlopen(request, timeout=10).read().decode()
    found = re.search(rf"^{name} (\S+)$", text, re.MULTILINE)
    return float(found.group(1)) if found else 0.0


def wait_until_stored(api):
    """Waits until the log store has caught up, so that its work is counted too."""
    end = time.monotonic() + DEADLINE_SECONDS
    while metric(api, "gatehouse_journal_lag_bytes") > 0:
        if time.monotonic() > end:
            sys.exit("bench: the log store does not catch up")
        time.sleep(0.1)


@contextlib.contextmanager
def gatehouse(directory, name):
    gateway, api = free_port(), free_port()
    config = directory / f"{name}.toml"
    config.write_text(
        f'data_dir = "{directory}/{name}"\n'
        f'[gateway]\nlisten = "127.0.0.1:{gateway}"\nrequire_auth = false\n'
        f'[api]\nlisten = "127.0.0.1:{api}"\n'
        f'[bootstrap]\napi_key = "{KEY}"\n'
        '[upstream]\nallow_http = true\nallow_private = ["127.0.0.0/8"]\n'
    )
    binary = ROOT / "target" / "release" / "gatehouse"
    process = subprocess.Popen([binary, "serve", "--config", config], stdout=subprocess.DEVNULL)
    try:
        wait_for_port(gateway)
        yield process, gateway, api
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=DEADLINE_SECONDS)


def measure(pid, run, settle=lambda: None):
    """Returns CPU microseconds per call."""
    before = cpu_seconds(pid)
    calls = run()
    settle()
    return (cpu_seconds(pid) - before) * 1e6 / calls, calls


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=10, help="how long each load lasts")
    parser.add_argument("--connections", type=int, default=32)
    arguments = parser.parse_args()
    for tool in ("nginx", "wrk"):
        if not shutil.which(tool):
            sys.exit(f"bench: {tool} is missing (Debian packages nginx-light and wrk)")
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        compare(pathlib.Path(name), stack, arguments)


def compare(directory, stack, arguments):
    os.chmod(directory, 0o755)
    origin_port, proxy_port = free_port(), free_port()
    origin = start_nginx(
        directory,
        "origin",
        f"server {{ listen 127.0.0.1:{origin_port}; location / {{ default_type application/json; return 200 '{ANSWER}'; }} }}",
    )
    proxy = start_nginx(
        directory,
        "proxy",
        f"upstream origin {{ server 127.0.0.1:{origin_port}; keepalive 64; }}\n"
        f"server {{ listen 127.0.0.1:{proxy_port}; location / {{ proxy_pass http://origin; "
        f'proxy_http_version 1.1; proxy_set_header Connection ""; }} }}',
    )
    for server in (origin, proxy):
        stack.callback(server.wait)
        stack.callback(server.terminate)
    wait_for_port(origin_port)
    wait_for_port(proxy_port)
    target = {"Helicone-Target-Url": f"http://127.0.0.1:{origin_port}"}
    keyed = {**target, "Helicone-Auth": f"Bearer {KEY}"}
    cached = {**keyed, "Helicone-Cache-Enabled": "true"}

    def calls(port, headers):
        return lambda: load(directory, port, headers, arguments.seconds, arguments.connections)

    process, gateway, api = stack.enter_context(gatehouse(directory, "gatehouse"))
    for port, headers in ((proxy_port, {}), (gateway, target), (gateway, keyed), (gateway, cached)):
        load(directory, port, headers, 1, arguments.connections)
    wait_until_stored(api)
    nginx, nginx_calls = measure(proxy.pid, calls(proxy_port, {}))
    bare, bare_calls = measure(process.pid, calls(gateway, target))
    threads = cpu_by_thread(process.pid)
    full, full_calls = measure(process.pid, calls(gateway, keyed), lambda: wait_until_stored(api))
    after = cpu_by_thread(process.pid)
    hits = metric(api, "gatehouse_cache_hits_total")
    hit, hit_calls = measure(process.pid, calls(gateway, cached), lambda: wait_until_stored(api))
    if metric(api, "gatehouse_cache_hits_total") - hits < hit_calls:
        sys.exit("bench: the cache did not answer every call")
    rows = [
        ("nginx", nginx, nginx_calls),
        ("gatehouse, not recorded", bare, bare_calls),
        ("gatehouse", full, full_calls),
        ("gatehouse, from its cache", hit, hit_calls),
    ]
    print(f"{'':28}{'calls':>9}{'CPU µs/call':>14}{'× nginx':>10}")
    for label, cost, count in rows:
        print(f"{label:28}{count:>9}{cost:>14.1f}{cost / nginx:>10.2f}")
    print("\nwhere the time of `gatehouse` goes (CPU µs/call by thread):")
    for label, seconds in sorted(after.items(), key=lambda item: -item[1]):
        spent = (seconds - threads.get(label, 0)) * 1e6 / full_calls
        if spent >= 0.05:
            print(f"  {label:24}{spent:>8.1f}")
    print("\nlatency of a hit of the cache:")
    for connections in (1, arguments.connections):
        median, slow = latencies(directory, gateway, cached, arguments.seconds, connections)
        print(f"  {connections:>3} at once    median {median:>8}    p99 {slow:>8}")
    dropped = metric(api, "gatehouse_records_dropped_total")
    print(f"\nrecords dropped: {dropped:.0f}")


if __name__ == "__main__":
    main()
