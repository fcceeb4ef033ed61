"""Measures how long the API takes for what the dashboard's pages ask, over made-up calls, and prints a table.

Also measures how fast calls are stored with and without queries beside them. See README.md beside this file. Only
loopback addresses are used; the data lies in a folder that is removed at the end.
"""

import argparse
import contextlib
import http.client
import json
import pathlib
import shutil
import signal
import statistics
import subprocess
import tempfile
import threading
import time

import bench

GOALS_MS = {1_000_000: 50, 10_000_000: 300}
SEARCH_GOAL_MS = 2_000
START_SECONDS = 300
# What made-up calls take on the disk, with bodies and without, with room for DuckDB's log.
ROW_BYTES = {True: 1_300, False: 500}
TILES = [
    "requests", "cost", "errors", "latency_average", "latency_p95", "ttft_average", "total_tokens", "users", "saved_cost",
    "threats", "cost_unknown", "tokens_unknown",
]
CHARTS = [
    "requests", "errors", "cost", "cost_unknown", "users", "threats", "total_tokens", "latency_average", "saved_cost",
    "latency_p50", "latency_p75", "latency_p95", "latency_p99", "ttft_p50", "ttft_p95", "prompt_tokens",
    "completion_tokens", "cache_read_tokens", "reasoning_tokens",
]
TOPS = ["requests", "cost", "total_tokens"]
DAY = 86_400


def iso(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(seconds))


def span(days):
    now = time.time()
    return {"start": iso(now - days * DAY), "end": iso(now)}


def leaf(column, test):
    return {"request_response_rmt": {column: test}}


def both(left, right):
    return {"left": left, "operator": "and", "right": right}


class Api:
    """One connection to the API."""

    def __init__(self, port):
        self.port = port
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def ask(self, method, path, body=None):
        """Asks once and returns the answer, its headers and how many ms it took."""
        headers = {"Authorization": f"Bearer {bench.KEY}", "Content-Type": "application/json"}
        text = None if body is None else json.dumps(body)
        begun = time.perf_counter()
        self.connection.request(method, path, text, headers)
        answer = self.connection.getresponse()
        data = answer.read()
        took = (time.perf_counter() - begun) * 1e3
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path} answered {answer.status}: {data[:300]!r}")
        return data, answer.headers, took


def metrics(days, measures, groups=(), filter="all", **more):
    body = {"filter": filter, "timeFilter": span(days), "groupBy": list(groups), "measures": measures, **more}
    return ("POST", "/v1/metrics/query", body)


def top(days, group):
    return metrics(days, TOPS, [group], sort=[{"by": "requests", "direction": "desc"}], limit=8)


def listed(filter="all", limit=50, **more):
    return ("POST", "/v1/request/query-clickhouse", {"filter": filter, "limit": limit, **more})


def deep_cursor(api, pages):
    """The cursor after so many pages of 1,000 calls."""
    cursor = None
    for _ in range(pages):
        more = {"cursor": cursor} if cursor else {}
        _, headers, _ = api.ask(*listed(limit=1_000, sort={"created_at": "desc"}, **more))
        cursor = headers.get("gatehouse-next-cursor")
    return cursor


def dashboard(days):
    """What the dashboard's page asks when it is opened, all at once."""
    increment = "hour" if days <= 7 else "day"
    return [
        metrics(days, TILES),
        metrics(days, CHARTS, [{"time": increment}], limit=10_000),
        metrics(days, ["requests"], [{"time": increment}, "status"], limit=10_000),
        *(top(days, group) for group in ("model", "provider", "user", "country")),
        metrics(days, ["requests"], ["propertyName"], sort=[{"by": "requests", "direction": "desc"}], limit=50),
        top(days, {"property": "Feature"}),
    ]


def questions(api, days):
    """Every question: what it is called, how it is asked, and its goal if it has one of its own."""
    tiles, charts, statuses, models, providers, users, countries, names, property = dashboard(days)
    page, headers, _ = api.ask(*listed(limit=1, sort={"created_at": "desc"}))
    row = json.loads(page)["data"][0]
    _, headers, _ = api.ask(*listed(sort={"created_at": "desc"}))
    second = headers.get("gatehouse-next-cursor")
    production = leaf("properties", {"Environment": {"equals": "staging"}})
    model = leaf("model", {"equals": "gpt-4o-2024-08-06"})
    errors = leaf("status", {"gte": 400})
    recent = leaf("request_created_at", {"gte": iso(time.time() - DAY)})
    unix = {"startTimeUnixMs": int((time.time() - days * DAY) * 1e3), "endTimeUnixMs": int(time.time() * 1e3)}
    over_time = {"filter": "all", "timeFilter": span(days), "dbIncrement": "day", "timeZoneDifference": 0}
    yield "dashboard: tiles", tiles
    yield "dashboard: charts over time", charts
    yield "dashboard: statuses over time", statuses
    yield "dashboard: top models", models
    yield "dashboard: top providers", providers
    yield "dashboard: top users", users
    yield "dashboard: countries", countries
    yield "dashboard: names of properties", names
    yield "dashboard: top values of a property", property
    yield "dashboard: tiles of a day", metrics(1, TILES)
    yield "dashboard: charts of a day by the hour", metrics(1, CHARTS, [{"time": "hour"}], limit=10_000)
    yield "filtered by model: tiles", metrics(days, TILES, filter=model)
    yield "filtered by model: charts", metrics(days, CHARTS, [{"time": "day"}], filter=model, limit=10_000)
    yield "filtered by property: tiles", metrics(days, TILES, filter=production)
    yield "Helicone: totalRequests", ("POST", "/v1/metrics/totalRequests", {"filter": "all", "timeFilter": span(days)})
    yield "Helicone: totalCost", ("POST", "/v1/metrics/totalCost", {"filter": "all", "timeFilter": span(days)})
    yield "Helicone: requestOverTime", ("POST", "/v1/metrics/requestOverTime", over_time)
    yield "Helicone: costOverTime", ("POST", "/v1/metrics/costOverTime", over_time)
    yield "Helicone: latencyOverTime", ("POST", "/v1/metrics/latencyOverTime", over_time)
    yield "Helicone: quantiles", ("POST", "/v1/metrics/quantiles", {**over_time, "metric": "latency"})
    yield "Helicone: models", ("POST", "/v1/metrics/models", {"filter": "all", "timeFilter": span(days), "offset": 0, "limit": 10})
    yield "requests: first page", listed(sort={"created_at": "desc"})
    yield "requests: second page", listed(sort={"created_at": "desc"}, cursor=second)
    yield "requests: page after 20,000", listed(sort={"created_at": "desc"}, cursor=deep_cursor(api, 20))
    yield "requests: page at offset 20,000", listed(sort={"created_at": "desc"}, offset=20_000)
    yield "requests: by cost", listed(sort={"cost": "desc"})
    yield "requests: by latency", listed(sort={"latency": "desc"})
    yield "requests: of a property", listed(production, sort={"created_at": "desc"})
    yield "requests: errors of a model", listed(both(errors, model), sort={"created_at": "desc"})
    yield "requests: of the last day", listed(recent, sort={"created_at": "desc"})
    yield "requests: count of all", ("POST", "/v1/request/count/query", {"filter": "all"})
    yield "requests: count of a property", ("POST", "/v1/request/count/query", {"filter": production})
    yield "request by id, with bodies", ("GET", f"/v1/request/{row['request_id']}?includeBody=true", None)
    yield "sessions", ("POST", "/v1/session/query", {"search": "", "filter": "all", "timezoneDifference": 0, "timeFilter": unix, "offset": 0, "limit": 50})
    yield "users", ("POST", "/v1/user/metrics/query", {"filter": "all", "timeFilter": span(days), "offset": 0, "limit": 50, "sort": {"cost": "desc"}})
    yield "values of a property", ("POST", "/v1/property/Environment/search", {"searchTerm": "", "limit": 100})
    yield "properties", ("POST", "/v1/property/query", {"filter": "all", "timeFilter": span(days)})
    yield "SQL: count by model", ("POST", "/v1/helicone-sql/execute", {"sql": "SELECT model, count(*) AS calls FROM request_response_rmt GROUP BY model ORDER BY calls DESC LIMIT 20"})


def search(needle):
    return ("POST", "/v1/request/search", {"filter": "all", "query": needle, "limit": 50})


def measure(api, question, runs, patience):
    """The times of up to `runs` runs, after one that is not counted; fewer where they take longer than `patience`."""
    api.ask(*question)
    times, begun = [], time.monotonic()
    while len(times) < runs and (len(times) < 5 or time.monotonic() - begun < patience):
        times.append(api.ask(*question)[2])
    return times


def at_once(port, asked):
    """How many ms it takes to have all of these answered, asked as a browser does, six at a time."""
    left, lock, problems = list(asked), threading.Lock(), []

    def work():
        api = Api(port)
        while True:
            with lock:
                if not left:
                    return
                question = left.pop(0)
            try:
                api.ask(*question)
            except RuntimeError as problem:
                problems.append(problem)

    begun = time.perf_counter()
    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]
    return (time.perf_counter() - begun) * 1e3


def percentile(times, share):
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def print_row(name, times, goal):
    p95 = percentile(times, 0.95)
    verdict = "" if goal is None else ("yes" if p95 <= goal else "NO")
    goal = "" if goal is None else str(goal)
    print(
        f"{name:42}{len(times):>5}{min(times):>10.1f}{statistics.median(times):>10.1f}{p95:>10.1f}{goal:>8}{verdict:>6}",
        flush=True,
    )
    return p95


def table(port, rows, has_bodies, days, arguments):
    api = Api(port)
    goal = GOALS_MS.get(rows)
    print(f"\n{rows:,} calls of {days} days, times in ms at the client, one after the other")
    print(f"{'':42}{'runs':>5}{'min':>10}{'p50':>10}{'p95':>10}{'goal':>8}{'met':>6}")
    worst = {}
    for name, question in questions(api, days):
        try:
            worst[name] = print_row(name, measure(api, question, arguments.runs, arguments.patience), goal)
        except RuntimeError as problem:
            print(f"{name:42}  {problem}", flush=True)
    pages = [at_once(port, dashboard(days)) for _ in range(5)]
    print_row("dashboard: the whole page at once", pages, None)
    if has_bodies and rows <= 1_000_000:
        for needle in ("Reference 123456", "photosynthesis", "no such text anywhere"):
            try:
                times = measure(api, search(needle), 5, arguments.patience)
                print_row(f"search of bodies: {needle}", times, SEARCH_GOAL_MS)
            except RuntimeError as problem:
                print(f"search of bodies: {needle}  {problem}", flush=True)
    if goal is not None:
        missed = sum(p95 > goal for p95 in worst.values())
        print(f"{len(worst) - missed} of {len(worst)} within {goal} ms")


def interactions(port):
    """Has a browser use the dashboard, and prints how long it takes to paint after each key and click."""
    print("\nthe dashboard in a browser, from each key or click to the next paint, in ms", flush=True)
    installed = bench.ROOT / "tests" / "clients" / "node_modules"
    if shutil.which("node") is None or not installed.exists():
        print("  left out: it needs Node.js and the packages of the tests (make test installs them)")
        return
    script = pathlib.Path(__file__).with_name("interactions.mjs")
    subprocess.run(["node", script, f"http://127.0.0.1:{port}", bench.KEY], check=False)


def ingestion(directory, gateway, api_port, days, seconds):
    """How many calls a second are stored, with and without queries beside them."""
    origin_port = bench.free_port()
    http_part = (
        f"server {{ listen 127.0.0.1:{origin_port}; location / "
        f"{{ default_type application/json; return 200 '{bench.ANSWER}'; }} }}"
    )
    origin = bench.start_nginx(directory, "origin", http_part)
    headers = {"Helicone-Target-Url": f"http://127.0.0.1:{origin_port}", "Helicone-Auth": f"Bearer {bench.KEY}"}

    def rate():
        begun = time.monotonic()
        calls = bench.load(directory, gateway, headers, seconds, 16)
        sent = time.monotonic() - begun
        bench.wait_until_stored(api_port)
        return calls / sent, calls / (time.monotonic() - begun)

    try:
        bench.wait_for_port(origin_port)
        bench.load(directory, gateway, headers, 1, 16)
        bench.wait_until_stored(api_port)
        alone = rate()
        stop, asked = threading.Event(), []

        def query():
            api = Api(api_port)
            while not stop.is_set():
                for question in dashboard(days):
                    asked.append(api.ask(*question)[2])

        thread = threading.Thread(target=query)
        thread.start()
        beside = rate()
        stop.set()
        thread.join()
    finally:
        origin.terminate()
        origin.wait()
    print("\ncalls a second through the gateway while the load lasts, and stored until the log store has all of them:")
    print(f"  alone                  {alone[0]:>8.0f}{alone[1]:>10.0f}")
    print(f"  with queries beside    {beside[0]:>8.0f}{beside[1]:>10.0f}    ({len(asked)} queries, p50 {statistics.median(asked):.0f} ms)")
    print(f"  ratio                  {beside[0] / alone[0]:>8.2f}{beside[1] / alone[1]:>10.2f}")
    print("  (load, origin, server and queries share this machine's cores)")


def wait_until_ready(port, process):
    """Waits until the server is ready and the log store answers; bringing an older store up to date may take a while."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError, RuntimeError, http.client.HTTPException):
            api = Api(port)
            api.ask("GET", "/readyz")
            api.ask("POST", "/v1/request/count/query", {"filter": "all"})
            return
        time.sleep(0.2)
    raise SystemExit("bench: the server does not get ready")


@contextlib.contextmanager
def server(binary, data, directory):
    gateway, api = bench.free_port(), bench.free_port()
    config = directory / "queries.toml"
    config.write_text(
        f'data_dir = "{data}"\n'
        f'[gateway]\nlisten = "127.0.0.1:{gateway}"\n'
        f'[api]\nlisten = "127.0.0.1:{api}"\n'
        f'[bootstrap]\napi_key = "{bench.KEY}"\n'
        '[upstream]\nallow_http = true\nallow_private = ["127.0.0.0/8"]\n'
    )
    with open(directory / "server.log", "wb") as log:
        process = subprocess.Popen([binary, "serve", "--config", config], stdout=log, stderr=log)
    try:
        wait_until_ready(api, process)
        yield gateway, api
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=bench.DEADLINE_SECONDS)


def seed(binary, data, rows, days, has_bodies):
    command = [binary, "dev", "seed", "--rows", str(rows), "--days", str(days), "--data-dir", data]
    begun = time.monotonic()
    subprocess.run(command + ([] if has_bodies else ["--no-bodies"]), check=True, stdout=subprocess.DEVNULL)
    took = time.monotonic() - begun
    kept = sum(file.stat().st_size for file in pathlib.Path(data).iterdir())
    kind = "with bodies" if has_bodies else "without bodies"
    print(f"\nmade {rows:,} calls {kind}: {rows / took:,.0f} a second, {kept / rows:,.0f} bytes each", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 10_000_000], help="how many calls; 10 M are left out where the disk is too small")
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--runs", type=int, default=20, help="runs of each question")
    parser.add_argument("--patience", type=float, default=30, help="seconds after which a question is run no more, but for 5 runs")
    parser.add_argument("--data", type=pathlib.Path, help="a data directory with seeded calls, used in place of new ones; it is copied")
    parser.add_argument("--binary", type=pathlib.Path, default=bench.ROOT / "target" / "release" / "gatehouse")
    parser.add_argument("--seconds", type=int, default=10, help="how long each load of calls lasts; 0 leaves them out")
    arguments = parser.parse_args()
    for rows in arguments.rows:
        has_bodies = rows <= 1_000_000
        with tempfile.TemporaryDirectory() as name:
            directory = pathlib.Path(name)
            directory.chmod(0o755)
            needed, free = rows * ROW_BYTES[has_bodies] * 3 // 2, shutil.disk_usage(directory).free
            if free < needed:
                print(f"\n{rows:,} calls are left out: they need {needed / 1e9:.0f} GB in {directory}, {free / 1e9:.0f} GB are free")
                continue
            data = directory / "data"
            if arguments.data:
                shutil.copytree(arguments.data, data)
            else:
                seed(arguments.binary, data, rows, arguments.days, has_bodies)
            with server(arguments.binary, data, directory) as (gateway, api):
                table(api, rows, has_bodies, arguments.days, arguments)
                if has_bodies:
                    interactions(api)
                if arguments.seconds and shutil.which("nginx") and shutil.which("wrk"):
                    ingestion(directory, gateway, api, arguments.days, arguments.seconds)


if __name__ == "__main__":
    main()
