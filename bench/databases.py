"""The databases that rules are measured beside: each holds bench/history.h and answers SQL.

Loading a hundred million rows takes long, so what was loaded stays in a folder and is used again.
`event` is (name, person, ts, category, revenue) in small whole numbers, `person` is (person, country).
PostgreSQL and SQLite have two covering indexes, by (name, ts) and by (name, person, ts); DuckDB has the
table twice, sorted so, and `event` is asked for in each: the better one counts.
"""
import csv
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tests", "lib"))
import cluster  # noqa: E402

COLUMNS = {"event": "name smallint, person integer, ts bigint, category smallint, revenue bigint",
           "person": "person integer PRIMARY KEY, country text"}
POSTGRES_FLAGS = ("-c shared_buffers=4GB -c work_mem=1GB -c maintenance_work_mem=2GB "
                  "-c effective_cache_size=12GB -c max_worker_processes=8 -c max_parallel_workers=2 "
                  "-c max_parallel_workers_per_gather=2 -c random_page_cost=1.1 -c max_wal_size=8GB "
                  "-c timezone=UTC -c hash_mem_multiplier=2")


class TooSlow(Exception):
    """A statement ran longer than it may."""


class History:
    """The files that every database is loaded from; made when first needed."""

    def __init__(self, folder, program, events, people):
        self.folder, self.program, self.events, self.people = folder, program, events, people

    def file(self, what):
        """The path of `event` or `person` as CSV."""
        path = os.path.join(self.folder, f"{what}.csv")
        if not os.path.exists(path):
            with open(f"{path}.part", "wb") as out:
                kind = {"event": "events", "person": "people"}[what]
                subprocess.run([self.program, kind, str(self.events), str(self.people)], stdout=out, check=True)
            os.rename(f"{path}.part", path)
        return path

    def remove(self):
        """They are large, and needed once."""
        for what in COLUMNS:
            if os.path.exists(os.path.join(self.folder, f"{what}.csv")):
                os.remove(os.path.join(self.folder, f"{what}.csv"))


class Asked:
    """A database behind bench/peer/ask.mjs."""

    def __init__(self, kind, where):
        self.process = subprocess.Popen(["node", os.path.join(ROOT, "bench/peer/ask.mjs"), kind, where], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, sql, limit_s=86400):
        """Rows (of texts) and milliseconds."""
        self.process.stdin.write(json.dumps({"sql": sql, "limit_s": limit_s}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        reply = json.loads(line) if line else {"error": "it ended"}
        if reply.get("slow"):
            raise TooSlow(sql)
        if "error" in reply:
            raise RuntimeError(f"{sql}: {reply['error']}")
        return [[str(value) for value in row] for row in reply["rows"]], reply["ms"]

    def end(self):
        """Waits for its end."""
        self.process.stdin.close()
        self.process.wait(60)


class DuckDb:
    """DuckDB with two threads."""

    name, layouts, rounds = "duckdb", ("by_person", "by_time"), 5

    def __init__(self, folder):
        self.path = os.path.join(folder, "duck.db")
        self.asked = None

    def load(self, history):
        """The table in both orders."""
        if os.path.exists(self.path):
            os.remove(self.path)
        asked = Asked("duckdb", self.path)
        types = "{'name': 'UTINYINT', 'person': 'INTEGER', 'ts': 'BIGINT', 'category': 'UTINYINT', 'revenue': 'BIGINT'}"
        read = f"read_csv('{history.file('event')}', header=false, columns={types})"
        asked.ask(f"CREATE TABLE by_time AS SELECT * FROM {read} ORDER BY name, ts")
        asked.ask("CREATE TABLE by_person AS SELECT * FROM by_time ORDER BY name, person, ts")
        asked.ask(f"CREATE TABLE person AS SELECT * FROM read_csv('{history.file('person')}', header=false, "
                  "columns={'person': 'INTEGER', 'country': 'VARCHAR'})")
        asked.ask("CHECKPOINT")
        asked.end()

    def __enter__(self):
        self.asked = Asked("duckdb", self.path)
        return self

    def __exit__(self, *_):
        self.asked.end()

    def ask(self, sql, layout, limit_s):
        """Asks one of the two tables."""
        return self.asked.ask(sql.replace("FROM event", f"FROM {layout}"), limit_s)

    def conditions(self):
        """Version and size."""
        (row,), _ = self.asked.ask("SELECT version()")
        return {"version": row[0], "threads": 2, "bytes_an_event": os.path.getsize(self.path) / 2}


class Kept(cluster.Cluster):
    """A cluster whose folder stays."""

    def __enter__(self):
        if not os.path.exists(os.path.join(self.home, "data", "PG_VERSION")):
            os.makedirs(self.home, exist_ok=True)
            if os.getuid() == 0:
                os.chmod(os.path.dirname(self.home), 0o711)
                shutil.chown(self.home, "postgres")
            self._run(f"{cluster.binaries()}/initdb", "--no-sync", "-U", "postgres", "-A", "trust", "-E", "UTF8",
                      "--locale=C.UTF-8", "-D", os.path.join(self.home, "data"))
        flags = f"-h 127.0.0.1 -p {self.port} -k {self.home} -c fsync=off {POSTGRES_FLAGS}"
        self._run("sh", "-c", f"{cluster.binaries()}/pg_ctl -w -t 300 -D {self.home}/data -o '{flags}' "
                              f"-l {self.home}/log start >{self.home}/start 2>&1")
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/postgres"
        return self

    def __exit__(self, *_):
        self._run(f"{cluster.binaries()}/pg_ctl", "-m", "fast", "-t", "300", "-D", f"{self.home}/data", "stop")


class Postgres:
    """PostgreSQL with two covering indexes and two workers."""

    name, layouts, rounds = "postgres", ("indexed",), 3

    def __init__(self, folder):
        self.server = Kept(folder, durable=False)
        self.asked = None

    def load(self, history):
        """COPY, then the indexes, then VACUUM so that indexes alone can answer."""
        shutil.rmtree(self.server.home, ignore_errors=True)
        with self.server as server:
            for table, columns in COLUMNS.items():
                cluster.sql(server.url, f"CREATE UNLOGGED TABLE {table} ({columns})")
                with open(history.file(table), "rb") as rows:
                    subprocess.run([f"{cluster.binaries()}/psql", "-Xq", "-c",
                                    f"COPY {table} FROM STDIN (FORMAT csv)", server.url], stdin=rows, check=True)
            cluster.sql(server.url, "CREATE INDEX by_time ON event (name, ts) INCLUDE (person, category, revenue)")
            cluster.sql(server.url, "CREATE INDEX by_person ON event (name, person, ts) INCLUDE (revenue)")
            cluster.sql(server.url, "VACUUM ANALYZE")

    def __enter__(self):
        self.server.__enter__()
        self.asked = Asked("postgres", self.server.url)
        return self

    def __exit__(self, *_):
        self.asked.end()
        self.server.__exit__()

    def ask(self, sql, _layout, limit_s):
        """Asks."""
        return self.asked.ask(sql, limit_s)

    def conditions(self):
        """Version, settings and size."""
        (row,), _ = self.asked.ask("SELECT current_setting('server_version'), pg_total_relation_size('event')")
        return {"version": row[0], "settings": POSTGRES_FLAGS, "bytes_an_event": int(row[1])}


class Sqlite:
    """SQLite with two covering indexes."""

    name, layouts, rounds = "sqlite", ("indexed",), 3

    def __init__(self, folder):
        self.path = os.path.join(folder, "sqlite.db")
        self.store = None

    def open(self):
        """A connection with a large cache that keeps no journal."""
        store = sqlite3.connect(self.path, isolation_level=None)
        for setting in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-2000000", "mmap_size=17179869184",
                        "temp_store=FILE", "threads=2"):
            store.execute(f"PRAGMA {setting}")
        return store

    def load(self, history):
        """Rows, then the indexes."""
        if os.path.exists(self.path):
            os.remove(self.path)
        store = self.open()
        store.execute("PRAGMA page_size=8192")
        store.execute("BEGIN")
        for table, columns in COLUMNS.items():
            store.execute(f"CREATE TABLE {table} ({columns})")
            marks = ", ".join("?" * (columns.count(",") + 1))
            with open(history.file(table), newline="", encoding="ascii") as rows:
                store.executemany(f"INSERT INTO {table} VALUES ({marks})", csv.reader(rows))
        store.execute("CREATE INDEX by_time ON event (name, ts, person, category, revenue)")
        store.execute("CREATE INDEX by_person ON event (name, person, ts, revenue)")
        store.execute("COMMIT")
        store.execute("ANALYZE")
        store.close()

    def __enter__(self):
        self.store = self.open()
        return self

    def __exit__(self, *_):
        self.store.close()

    def ask(self, sql, _layout, limit_s):
        """Asks; a statement over the limit is ended."""
        started = time.perf_counter()
        self.store.set_progress_handler(lambda: time.perf_counter() - started > limit_s, 1_000_000)
        try:
            rows = self.store.execute(sql).fetchall()
        except sqlite3.OperationalError as error:
            if "interrupted" in str(error):
                raise TooSlow(sql) from error
            raise
        return [[str(value) for value in row] for row in rows], (time.perf_counter() - started) * 1e3

    def conditions(self):
        """Version and size."""
        return {"version": sqlite3.sqlite_version, "bytes_an_event": os.path.getsize(self.path)}


KINDS = (DuckDb, Postgres, Sqlite)


def loaded(kind, folder, history):
    """The database, loaded unless the folder has it."""
    os.makedirs(folder, exist_ok=True)
    database, mark = kind(folder), os.path.join(folder, f"{kind.name}.loaded")
    if not os.path.exists(mark):
        started = time.monotonic()
        print(f"loading {kind.name} …", flush=True)
        database.load(history)
        with open(mark, "w", encoding="utf-8") as out:
            out.write(f"{time.monotonic() - started:.0f}\n")
    return database
