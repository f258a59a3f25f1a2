#!/usr/bin/env python3
"""Runs every test of Kith and reports one table. `./dev check` sets up and builds, then calls this.

A suite is one row of SUITES: a name, the command that runs it and how its cases are counted. Every
suite but Meson's speaks TAP (`ok`, `not ok`, `# SKIP reason`); Meson's cases are read from its
testlog.json, because its own summary hides crashes and time-outs as single lines.

Suites run in LANES lanes, heavy ones first. One temporary PostgreSQL cluster serves all of them
(environment KITH_TEST_POSTGRES). Cases skipped for another reason than absent shared data count as
failed. Exit status 0 only if nothing failed.

With --again, suites that failed are run once more, alone, when the lanes have ended: what passes then
is unsteady, not broken, and listed as such. More than AGAIN_MAX of them are not tried again.
"""
import argparse
import concurrent.futures
import dataclasses
import datetime
import json
import os
import re
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tests", "lib"))
import cluster  # noqa: E402

LANES = 3  # suites that wait leave the cores to others
FAST_ROOM = 6 << 30  # bytes of memory for stores to throw away and the PostgreSQL of this run
LOGS = os.path.join(ROOT, "build-setup", "check")
ABSENT_DATA = "shared data absent"
REASON_LINES = 40  # of one suite, printed with its failures
OUTPUT_LINES = 15  # of a suite that ended without a word about why
AGAIN_MAX = 3  # suites that are run once more


@dataclasses.dataclass
class Suite:
    """One row of the table."""

    name: str
    command: list
    reader: str = "tap"  # tap | status | meson
    needs: str = ""  # a path without which the suite does not exist in this tree
    build: str = ""  # of the meson reader: the build folder
    limit_s: int = 300
    weight: int = 1  # heavier suites start first
    both: bool = False  # run once for each database, with --database NAME


@dataclasses.dataclass
class Result:
    """What a suite said."""

    name: str
    passed: int = 0
    failures: list = dataclasses.field(default_factory=list)
    reasons: dict = dataclasses.field(default_factory=dict)  # of a failure: lines that say why
    first: "Result" = None  # what failed before this second run
    skips: list = dataclasses.field(default_factory=list)
    notes: list = dataclasses.field(default_factory=list)
    seconds: float = 0.0
    parts: dict = dataclasses.field(default_factory=dict)  # cases passed in each Meson test


def meson(build):
    """The command that runs every Meson test of a build folder."""
    return ["meson", "test", "-C", build, "--no-rebuild", "--num-processes", "2"]


def python(path, *arguments):
    """The command that runs a Python suite of tests/."""
    return [sys.executable, path, *arguments]


SUITES = [
    Suite("format", ["tools/format-check"], reader="status"),
    Suite("check", python("tools/check_test.py")),
    Suite("tidy rules", python("tools/tidy_test.py")),
    Suite("sql generator", python("tools/sqlgen_test.py")),
    Suite("tidy", ["tools/tidy", "--tap"]),
    Suite("web units", ["npm", "run", "--silent", "test", "--prefix", "web", "--",
                        "--reporter=tap-flat"]),
    Suite("browser", ["node", "tests/browser/owner.mjs"], weight=2),
    Suite("browser, phone", ["node", "tests/browser/owner.mjs", "--width", "390", "--look", "dark"],
          weight=2),
    Suite("units", meson("build"), reader="meson", build="build", limit_s=900, weight=8),
    Suite("units, ASan+UBSan", meson("build-asan"), reader="meson", build="build-asan",
          limit_s=1200, weight=9),
    Suite("api", python("tests/api.py"), both=True),
    Suite("tracking", python("tests/tracking.py"), both=True),
    Suite("recorded", python("tests/recorded.py"), both=True),
    Suite("sdk", python("tests/sdk.py"), both=True),
    Suite("orders", python("tests/orders.py"), both=True),
    Suite("retail", python("tests/retail.py"), both=True, weight=7, limit_s=600),
    Suite("templates", python("tests/templates.py"), both=True),
    Suite("kill, sqlite", python("tests/kill.py", "--database", "sqlite", "--kills", "200"),
          weight=10),
    Suite("kill, postgres", python("tests/kill.py", "--database", "postgres", "--kills", "20"),
          weight=5),
    Suite("erasure", python("tests/erasure.py"), both=True, weight=2),
    Suite("snapshot", python("tests/snapshot.py"), both=True),
    Suite("address", python("tests/address.py"), both=True),
    Suite("mailing", python("tests/mailing.py"), both=True, weight=4),
    Suite("replies", python("tests/replies.py"), both=True, weight=2),
    Suite("reconcile", python("tests/reconcile.py"), both=True, weight=2),
    Suite("hostile", python("tests/hostile.py"), both=True),
    Suite("bad input", python("tests/bad_input.py"), both=True, weight=2),
    Suite("commands", python("tests/commands.py"), both=True),
    Suite("groups", ["node", "tests/browser/groups.mjs"]),
    Suite("builder of groups", ["node", "tests/browser/segments.mjs"]),
    Suite("builder of groups, phone, German", ["node", "tests/browser/segments.mjs", "--width",
                                               "390", "--look", "dark", "--language", "de"]),
    Suite("first mail", ["node", "tests/browser/mailing.mjs"], weight=2),
    Suite("first mail, phone, German", ["node", "tests/browser/mailing.mjs", "--width", "390",
                                        "--look", "dark", "--language", "de"], weight=2),
    Suite("connection", ["node", "tests/browser/hooks.mjs"]),
    Suite("permission", ["node", "tests/browser/permission.mjs"]),
    Suite("permission, phone, German", ["node", "tests/browser/permission.mjs", "--width", "390",
                                        "--look", "dark", "--language", "de"]),
    Suite("inbox", ["node", "tests/browser/inbox.mjs"]),
    Suite("first minutes", ["node", "tests/browser/quiet.mjs"], weight=2),
    Suite("first minutes, phone, German", ["node", "tests/browser/quiet.mjs", "--width", "390",
                                           "--look", "dark", "--language", "de"], weight=2),
]


def tap_read(text, result):
    """Counts the TAP lines of `text` into `result`; returns whether a plan was kept."""
    planned, seen, why = None, 0, None
    for line in text.splitlines():
        plan = re.match(r"1\.\.(\d+)", line)
        case = re.match(r"(ok|not ok)\b[ \d]*-?\s*(.*)", line)
        if plan:
            planned = int(plan.group(1))
            if planned == 0:
                skip_note(result, line.partition("# SKIP")[2].strip() or "nothing to run", result.name)
        elif line.startswith("# note "):
            result.notes.append(line[7:])
        elif case:
            seen += 1
            before = len(result.failures)
            case_note(result, case.group(1), case.group(2))
            failed = len(result.failures) > before
            why = result.reasons.setdefault(result.failures[-1], []) if failed else None
        elif line.startswith("#") and why is not None:
            why.append(line)
        elif line.startswith("Bail out!"):
            result.failures.append(line)
    return planned is None or planned == seen


def case_note(result, verdict, title):
    """Files one TAP case."""
    title, _, directive = title.partition("# ")
    title = title.strip()
    if directive.upper().startswith("SKIP"):
        skip_note(result, directive[4:].strip(), title)
    elif verdict == "ok":
        result.passed += 1
    else:
        result.failures.append(title)


def skip_note(result, reason, title):
    """Files a skip: only absent shared data excuses one."""
    if ABSENT_DATA in reason:
        result.skips.append(f"{title}: {reason}")
    else:
        result.failures.append(f"{title}: skipped, which only absent shared data excuses: {reason}")


def meson_read(suite, result):
    """Counts the cases of Meson's testlog.json."""
    path = os.path.join(ROOT, suite.build, "meson-logs", "testlog.json")
    try:
        with open(path, encoding="utf-8") as log:
            tests = [json.loads(line) for line in log if line.strip()]
    except OSError as error:
        result.failures.append(f"no test log: {error}")
        return
    for test in tests:
        before = len(result.failures)
        name = test["name"].rpartition(" / ")[2]
        inner = Result(name)
        tap_read(test.get("stdout") or "", inner)
        result.passed += inner.passed
        result.parts[name] = inner.passed
        result.skips += inner.skips
        result.notes += [f"{name}: {note}" for note in inner.notes]
        result.failures += [f"{name}: {title}" for title in inner.failures]
        for title, lines in inner.reasons.items():
            result.reasons[f"{name}: {title}"] = lines
        bad = test["result"] not in ("OK", "EXPECTEDFAIL", "SKIP")
        if bad and len(result.failures) == before:
            result.failures.append(f"{name}: {test['result']}")
        elif not bad and inner.passed + len(inner.skips) == 0 and len(result.failures) == before:
            result.passed += 1


def run(suite, environment, limit_s, suffix=""):
    """Runs one suite to its end; never raises. Its log's name ends with `suffix`."""
    result = Result(suite.name)
    started = time.monotonic()
    log = os.path.join(LOGS, re.sub(r"[^a-z0-9]+", "-", suite.name.lower()) + suffix + ".log")
    if suite.reader == "meson":
        stale = os.path.join(ROOT, suite.build, "meson-logs", "testlog.json")
        if os.path.exists(stale):
            os.unlink(stale)
    status = command_run(suite.command, unit_environment(suite, environment), limit_s, log)
    with open(log, encoding="utf-8", errors="replace") as text:
        output = text.read()
    judge(suite, result, status, output)
    if result.failures:
        result.failures.append(f"(log: {os.path.relpath(log, ROOT)})")
    result.seconds = time.monotonic() - started
    return result


def fast_folder():
    """A folder in memory where there is room for stores to throw away; None: there is none."""
    if not os.path.isdir("/dev/shm"):
        return None
    state = os.statvfs("/dev/shm")
    roomy = state.f_bavail * state.f_frsize >= FAST_ROOM and os.access("/dev/shm", os.W_OK)
    return "/dev/shm" if roomy else None


def unit_environment(suite, environment):
    """Units make hundreds of stores to throw away. The suites that attack durability keep to the
    disk, but for PostgreSQL's own files: its durability is not ours to test."""
    fast = fast_folder() if suite.reader == "meson" else None
    return {**environment, "TMPDIR": fast} if fast else environment


def judge(suite, result, status, output):
    """Turns output and exit status into cases."""
    if suite.reader == "meson":
        meson_read(suite, result)
    elif suite.reader == "tap":
        kept = tap_read(output, result)
        if not kept or result.passed + len(result.failures) + len(result.skips) == 0:
            result.failures.append("ended before its last case")
            tail = [line for line in output.splitlines() if line.strip()][-OUTPUT_LINES:]
            result.reasons["ended before its last case"] = [f"# {line}" for line in tail]
    elif status == 0:
        result.passed = 1
    if status != 0 and not result.failures:
        tail = " | ".join(output.strip().splitlines()[-3:])
        result.failures.append(f"exit status {status}: {tail}"[:400])


def command_run(command, environment, limit_s, log):
    """Exit status of a command whose output goes to `log`; "time-out" after `limit_s`."""
    with open(log, "wb") as out:
        try:
            child = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out,
                                     stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                     start_new_session=True)
        except OSError as error:
            out.write(str(error).encode())
            return "not started"
        try:
            return child.wait(limit_s)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, 9)
            child.wait()
            return f"time-out after {limit_s} s"


def expand(suites):
    """One suite per database where both count; only suites that exist in this tree."""
    rows = []
    for suite in suites:
        if suite.needs and not os.path.exists(os.path.join(ROOT, suite.needs)):
            continue
        if not suite.both:
            rows.append(suite)
            continue
        for kind in ("sqlite", "postgres"):
            rows.append(dataclasses.replace(suite, name=f"{suite.name}, {kind}", both=False,
                                            command=[*suite.command, "--database", kind]))
    return rows


def chosen(rows, names):
    """The rows whose name begins with one of `names`; all without names."""
    if not names:
        return rows
    picked = [row for row in rows if any(row.name.startswith(name) for name in names)]
    if not picked:
        sys.exit(f"no suite is called {', '.join(names)}; --list names them")
    return picked


def report_line(result):
    """One line as a suite ends."""
    state = f"{len(result.failures)} failures" if result.failures else "ok"
    print(f"  {result.name:<34} {result.passed:>6} {result.seconds:>7.1f} s  {state}", flush=True)
    for note in result.notes:
        print(f"      {note}", flush=True)


def report_end(results, seconds):
    """The table, the failures, the skips and the last line; returns the number of failures."""
    print(f"\n  {'suite':<34} {'cases':>6} {'seconds':>8} {'failed':>7} {'skipped':>8}")
    failed = passed = 0
    for result in results:
        count = sum(1 for title in result.failures if not title.startswith("(log: "))
        failed, passed = failed + count, passed + result.passed
        total = result.passed + count + len(result.skips)
        print(f"  {result.name:<34} {total:>6} {result.seconds:>8.1f} {count:>7} "
              f"{len(result.skips):>8}")
    print(f"  {'all':<34} {passed + failed:>6} {seconds:>8.1f}")
    for result in results:
        failures_print("FAILED", result)
    for result in results:
        for title in result.skips:
            print(f"SKIPPED {result.name}: {title}")
    for result in results:
        if result.first:
            failures_print("UNSTEADY", result.first)
    print(f"{passed} passed, {failed} failed")
    return failed


def failures_print(word, result):
    """Each failure, and below it why, as far as REASON_LINES of the suite reach."""
    room = REASON_LINES
    for title in result.failures:
        print(f"{word} {result.name}: {title}")
        for line in result.reasons.get(title, [])[:room]:
            print(f"    {line}"[:300])
            room -= 1


def figures_keep(results):
    """Keeps the newest figures of each suite, for tools/promises.py."""
    path = os.path.join(LOGS, "figures.json")
    figures = {}
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            figures = json.load(file)
    at = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    for result in results:
        failed = sum(1 for title in result.failures if not title.startswith("(log: "))
        figures[result.name] = {"at": at, "passed": result.passed, "failed": failed,
                                "seconds": round(result.seconds, 1), "notes": result.notes,
                                "parts": result.parts}
    with open(path, "w", encoding="utf-8") as file:
        json.dump(figures, file, indent=1)


def environment_make(options, postgres):
    """What every suite may read."""
    environment = dict(os.environ)
    environment.setdefault("KITH_TEST_DATA", os.path.normpath(f"{ROOT}/../shared/data"))
    environment["KITH_BINARY"] = os.path.join(ROOT, "build", "kith")
    environment["ASAN_OPTIONS"] = "detect_leaks=1:abort_on_error=0"
    environment["UBSAN_OPTIONS"] = "print_stacktrace=1:halt_on_error=1"
    if postgres:
        environment["KITH_TEST_POSTGRES"] = postgres
    if options.long:
        environment["KITH_TEST_LONG"] = "1"
    return environment


def main():
    """Parses the command line, runs the suites, prints the report."""
    parser = argparse.ArgumentParser(prog="./dev check", description="runs every test")
    parser.add_argument("--suite", action="append", default=[], help="only suites so named")
    parser.add_argument("--long", action="store_true", help="no time limits, long loops")
    parser.add_argument("--again", action="store_true",
                        help="run suites that failed once more, alone")
    parser.add_argument("--list", action="store_true", help="name the suites")
    options = parser.parse_args()
    rows = chosen(expand(SUITES), options.suite)
    if options.list:
        print("\n".join(row.name for row in rows))
        return 0
    os.makedirs(LOGS, exist_ok=True)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="kith-check-", dir=fast_folder()) as folder:
        with cluster.Cluster(folder) as postgres:
            environment = environment_make(options, postgres.url)
            results = lanes_run(rows, environment, options.long)
            if options.again:
                results = again_run(rows, results, environment)
    figures_keep(results)
    return 1 if report_end(results, time.monotonic() - started) else 0


def lanes_run(rows, environment, long):
    """Runs the rows, heavy ones first, LANES at a time; results in the order of the table."""
    results = {}
    with concurrent.futures.ThreadPoolExecutor(LANES) as lanes:
        waiting = {
            lanes.submit(run, row, environment, 86400 if long else row.limit_s): row
            for row in sorted(rows, key=lambda row: -row.weight)
        }
        for done in concurrent.futures.as_completed(waiting):
            result = done.result()
            results[result.name] = result
            report_line(result)
    return [results[row.name] for row in rows]


def again_run(rows, results, environment, run_one=run):
    """The results, where a suite that failed passed alone: its second run, which knows the first."""
    broken = [result.name for result in results if result.failures]
    if not broken or len(broken) > AGAIN_MAX:
        return results
    print("\n  once more, alone", flush=True)
    return [again_one(row, result, environment, run_one) if result.failures else result
            for row, result in zip(rows, results)]


def again_one(row, first, environment, run_one):
    """The second run of a suite if it passed, else the first."""
    second = run_one(row, environment, row.limit_s, "-again")
    report_line(second)
    if second.failures:
        return first
    second.first = first
    return second


if __name__ == "__main__":
    sys.exit(main())
