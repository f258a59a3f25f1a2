#!/usr/bin/env python3
"""Bad input: a clear error that names what, where and what to do; nothing half-done, nothing lost.

Over HTTP, in files, in the environment. After every case the server must be alive and answer well.
"""
import json
import os
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import cluster  # noqa: E402
from kith import BINARY, Shop, basic_env, command, suite, wait_until  # noqa: E402
from tap import case, want, want_true  # noqa: E402


def alive(shop):
    """The server answers."""
    want(shop.nobody.get("/readyz").status, 200, "alive")


def event(**properties):
    """One event of a user of this suite."""
    return {"type": "track", "event": "Odd", "userId": "odd", "properties": properties}


def raw(shop, body, kind="ingest"):
    """Status of a batch sent as these bytes."""
    return getattr(shop, kind).post("/v1/batch", body).status


@case("malformed JSON of every sort is 400")
def _(shop):
    for body in (b"{", b'{"batch":[{]}', b'{"batch":[{"a":01}]}', b'{"batch":[nul]}', b'{"batch":[1,]}',
                 b"{'batch':[]}", b'{"batch":[]} trailing', b"\xef\xbb\xbf{", b'{"batch":["\\x"]}',
                 b'{"batch":["\\ud800"]}', b'{"a":NaN}', b"\x00", b'{"batch":[' + b"[" * 100):
        allowed = (200, 400, 413) if b"ud800" in body or b"[[[" in body else (400,)
        want_true(raw(shop, body) in allowed, f"{body[:40]!r}: {raw(shop, body)}")
    alive(shop)


@case("nesting of 10,000 levels is refused, in the body and in the API")
def _(shop):
    deep = b"[" * 10000 + b"]" * 10000
    status = raw(shop, b'{"batch":[{"type":"track","event":"E","userId":"u","properties":{"x":' + deep + b"}}]}")
    want_true(status in (200, 400), f"tracking: {status}")
    want(shop.owner.post("/api/people", b'{"name":' + deep + b"}",
                         headers={"Content-Type": "application/json"}).status, 400)
    alive(shop)


@case("invalid UTF-8 and NUL are refused, not stored")
def _(shop):
    for bad in (b"\xff\xfe", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf5\x80\x80\x80"):
        body = b'{"batch":[{"type":"track","event":"U' + bad + b'","userId":"utf"}]}'
        want_true(raw(shop, body) in (200, 400), repr(bad))
    shop.ingest.batch([{"type": "track", "event": "Nul\u0000name", "userId": "utf\u0000"}])
    reply = shop.owner.post("/api/people", b'{"name":"a\\u0000b"}', headers={"Content-Type": "application/json"})
    want(reply.status, 400)
    want(shop.api.get("/api/people?q=%00%FF").status in (200, 400), True)
    alive(shop)


@case("duplicate keys have one meaning, in the API they are refused")
def _(shop):
    body = b'{"batch":[{"type":"track","event":"One","event":"Two","userId":"dup"}]}'
    want_true(raw(shop, body) in (200, 400), "tracking")
    reply = shop.owner.post("/api/people", b'{"name":"A","name":"B"}', headers={"Content-Type": "application/json"})
    want(reply.status, 400)


@case("numbers beyond 2^53, negative zero, huge exponents: taken or refused by themselves")
def _(shop):
    for number in ("9007199254740993", "-0", "1e400", "-1e400", "1e-400", "123456789012345678901234567890",
                   "0.1e1000000000"):
        body = '{"batch":[{"type":"track","event":"N","userId":"num","properties":{"revenue":%s}}]}' % number
        want_true(raw(shop, body.encode()) in (200, 400), number)
    alive(shop)


@case("orders with negative quantities, unknown currency, absurd sums: an error each, no order")
def _(shop):
    before = {kpi["name"]: kpi["value"] for kpi in shop.api.get("/api/kpis").json["kpis"]}
    for at, wrong in enumerate(({"revenue": -5}, {"revenue": 5, "currency": "ZZZ"}, {"revenue": 1e30},
                                {"revenue": "five"}, {"revenue": 5, "currency": 7})):
        order = {"order_id": f"bad-{at}", "currency": "GBP", **wrong}
        want(shop.ingest.track(userId="bad-orders", event="Order Completed", properties=order).status in (200, 400),
             True)
    after = {kpi["name"]: kpi["value"] for kpi in shop.api.get("/api/kpis").json["kpis"]}
    want(after["revenue"], before["revenue"])


@case("keys chosen to collide in an unkeyed hash cost no more than others")
def _(shop):
    # All of these have the same djb2 sum (GLib's g_str_hash): "Ez" and "FY" and "G8" do.
    pieces = ["Ez", "FY", "G8"]
    names = [""]
    for _ in range(7):
        names = [head + piece for head in names for piece in pieces]
    plain = {f"k{at:013d}": at for at in range(1000)}
    chosen = {name: at for at, name in enumerate(names[:1000])}
    spent = {"plain": [], "chosen": []}
    for _ in range(10):  # somebody else may keep the machine busy: the best of each counts
        for name, properties in (("plain", plain), ("chosen", chosen)):
            started = time.monotonic()
            for _ in range(20):
                want(shop.ingest.batch([event(**properties)]).status, 200)
            spent[name].append(time.monotonic() - started)
        if min(spent["chosen"]) < 5 * max(min(spent["plain"]), 0.05):
            return
    want_true(False, f"{spent}")


@case("every bad field of a request is reported together, with its name")
def _(shop):
    reply = shop.owner.put("/api/business", {"name": "", "currency": "POUND", "zone": "../../etc/passwd",
                                             "language": 5, "nonsense": 1})
    want(reply.status, 400)
    fields = {one["field"] for one in reply.json["error"]["fields"]}
    want_true({"currency", "zone", "nonsense"} <= fields or {"language", "nonsense"} <= fields, str(fields))
    want(shop.owner.get("/api/business").json["currency"], "GBP", "nothing half-done")


@case("time zones named like files are refused")
def _(shop):
    for zone in ("../../etc/passwd", "/etc/passwd", "Europe/../Europe/London", "Europe/Lond\u0000on", "GMT+99",
                 "posix/Europe/London/x", "a" * 5000):
        want(shop.owner.put("/api/business", {"zone": zone}).status, 400, zone[:30])
        want_true(shop.api.get("/api/kpis?zone=" + json.dumps(zone)[1:-1].replace("/", "%2F")
                               .replace("\\", "%5C")).status in (400, 200 if not zone else 400), zone[:30])


@case("ids, dates, cursors and sort orders that are none are 400 or 404")
def _(shop):
    for path, wanted in (("/api/people/abc", 404), ("/api/people/-1", 404), ("/api/people/99999999999999999999", 404),
                         ("/api/people/1%2F..%2F..", 404), ("/api/people?sort=drop", 400),
                         ("/api/people?limit=-1", 400), ("/api/people?limit=99999999", 400),
                         ("/api/people?cursor=%22%27", 400), ("/api/kpis?from=2025-13-45", 400),
                         ("/api/kpis?from=2025-02-01&to=2025-01-01", 400), ("/api/nothing", 404)):
        reply = shop.api.get(path)
        want(reply.status, wanted, path)
        want_true(reply.json["error"]["message"], path)


@case("a hostile search is only a search")
def _(shop):
    for text in ("'; DROP TABLE person; --", "%", "_", "\\", "%25%25%25", "a" * 5000, "\U0001F389", "%F0%9F%8E%89"):
        want_true(shop.api.get("/api/people", headers={}).status == 200, "list")
        status = shop.api.get("/api/people?q=" + "".join(f"%{byte:02X}" for byte in text.encode())).status
        want_true(status in (200, 400, 413), f"{text[:20]!r}: {status}")
    alive(shop)


@case("methods and paths that are none: 404 and 405, no file of the machine")
def _(shop):
    want(shop.api.request("PATCH", "/api/people").status, 405)
    for path in ("/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/assets/../../../etc/passwd", "//etc/passwd"):
        reply = shop.nobody.get(path)
        want_true(b"root:" not in reply.body, path)
    alive(shop)


def talk(shop, data, wait_s):
    """Sends bytes on a bare socket and returns what comes within a time."""
    with socket.create_connection(("127.0.0.1", shop.port), timeout=wait_s) as line:
        line.sendall(data)
        try:
            return line.recv(4096)
        except TimeoutError:
            return b"(nothing)"


@case("broken HTTP is answered 400 or cut")
def _(shop):
    for data in (b"nonsense\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"POST /v1/batch HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
                 b"POST /v1/batch HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
                 b"GET /" + b"a" * 70000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
                 b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 5000 + b"\r\n"):
        got = talk(shop, data, 10)
        want_true(not got.startswith(b"HTTP/1.1 200"), f"{data[:30]!r}: {got[:30]!r}")
    alive(shop)


@case("a hundred clients that send a byte a second do not keep others waiting")
def _(shop):
    head = f"POST /v1/batch HTTP/1.1\r\nHost: x\r\nAuthorization: {shop.ingest.headers['Authorization']}\r\n" \
           "Content-Length: 1000\r\n\r\n{"
    lines, halt = [], threading.Event()
    for _ in range(100):
        line = socket.create_connection(("127.0.0.1", shop.port))
        line.sendall(head.encode())
        lines.append(line)

    def drip():
        while not halt.wait(1):
            for line in lines:
                try:
                    line.send(b" ")
                except OSError:
                    pass
    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    try:
        started = time.monotonic()
        for _ in range(30):
            want(shop.ingest.batch([event(fine=1)]).status, 200)
        want_true(time.monotonic() - started < 15, "others are served")
    finally:
        halt.set()
        thread.join()
        for line in lines:
            line.close()
    alive(shop)


def import_bad(shop, name, content, *extra):
    """Runs an import of a file with this content; returns the finished process."""
    path = os.path.join(shop.home, name)
    if callable(content):
        content(path)
    else:
        with open(path, "wb") as out:
            out.write(content)
    return shop.run("import", "orders", path, "--currency", "GBP", "--zone", "UTC", *extra, check=False)


def hundred_megabytes(path):
    """A CSV whose second line has 100 MB."""
    with open(path, "wb") as out:
        out.write(b"Order,Date,Email,Item,Quantity,Price\nL-1,2025-01-01,a@b.example,")
        for _ in range(100):
            out.write(b"x" * 1_000_000)
        out.write(b",1,2.00\nL-2,2025-01-01,a@b.example,Lamp,1,2.00\n")


MAPPING = [word for pair in ("order=Order", "date=Date", "email=Email", "item=Item",
                             "quantity=Quantity", "price=Price") for word in ("--map", pair)]


@case("a CSV with a line of 100 MB: that row is rejected, the next is imported, memory stays small")
def _(shop):
    done = import_bad(shop, "wide.csv", hundred_megabytes, "--format", "generic", *MAPPING)
    want_true(done.returncode in (0, 1), done.stderr[-300:])
    with open(f"/proc/{shop.process.pid}/status", encoding="ascii") as status:
        peak_kb = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    want_true(peak_kb < 400_000, f"peak of the server: {peak_kb} KB")
    alive(shop)


@case("files that are no CSV: empty, a picture, a folder, absent: status 1 or 2 and a sentence")
def _(shop):
    for name, content in (("empty.csv", b""), ("picture.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 50),
                          ("nul.csv", b"a,b\n\x00\x00,1\n")):
        done = import_bad(shop, name, content)
        want_true(done.returncode in (1, 2), f"{name}: {done.returncode}")
        want_true(len(done.stderr.strip()) > 10 and "assert" not in done.stderr, f"{name}: {done.stderr!r}")
    for path in (shop.home, "/nonexistent/orders.csv"):
        done = shop.run("import", "orders", path, "--currency", "GBP", "--zone", "UTC", check=False)
        want_true(done.returncode in (1, 2) and path in done.stderr, done.stderr)


@case("unknown columns, currencies and zones on the command line are usage errors")
def _(shop):
    good = b"Order,Date,Email,Item,Quantity,Price\nX-1,2025-01-01,a@b.example,Lamp,1,2.00\n"
    for extra in (("--map", "order=Nowhere"), ("--map", "nonsense=Order"), ("--currency", "POUND"),
                  ("--zone", "../../etc/passwd")):
        done = import_bad(shop, "good.csv", good, "--format", "generic", *MAPPING, *extra)
        want_true(done.returncode in (1, 2), f"{extra}: {done.returncode} {done.stdout}")
        want_true(extra[1].split("=")[0] in done.stderr or extra[1].split("=")[-1] in done.stderr, done.stderr)


@case("a port in use: status 1, the address, what to do, and nothing of the store is harmed")
def _(shop):
    with Shop("sqlite", start=False) as other:
        done = command("serve", *other.flags(), "--listen", f"127.0.0.1:{shop.port}", check=False, timeout=30)
        want(done.returncode, 1)
        want_true(str(shop.port) in done.stderr and "use" in done.stderr, done.stderr)
        other.start()


@case("a data folder that another server holds: status 1 and who holds it")
def _(shop):
    done = command("serve", *shop.flags(), "--listen", "127.0.0.1:0", check=False, timeout=30)
    want(done.returncode, 1)
    want_true(shop.data in done.stderr, done.stderr)
    alive(shop)


@case("a database that is none: status 1, its name, and it is not overwritten")
def _(shop):
    with Shop("sqlite", start=False) as other:
        other.start()
        other.stop()
        path = os.path.join(other.data, "kith.db")
        with open(path, "wb") as out:
            out.write(b"this is not a database, it is somebody's diary\n" * 500)
        done = command("serve", *other.flags(), "--listen", "127.0.0.1:0", check=False, timeout=30)
        want(done.returncode, 1)
        want_true("kith.db" in done.stderr, done.stderr)
        with open(path, "rb") as file:
            want_true(file.read().startswith(b"this is not a database"), "untouched")
    alive(shop)


@case("a folder that cannot be written: status 1 and its name")
def _(shop):
    done = command("serve", "--data", "/proc/kith", "--listen", "127.0.0.1:0", check=False, timeout=30)
    want(done.returncode, 1)
    want_true("/proc/kith" in done.stderr, done.stderr)
    alive(shop)


@case("a full disk: events are refused, not lost; with room again it goes on")
def _(shop):
    if shop.kind != "sqlite":
        return
    with Shop("sqlite", start=False) as other, SmallDisk(other.data) as disk:
        other.start()
        other.set_up()
        acknowledged = disk.fill(other)
        want_true(acknowledged > 0, "some events fitted")
        disk.grow()
        wait_until(lambda: other.ingest.batch([event(after="full")]).status == 200, "goes on", 30)
        person = other.person("full-disk")
        total = other.api.get(f"/api/people/{person['id']}/timeline?limit=1").json["total"]
        want(total, acknowledged, "each acknowledged event is there, once")


class SmallDisk:
    """A file system of 24 MB in memory, mounted at a folder; as root only."""

    def __init__(self, at):
        self.at = at

    def __enter__(self):
        os.makedirs(self.at, exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", self.at], check=True,
                       capture_output=True)
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", "-l", self.at], check=True)

    def fill(self, shop):
        """Sends until the server says that it cannot; returns how many events it acknowledged."""
        acknowledged = 0
        for turn in range(2000):
            batch = [{"type": "track", "event": "Fill", "userId": "full-disk", "messageId": f"full-{turn}-{at}",
                      "properties": {"x": os.urandom(700).hex()}} for at in range(20)]
            status = shop.ingest.batch(batch).status
            if status != 200:
                want_true(status in (429, 503, 507), f"status {status}")
                return acknowledged
            acknowledged += 20
        raise AssertionError("the disk never filled")

    def grow(self):
        """More room."""
        subprocess.run(["mount", "-o", "remount,size=256m", self.at], check=True)


@case("PostgreSQL gone in the middle: 5xx or 429, and when it is back it goes on")
def _(shop):
    if shop.kind != "postgres":
        return
    name = shop.database.rsplit("/", 1)[1]
    admin = os.environ["KITH_TEST_POSTGRES"]
    want(shop.ingest.batch([event(before=1)]).status, 200)
    cluster.sql(admin, f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
    cluster.sql(admin, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    status = shop.ingest.batch([event(during=1)]).status
    want_true(status in (429, 500, 503), f"while it is gone: {status}")
    cluster.sql(admin, f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    wait_until(lambda: shop.ingest.batch([event(after=1)]).status == 200, "goes on", 60)


@case("an unknown command, option or rule: status 2 and help on the error stream")
def _(_shop):
    for words in (("nonsense",), ("serve", "--nonsense"), ("import",), ("key", "create")):
        done = subprocess.run([BINARY, *words], text=True, capture_output=True, check=False, timeout=30,
                              env=basic_env())
        want(done.returncode, 2, " ".join(words))
        want_true(len(done.stderr) > 10 and not done.stdout, " ".join(words))


if __name__ == "__main__":
    suite()
