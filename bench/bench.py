#!/usr/bin/env python3
"""Measures Kith beside its peer in one run and rewrites docs/bench.md. `./dev bench` builds first.

Figures of the last run of each bench are kept in bench/results.json, from which docs/bench.md is
written, so that one bench can be run again alone (--only). Ratios count; milliseconds are this
machine's.
"""
import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tests", "lib"))
RESULTS = os.path.join(ROOT, "bench", "results.json")


def machine():
    """What it ran on."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), "unknown")
    with open("/proc/meminfo", encoding="utf-8") as file:
        memory_gib = int(file.readline().split()[1]) // 1048576
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, text=True, capture_output=True,
                            check=False).stdout.strip()
    return {"cpu": model, "cores": os.cpu_count(), "memory_gib": memory_gib, "kernel": platform.release(),
            "commit": commit, "day": datetime.date.today().isoformat(),
            "load_before": round(os.getloadavg()[0], 1)}


def run(options, environment):
    """Runs the benches asked for and returns all results, old and new."""
    import measures  # pylint: disable=import-outside-toplevel
    benches = {
        "ingest": lambda: measures.ingest(options.binary, options.seconds, "sqlite"),
        "peer": lambda: measures.peer(options.binary, max(20, options.seconds // 10)),
        "ingest-postgres": lambda: measures.ingest(options.binary, max(20, options.seconds // 5), "postgres"),
        "import": lambda: measures.retail_import(options.binary, options.seconds),
        "memory": lambda: measures.memory_and_start(options.binary, options.seconds),
        "memory-small": lambda: measures.memory_small(options.binary, options.seconds),
    }
    results = json.load(open(RESULTS, encoding="utf-8")) if os.path.exists(RESULTS) else {}
    for name, bench in benches.items():
        if options.only and name not in options.only:
            continue
        print(f"{name} …", flush=True)
        results[name] = {**bench(), "machine": environment}
        print(json.dumps(results[name], indent=1), flush=True)
        with open(RESULTS, "w", encoding="utf-8") as out:
            json.dump(results, out, indent=1)
            out.write("\n")
    return results


def main():
    """Parses, measures, writes the page."""
    parser = argparse.ArgumentParser(prog="./dev bench", description="measures, and rewrites docs/bench.md")
    parser.add_argument("--binary", default=os.path.join(ROOT, "build-bench", "kith"), help=argparse.SUPPRESS)
    parser.add_argument("--seconds", type=int, default=600, help="length of the ingest bench (600)")
    parser.add_argument("--only", action="append", help="ingest, peer, ingest-postgres, import, memory, "
                                                        "memory-small; may be repeated")
    options = parser.parse_args()
    os.environ["KITH_BINARY"] = options.binary
    os.environ.setdefault("KITH_TEST_DATA", os.path.normpath(f"{ROOT}/../shared/data"))
    import cluster  # pylint: disable=import-outside-toplevel
    import page  # pylint: disable=import-outside-toplevel
    with tempfile.TemporaryDirectory(prefix="kith-bench-") as folder:
        with cluster.Cluster(folder, durable=True) as postgres:
            os.environ["KITH_TEST_POSTGRES"] = postgres.url
            results = run(options, machine())
    path = os.path.join(ROOT, "docs", "bench.md")
    with open(path, "w", encoding="utf-8") as out:
        out.write(page.write(results))
    print(f"written: {os.path.relpath(path, ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
