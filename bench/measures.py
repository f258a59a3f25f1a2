"""What ./dev bench measures: one function per bench, each returns a dict of figures and conditions.

Every bench starts a real `kith serve` (release build) on an empty folder and talks to it over HTTP,
with the load generator on the same cores. Nothing is tuned: the schema and the settings are those
that `serve` uses, read back from the run itself.
"""
import dataclasses
import gzip
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tests", "lib"))
import cluster  # noqa: E402
import kith  # noqa: E402
import tap  # noqa: E402

MB = 1 << 20
LOAD = {"batch": 100, "visitors": 50, "orders": 10, "connections": 16, "depth": 2}
PEOPLE_POSTGRES_MAX = 200_000  # meeting people is slower there, and this bench is about events


@dataclasses.dataclass
class Plan:
    """How much is measured."""

    binary: str
    seconds: int  # of the ingest bench; the others take their share
    people: int  # customers known before
    events: int  # of the memory and start bench
    history: int  # events of the segments bench
    together: int  # seconds of everything at once
    watched: int  # people of the benches of watched segments


class Watch(threading.Thread):
    """Samples the size of the WAL while a reader keeps asking for pages of people."""

    def __init__(self, shop):
        super().__init__(daemon=True)
        self.shop, self.halt = shop, threading.Event()
        self.wal_max, self.reads, self.read_ms = 0, 0, []
        self.headers = shop.api.headers

    def run(self):
        reader = kith.Client(self.shop.port, self.headers)
        wal = os.path.join(self.shop.data, "kith.db-wal")
        while not self.halt.wait(0.25):
            if os.path.exists(wal):
                self.wal_max = max(self.wal_max, os.path.getsize(wal))
            started = time.monotonic()
            try:
                reader.get("/api/people?limit=50", timeout=30)
                self.reads += 1
                self.read_ms.append((time.monotonic() - started) * 1000)
            except OSError:
                continue

    def end(self):
        """Stops sampling."""
        self.halt.set()
        self.join()
        return self


def load(binary, port, key, **options):
    """Runs the load generator to its end; returns its totals."""
    generator = os.path.join(os.path.dirname(binary), "bench", "kith-load")
    flags = {**LOAD, **options}
    words = [word for name, value in flags.items() for word in (f"--{name}", str(value))]
    done = subprocess.run([generator, "--port", str(port), "--key", key, *words], text=True,
                          capture_output=True, check=False)
    if not done.stdout.strip():
        raise RuntimeError(f"kith-load: {done.stderr}")
    totals = json.loads(done.stdout)
    totals["trouble"] = done.stderr.strip()
    return totals


def people_born(plan, shop, key):
    """Meets each customer once; what a second brings of people nobody knew."""
    born = load(plan.binary, shop.port, key, seconds=1800, events=plan.people, people=plan.people,
                sequential=1, visitors=0, orders=0, seed=99)
    trouble_check(born)
    return {"people": born["events"], "people_per_second": round(born["events"] / born["elapsed"])}


def trouble_check(totals):
    """A run in which a connection broke or batches were refused measures nothing."""
    if totals["trouble"] or totals["refused"] or not totals["events"]:
        raise RuntimeError(f"kith-load: {totals}")


def schema(shop):
    """The event table as the store has it, and how many rows each table holds."""
    if shop.database:
        rows = {table: int(cluster.sql(shop.database, f"SELECT count(*) FROM {table}"))
                for table in ("event", "person", "orders")}
        columns = cluster.sql(shop.database, "SELECT string_agg(column_name || ' ' || data_type, ', ' ORDER BY "
                              "ordinal_position) FROM information_schema.columns WHERE table_name = 'event'")
        return {"event": columns, "rows": rows}
    with sqlite3.connect(f"file:{shop.data}/kith.db?mode=ro", uri=True) as store:
        rows = {table: store.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                for table in ("event", "person", "orders")}
        text = store.execute("SELECT sql FROM sqlite_master WHERE name = 'event'").fetchone()[0]
        pages = store.execute("PRAGMA page_size").fetchone()[0]
        mode = store.execute("PRAGMA journal_mode").fetchone()[0]
        return {"event": " ".join(text.split()), "rows": rows, "page_size": pages, "journal_mode": mode,
                "synchronous": "FULL"}


def server_flags(shop):
    """The command line of the running server."""
    with open(f"/proc/{shop.process.pid}/cmdline", "rb") as file:
        words = file.read().decode().split("\0")
    return " ".join(words[1:]).replace(shop.data, "DIR").strip()


def ingest(plan, kind):
    """Events a second as fast as they are answered, then latency at 80 % of that."""
    if kind == "postgres":
        plan = dataclasses.replace(plan, seconds=max(5, plan.seconds // 5),
                                   people=min(plan.people, PEOPLE_POSTGRES_MAX))
    calm_seconds = max(5, plan.seconds // 10)
    with kith.Shop(kind) as shop:
        key = shop.key("ingest")
        flags = server_flags(shop)
        born = people_born(plan, shop, key)
        watch = Watch(shop)
        watch.start()
        full = load(plan.binary, shop.port, key, people=plan.people, seconds=plan.seconds)
        watch.end()
        trouble_check(full)
        rate = int(full["events_per_second"] * 0.8)
        calm = load(plan.binary, shop.port, key, people=plan.people, seconds=calm_seconds, rate=rate, seed=2)
        trouble_check(calm)
        pages = person_pages(plan, shop)
        memory, metrics = memory_mb(shop), server_metrics(shop)
        shop.stop(limit_s=120)
        return {"full": full, "at_80": calm, "born": born, "wal_max_mb": round(watch.wal_max / MB, 1),
                "reads": watch.reads, "read_p99_ms": quantile(watch.read_ms, 0.99), "person_page_ms": pages,
                "flags": flags, "load": {**LOAD, "people": plan.people}, "memory_mb": memory,
                "metrics": metrics, "schema": schema(shop)}


def server_metrics(shop):
    """What the server counted about its writer."""
    text = shop.api.get("/metrics").body.decode()
    wanted = ("kith_wal", "kith_writer")
    lines = [line.rsplit(" ", 1) for line in text.splitlines() if line.startswith(wanted)]
    return {name: value for name, value in lines if "_bucket" not in name}


def quantile(values, share):
    """A quantile of a list, rounded; 0 for none."""
    return round(sorted(values)[int(len(values) * share)], 1) if values else 0


def person_pages(plan, shop):
    """Milliseconds for the person and the first page of the timeline, of 50 customers."""
    spent = []
    for at in range(50):
        found = shop.api.get(f"/api/people?q=customer-{at * 7919 % plan.people}&limit=1").json["people"]
        if not found:
            continue
        started = time.monotonic()
        shop.api.get(f"/api/people/{found[0]['id']}")
        shop.api.get(f"/api/people/{found[0]['id']}/timeline?limit=50")
        spent.append((time.monotonic() - started) * 1000)
    return {"n": len(spent), "median": round(statistics.median(spent), 1) if spent else None,
            "worst": round(max(spent), 1) if spent else None}


def memory_mb(shop):
    """Anonymous memory of the server now, in MB."""
    with open(f"/proc/{shop.process.pid}/status", encoding="ascii") as status:
        return round(next(int(line.split()[1]) for line in status if line.startswith("RssAnon")) / 1024, 1)


def peer(plan):
    """fastify + PostgreSQL under the same load; the better of one and two workers."""
    runs = {}
    seconds = max(5, plan.seconds // 10)
    with tempfile.TemporaryDirectory(prefix="kith-bench-") as folder:
        with cluster.Cluster(folder, durable=True) as postgres:
            for workers in (1, 2):
                runs[workers] = peer_run(plan, seconds, postgres.database(f"peer{workers}"), workers)
    rates = {workers: figures["full"]["events_per_second"] for workers, figures in runs.items()}
    best = max(rates, key=rates.get)
    return {**runs[best], "rates_by_workers": rates}


def peer_run(plan, seconds, url, workers):
    """One run of the peer."""
    port = cluster.port_free()
    server = subprocess.Popen(["node", os.path.join(ROOT, "bench/peer/server.mjs"), "--port", str(port),
                               "--database", url, "--workers", str(workers)], stdout=subprocess.PIPE, text=True)
    try:
        for _ in range(workers):
            if not server.stdout.readline():
                raise RuntimeError("the peer did not start")
        # As many batches in flight as Kith has, but each on its own connection: Node answers
        # pipelined requests one after the other.
        shape = {"connections": LOAD["connections"] * LOAD["depth"], "depth": 1, "people": plan.people}
        full = load(plan.binary, port, "peer", seconds=seconds, **shape)
        trouble_check(full)
        return {"full": full, "workers": workers, "load": {**LOAD, **shape}, **peer_conditions(url)}
    finally:
        server.terminate()
        server.wait(30)


def peer_conditions(url):
    """Rows, settings, versions and schema of the peer, read from its own database."""
    names = ("server_version", "fsync", "synchronous_commit", "full_page_writes", "shared_buffers", "wal_level",
             "max_wal_size", "checkpoint_timeout")
    columns = cluster.sql(url, "SELECT string_agg(column_name || ' ' || data_type, ', ' ORDER BY ordinal_position) "
                               "FROM information_schema.columns WHERE table_name = 'event'")
    node = subprocess.run(["node", "--version"], text=True, capture_output=True, check=True).stdout.strip()
    with open(os.path.join(ROOT, "bench/peer/package.json"), encoding="utf-8") as package:
        packages = json.load(package)["dependencies"]
    return {"rows": int(cluster.sql(url, "SELECT count(*) FROM event")),
            "settings": {name: cluster.sql(url, f"SHOW {name}") for name in names},
            "node": node, "packages": packages, "schema": f"{columns}, PRIMARY KEY (message_id)"}


def retail_write(path, run=0):
    """The gift shop's file; with a run's number its orders are others, of the same customers."""
    with gzip.open(tap.data_path("orders/online_retail.csv.gz"), "rt", encoding="utf-8") as packed, \
            open(path, "w", encoding="utf-8") as out:
        out.write(packed.readline())
        for line in packed:
            number, rest = line.split(",", 1)
            out.write(f"{number}{run or ''},{rest}")


def retail_import():
    """Seconds to import the 541,909 lines of the gift shop, the best and the worst of three."""
    spent = []
    with tempfile.TemporaryDirectory(prefix="kith-bench-") as folder:
        path = os.path.join(folder, "online_retail.csv")
        retail_write(path)
        for _ in range(3):
            with kith.Shop("sqlite", start=False) as shop:
                started = time.monotonic()
                shop.run("import", "orders", path, "--currency", "GBP", "--zone", "Europe/London")
                spent.append(round(time.monotonic() - started, 2))
                rows = schema(shop)["rows"]
    return {"seconds": spent, "best": min(spent), "worst": max(spent), "lines": 541909, "rows": rows}


def memory_and_start(plan):
    """Anonymous memory at rest and time to /readyz with all people and events."""
    with kith.Shop("sqlite") as shop:
        key = shop.key("ingest")
        people_born(plan, shop, key)
        totals = load(plan.binary, shop.port, key, people=plan.people, seconds=1800,
                      events=max(plan.events - plan.people, LOAD["batch"]))
        trouble_check(totals)
        after_load = memory_mb(shop)
        shop.stop(limit_s=120)
        starts = [start_timed(shop) for _ in range(3) if stopped(shop)]
        time.sleep(10)
        figures = {"events": totals["events"] + plan.people, "memory_after_load_mb": after_load,
                   "start_s": starts, "memory_mb": memory_mb(shop)}
        shop.kill()
        figures["start_after_kill_s"] = start_timed(shop)
        shop.stop(limit_s=120)
        return {**figures, "schema": schema(shop)}


def stopped(shop):
    """Stops the server if it runs."""
    if shop.process:
        shop.stop(limit_s=120)
    return True


def start_timed(shop):
    """Seconds from the start of the process to /readyz."""
    started = time.monotonic()
    shop.start()
    return round(time.monotonic() - started, 2)


def columns(plan):
    """Building, appending to, saving and opening the columns: a tenth of the events first, then all."""
    bench = os.path.join(os.path.dirname(plan.binary), "bench", "kith-columns-bench")
    sizes = {"small": (10_000_000, 100_000), "full": (100_000_000, 1_000_000)}
    figures = {}
    with tempfile.TemporaryDirectory(prefix="kith-bench-") as folder:
        for name, (events, people) in sizes.items():
            done = subprocess.run([bench, folder, str(events), str(people)], text=True, capture_output=True,
                                  check=True)
            figures[name] = json.loads(done.stdout)
    return figures


def cache_folder():
    """Where databases stay between runs."""
    return os.environ.get("KITH_BENCH_CACHE") or os.path.join(ROOT, "data", "bench")


def segments(plan):
    """Seven questions to Kith's rules, DuckDB, PostgreSQL and SQLite, which must answer alike."""
    import beside  # pylint: disable=import-outside-toplevel
    import databases  # pylint: disable=import-outside-toplevel
    programs = os.path.join(os.path.dirname(plan.binary), "bench")
    history = databases.History(os.path.join(cache_folder(), str(plan.history)),
                                os.path.join(programs, "kith-history"), plan.history, plan.people)
    for kind in databases.KINDS:
        databases.loaded(kind, history.folder, history)
    history.remove()
    kith_program = os.path.join(programs, "kith-segments-bench")
    figures = beside.all_ask(kith_program, history)
    figures["recheck"] = beside.recheck(kith_program, history)
    return figures


def fresh(plan):
    """How soon watched segments know what an acknowledged event did."""
    import live  # pylint: disable=import-outside-toplevel
    return live.fresh(dataclasses.replace(plan, people=plan.watched))


def together(plan):
    """Everything at once, for a quarter of an hour."""
    import live  # pylint: disable=import-outside-toplevel
    return live.together(dataclasses.replace(plan, people=plan.watched), plan.together)


def memory_small():
    """Anonymous memory at rest with the demo shop of 20,000 people; seconds to make it."""
    with kith.Shop("sqlite", start=False) as shop:
        port = cluster.port_free()
        started = time.monotonic()
        with open(os.path.join(shop.home, "log"), "wb") as log:
            shop.process = subprocess.Popen([kith.BINARY, "demo", "--data", shop.data, "--listen",
                                             f"127.0.0.1:{port}"], stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        shop.port = port
        shop.wait_ready(300)
        made = round(time.monotonic() - started, 1)
        shop.stop()
        shop.start()
        time.sleep(10)
        figures = {"demo_s": made, "memory_mb": memory_mb(shop)}
        shop.stop()
        return {**figures, "schema": schema(shop)}
