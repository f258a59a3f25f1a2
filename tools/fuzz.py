#!/usr/bin/env python3
"""Fuzzes every parser for a while; `./dev fuzz` builds the targets first.

New inputs that reach new code are kept in build-setup/corpus/NAME, beside the seeds of tests/seeds.
A crash leaves its input in build-setup/crashes; turn it into a seed and a unit test.
"""
import argparse
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def targets():
    """(name such as "timeline/track", binary) of every built fuzz target."""
    folder = os.path.join(ROOT, "build-fuzz")
    seeds = os.path.join(ROOT, "tests", "seeds")
    for at in sorted(os.listdir(seeds)):
        for name in sorted(os.listdir(os.path.join(seeds, at))):
            binary = os.path.join(folder, f"fuzz_{at}_{name}".replace("-", "_"))
            if os.path.exists(binary):
                yield f"{at}/{name}", binary


def fuzz(name, binary, seconds):
    """Runs one target; returns its exit status."""
    corpus = os.path.join(ROOT, "build-setup", "corpus", name)
    crashes = os.path.join(ROOT, "build-setup", "crashes", name.replace("/", "-") + "-")
    os.makedirs(corpus, exist_ok=True)
    os.makedirs(os.path.dirname(crashes), exist_ok=True)
    print(f"{name}: {seconds} s", flush=True)
    return subprocess.run([binary, f"-max_total_time={seconds}", "-max_len=65536", "-timeout=10",
                           "-rss_limit_mb=2048", "-print_final_stats=1", "-verbosity=0",
                           f"-artifact_prefix={crashes}", corpus,
                           os.path.join(ROOT, "tests", "seeds", name)], check=False).returncode


def main():
    """Fuzzes one target after the other."""
    parser = argparse.ArgumentParser(prog="./dev fuzz", description="fuzzes every parser")
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--only", default="", help="only targets whose name begins so")
    options = parser.parse_args()
    rows = [row for row in targets() if row[0].startswith(options.only)]
    crashed = [name for name, binary in rows if fuzz(name, binary, options.seconds) != 0]
    print(f"{len(rows)} targets, crashed: {', '.join(crashed) or 'none'}")
    return 1 if crashed else 0


if __name__ == "__main__":
    sys.exit(main())
