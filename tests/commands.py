#!/usr/bin/env python3
"""First contact: the commands as a new owner and a developer meet them, from a folder of their own.

The binary is copied alone into an empty folder, so that it must bring everything along. Nobody here
has read the documentation.
"""
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import cluster  # noqa: E402
from kith import BINARY, Client, Shop, basic_env, command, suite  # noqa: E402
from tap import case, root, want, want_true  # noqa: E402

COMMANDS = ("serve", "demo", "import", "kpi", "liquid", "key", "user", "backup", "restore", "verify", "version")


@case("every command has help, with status 0, on standard output")
def _(_shop):
    want_true("serve" in command("--help").stdout, "the list")
    for name in COMMANDS:
        done = command(name, "--help")
        want_true(name in done.stdout and len(done.stdout) > 60, f"{name}: {done.stdout!r} {done.stderr!r}")


@case("version prints one line")
def _(_shop):
    want_true(re.fullmatch(r"kith \d+\.\d+\.\d+\S*\n", command("version").stdout), command("version").stdout)


@case("key create prints the key alone; used through the server and without it")
def _(shop):
    first = shop.run("key", "create", "--scope", "api", "--name", "one").stdout
    want_true(re.fullmatch(r"\S{20,}\n", first), repr(first))
    want(Client(shop.port, {"Authorization": f"Bearer {first.strip()}"}).get("/api/people").status, 200)
    shop.stop()
    second = shop.run("key", "create", "--scope", "api", "--name", "two").stdout
    shop.start()
    want(Client(shop.port, {"Authorization": f"Bearer {second.strip()}"}).get("/api/people").status, 200)


@case("a segment is created from a rule, or as a list from a file; who is not known is said")
def _(shop):
    path = os.path.join(shop.home, "guests.csv")
    with open(path, "w", encoding="utf-8") as file:
        file.write("Name,E-Mail\nNobody,nobody@shop.example\n")
    made = shop.run("segment", "create", "Guests", "--members", path)
    want_true(re.fullmatch(r"\d+\n", made.stdout), repr(made.stdout))
    want_true("line 2" in made.stderr and "0 people of 1 rows" in made.stderr, made.stderr)
    want(shop.run("segment", "count", 'in segment "guests"').stdout, "0\n")
    want_true(shop.run("segment", "create", "Buyers", "orders >= 1").stdout, "an id")
    for wrong in (["Guests", "everybody"], ["New", "orders >"], ["New"], ["New", "--members", path, "--column", "x"]):
        want_true(shop.run("segment", "create", *wrong, check=False).returncode in (1, 2), wrong)


@case("a question makes no store, and a trait that nobody has is told where nobody is meant")
def _(shop):
    nowhere = os.path.join(shop.home, "no-such-shop")
    for verb in (["segment", "count", "everybody"], ["kpi"]):
        done = command(*verb, "--data", nowhere, check=False)
        want((done.returncode, "is no data folder of Kith" in done.stderr), (1, True), done.stderr)
        want(os.path.exists(nowhere), False)
    done = shop.run("segment", "count", 'contry = "DE"')
    want((done.stdout, 'did you mean "country"?' in done.stderr), ("0\n", True), done.stderr)
    want(shop.run("segment", "count", "not orders >= 0").stderr, "")


@case("liquid renders and checks a template without a folder, and tells where it is wrong")
def _(shop):
    path = os.path.join(shop.home, "mail.liquid")
    with open(path, "w", encoding="utf-8") as file:
        file.write("Hello {{ person.name | default: 'there' }}!{% render 'end' %}\n")
    with open(os.path.join(shop.home, "end.liquid"), "w", encoding="utf-8") as file:
        file.write("{{ 0 | date: ' %H:%M' }}")
    data = json.dumps({"person": {"name": "Müller & Sons"}})
    done = command("liquid", "render", path, "--data", data, "--html", "--partials", shop.home,
                   "--zone", "Europe/Berlin")
    want((done.returncode, done.stdout), (0, "Hello Müller &amp; Sons! 01:00\n"))
    want(command("liquid", "render", path, check=False).returncode, 1)  # no partials were given
    done = command("liquid", "render", path, "--partials", "/etc/../etc", check=False)
    want_true(done.returncode == 1 and "line 1, column 44" in done.stderr, done.stderr)
    want([read["path"] for read in json.loads(command("liquid", "check", path, "--json").stdout)["reads"]],
         ["person.name"])
    with open(path, "w", encoding="utf-8") as file:
        file.write("a\n{{ x | upcas }}")
    for verb in ("render", "check"):
        done = command("liquid", verb, path, check=False)
        want((done.returncode, done.stderr),
             (1, 'kith: line 2, column 8: unknown filter "upcas": did you mean "upcase"?\n'))
    want(command("liquid", "paint", path, check=False).returncode, 2)


@case("liquid --jsonl answers each case with one line, in order")
def _(shop):
    path = os.path.join(shop.home, "cases.jsonl")
    cases = [{"name": "one", "template": "{{ a }}{% render 'p' %}", "data": {"a": "<"}, "templates": {"p": "!"}},
             {"template": "{{ a }}", "data": {"a": "<"}, "html": True}, {"template": "{{ a"}, {"data": {}}]
    with open(path, "w", encoding="utf-8") as file:
        file.write("".join(json.dumps(one) + "\n" for one in cases) + "\n{broken\n")
    lines = [json.loads(line) for line in command("liquid", "render", path, "--jsonl").stdout.splitlines()]
    want(lines[:3], [{"result": "<!", "name": "one"}, {"result": "&lt;"}, {"error": {
        "code": "invalid", "message": "line 1, column 1: this output is not closed: add }}"}}])
    want([line["error"]["code"] for line in lines[3:]], ["invalid", "invalid"])


@case("kpi --json is JSON; without data it says so and does not invent")
def _(shop):
    printed = json.loads(shop.run("kpi", "--json").stdout)
    kpis = {kpi["name"]: kpi for kpi in printed["kpis"]}
    want(kpis["orders"]["value"], 0)
    for kpi in kpis.values():
        if kpi["unit"] in ("share", "days"):
            want_true(kpi["value"] is None or not kpi["enough"], f"{kpi['name']} = {kpi['value']}")


@case("backup while it serves, restore into an empty folder: the same people; verify is clean")
def _(shop):
    shop.key("api")  # so that the backup knows it
    shop.owner.post("/api/people", {"name": "Backed Up", "email": "backed@shop.example"})
    target = os.path.join(shop.home, "backup")
    if shop.kind != "sqlite":  # PostgreSQL has its own tools, and Kith names them
        done = shop.run("backup", target, check=False)
        want(done.returncode, 1)
        want_true("pg_dump" in done.stderr, done.stderr)
        return
    shop.run("backup", target)
    with tempfile.TemporaryDirectory(prefix="kith-test-") as home:
        other = Shop("sqlite", start=False, folder=home)
        other.run("restore", target)
        # The key to identities and secrets is not in the backup, on purpose: it is kept apart.
        shutil.copy(os.path.join(shop.data, "secret.key"), other.data)
        other.run("verify")
        other.start()
        try:
            want(Client(other.port, shop.api.headers).get("/api/people?q=backed").json["total"], 1)
        finally:
            other.kill()


@case("a clean end on SIGTERM and SIGINT, status 0, and a start after it")
def _(shop):
    want(shop.stop(), 0, "SIGTERM")
    shop.start()
    shop.process.send_signal(signal.SIGINT)
    want(shop.process.wait(30), 0, "SIGINT")
    shop.process = None
    shop.start()


@case("what lies in the data folder belongs to the owner alone")
def _(shop):
    for at, _, names in os.walk(shop.data):
        for name in names:
            mode = stat.S_IMODE(os.stat(os.path.join(at, name)).st_mode)
            want(mode & 0o077, 0, f"{os.path.relpath(os.path.join(at, name), shop.data)} {mode:o}")


@case("the binary alone in an empty folder serves the user interface, fonts and all")
def _(_shop):
    with tempfile.TemporaryDirectory(prefix="kith-test-") as home:
        binary = os.path.join(home, "kith")
        shutil.copy(BINARY, binary)
        port = cluster.port_free()
        with open(os.path.join(home, "log"), "wb") as log:
            server = subprocess.Popen([binary, "serve", "--data", "shop", "--listen", f"127.0.0.1:{port}"], cwd=home,
                                      stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=basic_env())
        lone = Shop("sqlite", start=False, folder=home)
        lone.process, lone.port = server, port
        try:
            lone.wait_ready()
            page = Client(port).get("/").body.decode()
            assets = re.findall(r'(?:src|href)="(/[^"]+)"', page)
            want_true(assets, "the page names its parts")
            for asset in assets:
                want(Client(port).get(asset).status, 200, asset)
            want_true("http" not in re.sub(r"http://127[^\s\"]*|http://www\.w3\.org\S*", "", page),
                      "nothing is loaded from elsewhere")
        finally:
            lone.kill()


@case("logs are JSON lines without addresses of people")
def _(shop):
    shop.ingest.identify(userId="log-canary-user", traits={"email": "log-canary@shop.example"})
    shop.api.get("/api/people?q=log-canary")
    for line in shop.log().splitlines():
        want_true("log-canary" not in line, f"personal: {line[:200]}")


@case("a data folder of a newer Kith is refused, and says so")
def _(shop):
    if shop.kind != "sqlite":
        return
    with Shop("sqlite", start=False) as newer:
        newer.start()
        newer.stop()
        import sqlite3  # pylint: disable=import-outside-toplevel
        with sqlite3.connect(os.path.join(newer.data, "kith.db")) as store:
            table = next(name for (name,) in store.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE '%migration%'"))
            columns = [row[1] for row in store.execute(f"PRAGMA table_info({table})")]
            store.execute(f"INSERT INTO {table} SELECT 9999, {', '.join(columns[1:])} FROM {table} LIMIT 1")
        done = command("serve", *newer.flags(), "--listen", "127.0.0.1:0", check=False, timeout=30)
        want(done.returncode, 1)
        want_true("newer" in done.stderr, done.stderr)


@case("the data folder of migration 1 opens, and nothing in it is lost")
def _(shop):
    if shop.kind != "sqlite":
        return
    archive = os.path.join(root(), "tests", "fixtures", "migration-1.tar.gz")
    with open(os.path.join(root(), "tests", "fixtures", "migration-1.json"), encoding="utf-8") as file:
        wanted = json.load(file)
    with tempfile.TemporaryDirectory(prefix="kith-test-") as home:
        subprocess.run(["tar", "-xzf", archive, "-C", home], check=True)
        old = Shop("sqlite", start=False, folder=home)
        got = {kpi["name"]: kpi["value"] for kpi in json.loads(old.run("kpi", "--json").stdout)["kpis"]}
        want({name: got[name] for name in wanted["kpis"]}, wanted["kpis"])
        old.run("verify")


@case("./dev: help, an unknown command, and nothing but bash, git and apt before the set-up")
def _(_shop):
    dev = os.path.join(root(), "dev")
    want_true("./dev demo" in open(os.path.join(root(), "README.md"), encoding="utf-8").read(), "README names it")
    want_true("demo" in subprocess.run([dev, "help"], text=True, capture_output=True, check=True).stdout, "help")
    want(subprocess.run([dev, "nonsense"], capture_output=True, check=False).returncode, 2)
    done = subprocess.run(["bash", "-n", os.path.join(root(), "tools/setup.sh")], check=False)
    want(done.returncode, 0)


if __name__ == "__main__":
    suite()
