"""A real Kith for tests: a data folder, a running `build/kith serve`, and clients of it.

    with Shop("sqlite") as shop:
        shop.ingest.track(userId="ann", event="Order Completed", properties={...})
        person = shop.api.get("/api/people?q=ann").json["people"][0]

Nothing here reaches into the database: tests see what a shop owner and a developer see.
"""
import argparse
import base64
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.parse

import cluster
import tap

BINARY = os.environ.get("KITH_BINARY", os.path.join(tap.root(), "build", "kith"))
READY_S = 60
OWNER = {"name": "Olive Owner", "email": "olive@shop.example", "password": "correct horse battery"}


class Failed(Exception):
    """A command ended with another status than 0."""


class Reply:
    """What the server answered."""

    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def json(self):
        """The body as JSON."""
        return json.loads(self.body)


class Client:
    """HTTP with one identity (key, session or none), one connection a request."""

    def __init__(self, port, headers=None):
        self.port = port
        self.headers = dict(headers or {})

    def request(self, method, path, body=None, headers=None, timeout=90):
        """Sends one request. A dict or list goes as JSON, bytes and text as they are."""
        all_headers = {**self.headers, **(headers or {})}
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
            all_headers.setdefault("Content-Type", "application/json")
        if isinstance(body, str):
            body = body.encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body, all_headers)
            return Reply(connection.getresponse())
        finally:
            connection.close()

    def get(self, path, **options):
        """GET."""
        return self.request("GET", path, **options)

    def post(self, path, body=None, **options):
        """POST."""
        return self.request("POST", path, body, **options)

    def put(self, path, body=None, **options):
        """PUT."""
        return self.request("PUT", path, body, **options)

    def delete(self, path, **options):
        """DELETE."""
        return self.request("DELETE", path, **options)


class Tracker(Client):
    """The tracking API with a key by Basic, as the SDKs send it."""

    def __init__(self, port, key):
        token = base64.b64encode(f"{key}:".encode()).decode()
        super().__init__(port, {"Authorization": f"Basic {token}"})
        self.key = key

    def send(self, kind, **event):
        """One event of a kind: identify, track, page …"""
        return self.post(f"/v1/{kind}", event)

    def track(self, **event):
        """One `track` event."""
        return self.send("track", **event)

    def identify(self, **event):
        """One `identify` event."""
        return self.send("identify", **event)

    def batch(self, events):
        """A batch."""
        return self.post("/v1/batch", {"batch": events})


def basic_env():
    """The environment of a child: ours without test settings of ours."""
    return {key: value for key, value in os.environ.items() if not key.startswith("KITH_TEST")}


def command(*arguments, check=True, stdin=None, timeout=300, env=None):
    """Runs `kith ARGUMENTS`; returns the finished process (text)."""
    done = subprocess.run([BINARY, *map(str, arguments)], text=True, capture_output=True,
                          input=stdin, timeout=timeout, check=False,
                          env={**basic_env(), **(env or {})})
    if check and done.returncode != 0:
        raise Failed(f"kith {' '.join(map(str, arguments))}: status {done.returncode}: "
                     f"{done.stderr.strip()[-1500:]}")
    return done


class Shop:
    """One data folder and its server. `kind`: "sqlite" or "postgres"."""

    def __init__(self, kind="sqlite", start=True, profile=True, folder=None, options=()):
        self.kind = kind
        self.home = folder or tempfile.mkdtemp(prefix="kith-test-")
        self.mine = folder is None
        self.data = os.path.join(self.home, "data")
        self.options = list(options)
        self.process = None
        self.port = 0
        self.profile = profile
        self.autostart = start
        self.database = None
        self.log_from = 0  # where this start's part of the log begins
        self._clients = {}
        if kind == "postgres":
            name = "kith_" + os.path.basename(self.home).replace("-", "_").lower()
            self.database = cluster.database_make(os.environ["KITH_TEST_POSTGRES"], name)

    def __enter__(self):
        try:
            if self.autostart:
                self.start()
                if self.profile:
                    self.set_up()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.kill()
        if self.mine and not os.environ.get("KITH_TEST_KEEP"):
            shutil.rmtree(self.home, ignore_errors=True)

    def flags(self):
        """What every command on this store needs."""
        database = ["--database", self.database] if self.database else []
        return ["--data", self.data, *database]

    def run(self, *arguments, **options):
        """Runs a command on this data folder."""
        return command(*arguments, *self.flags(), **options)

    def start(self, extra=(), wait=True):
        """Starts the server on a free port and waits until it is ready."""
        self.port = cluster.port_free()
        os.makedirs(self.home, exist_ok=True)
        with open(os.path.join(self.home, "log"), "ab") as log:
            self.log_from = log.tell()
            self.process = subprocess.Popen(
                [BINARY, "serve", *self.flags(), "--listen", f"127.0.0.1:{self.port}",
                 *self.options, *extra],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=basic_env())
        self._clients = {key: value for key, value in self._clients.items() if key == "keys"}
        if wait:
            self.wait_ready()

    def wait_ready(self, limit_s=READY_S):
        """Waits for /readyz; fails when the server ended or takes too long."""
        end = time.monotonic() + limit_s
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise Failed(f"the server ended with {self.process.returncode}: {self.log_tail()}")
            try:
                if Client(self.port).get("/readyz", timeout=5).status == 200:
                    return
            except OSError:
                pass
            time.sleep(0.01)
        raise Failed(f"not ready after {limit_s} s: {self.log_tail()}")

    def log(self, start=0):
        """All that the server ever wrote, from a byte on."""
        with open(os.path.join(self.home, "log"), "rb") as file:
            file.seek(start)
            return file.read().decode(errors="replace")

    def log_tail(self):
        """The end of it."""
        return self.log()[-1500:]

    def kill(self):
        """kill -9, and wait until it is gone."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        if self.process:
            self.process.wait()
        self.process = None

    def stop(self, limit_s=90):
        """An orderly end; returns the exit status."""
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(limit_s)
        self.process = None
        return status

    def restart(self):
        """Orderly end, and a new start."""
        self.stop()
        self.start()

    def set_up(self, currency="GBP", zone="Europe/London"):
        """The first steps of an owner: the one-time link, then the business profile."""
        pattern = r"https?://\S*/(?:setup|set-up)\S*?([A-Za-z0-9_-]{20,})"
        # The server answers a moment before it has said where it is; each start makes a new link.
        link = wait_until(lambda: re.search(pattern, self.log(self.log_from)), "a set-up link in the output")
        reply = self.nobody.post("/api/setup", {**OWNER, "token": link.group(1), "language": "en"})
        tap.want_true(reply.status in (200, 201), f"set-up: {reply.status} {reply.body!r}")
        reply = self.owner.put("/api/business", {"name": "Test Shop", "currency": currency,
                                                 "zone": zone, "language": "en"})
        tap.want_true(reply.status in (200, 204), f"business: {reply.status} {reply.body!r}")

    def key(self, scope):
        """The key of a scope, made once."""
        keys = self._clients.setdefault("keys", {})
        if scope not in keys:
            out = self.run("key", "create", "--scope", scope, "--name", f"test {scope}").stdout
            keys[scope] = out.strip()
        return keys[scope]

    def _client(self, name, make):
        if name not in self._clients:
            self._clients[name] = make()
        return self._clients[name]

    @property
    def nobody(self):
        """A caller without any key."""
        return self._client("nobody", lambda: Client(self.port))

    @property
    def track(self):
        """The browser: a public `track` key."""
        return self._client("track", lambda: Tracker(self.port, self.key("track")))

    @property
    def ingest(self):
        """The shop's server: an `ingest` key."""
        return self._client("ingest", lambda: Tracker(self.port, self.key("ingest")))

    @property
    def api(self):
        """A developer's script: an `api` key as Bearer."""
        return self._client("api", lambda: Client(
            self.port, {"Authorization": f"Bearer {self.key('api')}"}))

    @property
    def owner(self):
        """The owner, signed in."""
        return self._client("owner", lambda: session(self.port, OWNER))

    def person(self, query):
        """The one person whom a search finds, or None."""
        found = self.api.get("/api/people?q=" + urllib.parse.quote(query)).json["people"]
        tap.want_true(len(found) < 2, f"{len(found)} people for {query!r}")
        return found[0] if found else None

    def verify(self):
        """`kith verify` on the stopped store: fails on any breach."""
        return self.run("verify")


def session(port, user):
    """A signed-in client: cookie and CSRF token on every request."""
    nobody = Client(port)
    reply = nobody.post("/api/session", {"email": user["email"], "password": user["password"]})
    tap.want_true(reply.status in (200, 201), f"sign in: {reply.status} {reply.body!r}")
    cookie = reply.headers.get("Set-Cookie", "").split(";")[0]
    signed = Client(port, {"Cookie": cookie})
    csrf = signed.get("/api/session").json["csrf"]
    return Client(port, {"Cookie": cookie, "X-CSRF-Token": csrf})


def wait_until(truth, why, limit_s=90):
    """Waits for a condition, asked again and again; returns what it was."""
    end = time.monotonic() + limit_s
    while True:
        got = truth()
        if got:
            return got
        if time.monotonic() > end:
            raise AssertionError(f"not within {limit_s} s: {why}")
        time.sleep(0.02)


def databases():
    """The database a suite is asked for: `--database sqlite|postgres`, default sqlite."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--only", default=None, help="only cases whose title holds this")
    return parser.parse_args()


def suite(**options):
    """Runs the cases of a suite against one fresh shop on the database asked for."""
    asked = databases()
    tap.main(lambda: Shop(asked.database, **options), only=asked.only)
