#!/usr/bin/env python3
"""Measures Kith beside its peer in one run and rewrites docs/bench.md. `./dev bench` builds first.

Figures of the last run of each bench are kept in bench/results.json, from which docs/bench.md is
written, so that one bench can be run again alone (--only). A bench that fails is told at the end and
keeps its old figures; the others go on. Ratios count; milliseconds are this machine's.
"""
import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
import traceback

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tests", "lib"))
RESULTS = os.path.join(ROOT, "bench", "results.json")
PAGE = os.path.join(ROOT, "docs", "bench.md")


def machine():
    """What it ran on."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), "unknown")
    with open("/proc/meminfo", encoding="utf-8") as file:
        memory_gib = int(file.readline().split()[1]) // 1048576
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, text=True, capture_output=True,
                            check=False).stdout.strip()
    return {"cpu": model, "cores": os.cpu_count(), "memory_gib": memory_gib, "kernel": platform.release(),
            "commit": commit, "day": datetime.date.today().isoformat()}


BENCHES = {
    "ingest": lambda measures, plan: measures.ingest(plan, "sqlite"),
    "peer": lambda measures, plan: measures.peer(plan),
    "ingest-postgres": lambda measures, plan: measures.ingest(plan, "postgres"),
    "import": lambda measures, plan: measures.retail_import(),
    "memory": lambda measures, plan: measures.memory_and_start(plan),
    "columns": lambda measures, plan: measures.columns(plan),
    "segments": lambda measures, plan: measures.segments(plan),
    "fresh": lambda measures, plan: measures.fresh(plan),
    "together": lambda measures, plan: measures.together(plan),
    "memory-small": lambda measures, plan: measures.memory_small(),
}


def run(options, plan, environment):
    """Runs the benches asked for. Returns all results, old and new, and the names of those that failed."""
    import measures  # pylint: disable=import-outside-toplevel
    results, failed = results_load(), []
    for name, bench in BENCHES.items():
        if options.only and name not in options.only:
            continue
        print(f"{name} …", flush=True)
        before, started = os.getloadavg()[0], time.monotonic()
        try:
            figures = bench(measures, plan)
        except Exception:  # whatever it was: it is told, and the other benches go on
            failed.append(name)
            print(f"{name}: failed\n{traceback.format_exc()}", flush=True)
            continue
        figures["machine"] = {**environment, "load_before": round(before, 1),
                              "took_s": round(time.monotonic() - started)}
        results[name] = figures
        print(json.dumps(figures, indent=1), flush=True)
        results_save(results)
        page_save(results)
    return results, failed


def results_load():
    """The figures of earlier runs; nothing when there are none that can be read."""
    try:
        with open(RESULTS, encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError):
        return {}


def results_save(results):
    """Keeps the figures."""
    with open(RESULTS, "w", encoding="utf-8") as out:
        json.dump(results, out, indent=1)
        out.write("\n")


def page_save(results):
    """Rewrites docs/bench.md."""
    import page  # pylint: disable=import-outside-toplevel
    with open(PAGE, "w", encoding="utf-8") as out:
        out.write(page.write(results))


def options_read():
    """Parses the command line."""
    parser = argparse.ArgumentParser(prog="./dev bench", description="measures, and rewrites docs/bench.md")
    parser.add_argument("--binary", default=os.path.join(ROOT, "build-bench", "kith"), help=argparse.SUPPRESS)
    parser.add_argument("--seconds", type=int, default=600, help="length of the ingest bench (600)")
    parser.add_argument("--people", type=int, default=1_000_000, help="customers known before (1000000)")
    parser.add_argument("--events", type=int, default=10_000_000,
                        help="events of the memory and start bench (10000000)")
    parser.add_argument("--history", type=int, default=100_000_000,
                        help="events of the segments bench (100000000); databases loaded with them stay in "
                             "data/bench, or in the folder KITH_BENCH_CACHE names")
    parser.add_argument("--together", type=int, default=900, help="seconds of everything at once (900)")
    parser.add_argument("--watched", type=int, default=1_000_000,
                        help="people of the benches of watched segments (1000000)")
    parser.add_argument("--only", action="append", choices=list(BENCHES), help="one bench; may be repeated")
    return parser.parse_args()


def main():
    """Measures, writes the page. Exit status 1 when a bench failed."""
    options = options_read()
    os.environ["KITH_BINARY"] = options.binary
    os.environ.setdefault("KITH_TEST_DATA", os.path.normpath(f"{ROOT}/../shared/data"))
    import cluster  # pylint: disable=import-outside-toplevel
    import measures  # pylint: disable=import-outside-toplevel
    plan = measures.Plan(options.binary, options.seconds, options.people, options.events, options.history,
                         options.together, options.watched)
    with tempfile.TemporaryDirectory(prefix="kith-bench-") as folder:
        with cluster.Cluster(folder, durable=True) as postgres:
            os.environ["KITH_TEST_POSTGRES"] = postgres.url
            results, failed = run(options, plan, machine())
    page_save(results)
    print(f"written: {os.path.relpath(PAGE, ROOT)}")
    if failed:
        print(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
