#!/usr/bin/env python3
"""Writes what the last runs of the checks found into docs/promises.md, its column "last figures".

tools/check.py keeps the figures of each suite's newest run in build-setup/check/figures.json. A row
of the page names its suite in its command (`./dev check --suite "bad input"`), and in brackets one
test of a Meson suite, if the row is about that alone: (timeline/import-kill).

    promises.py           rewrite the page
    promises.py --print   only show the column
"""
import json
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PAGE = os.path.join(ROOT, "docs", "promises.md")
FIGURES = os.path.join(ROOT, "build-setup", "check", "figures.json")
NOTES_LONGEST = 320  # more than that is for the run's own output


def suites_of(figures, name):
    """The runs whose suite is `name`, or `name, sqlite` and `name, postgres`, in order."""
    return [figures[key] for key in sorted(figures)
            if key == name or (key.startswith(name + ", ") and "ASan" not in key)]


def notes_of(run, part):
    """What the run noted of one of its parts, or of none in particular."""
    if part:
        return [note[len(part) + 2:] for note in run["notes"] if note.startswith(part + ": ")]
    return [note for note in run["notes"] if note.partition(": ")[0] not in run["parts"]]


def figure(runs, part):
    """One cell: cases, what the runs noted, and the day of the oldest of them."""
    passed = sum(run["parts"].get(part, 0) if part else run["passed"] for run in runs)
    failed = sum(run["failed"] for run in runs)
    notes = [note for run in runs for note in notes_of(run, part)]
    said = "; ".join(dict.fromkeys(notes))
    cases = f"{passed} cases" + (f", {failed} failed" if failed else "")
    day = min(run["at"] for run in runs)[:10]
    return f"{cases}{': ' + said if said and len(said) <= NOTES_LONGEST else ''} ({day})".replace("|", "/")


def row_write(line, figures):
    """A row with its last cell written anew; as it is when its suite has not run here."""
    cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
    wanted = re.search(r"--suite (\"[^\"]+\"|[^`\s]+)`(?: \(([\w/-]+)\))?", line)
    if not wanted or len(cells) != 4:
        return line
    runs = suites_of(figures, wanted.group(1).strip('"'))
    if runs:
        cells[3] = figure(runs, wanted.group(2))
    return "| " + " | ".join(cells) + " |"


def main():
    """Rewrites the page, or prints its last column."""
    try:
        with open(FIGURES, encoding="utf-8") as file:
            figures = json.load(file)
    except OSError:
        sys.exit("promises.py: no figures yet; ./dev check makes them")
    with open(PAGE, encoding="utf-8") as file:
        lines = [row_write(line, figures) for line in file.read().splitlines()]
    if "--print" in sys.argv[1:]:
        print("\n".join(line.split("|")[-2].strip() for line in lines if line.startswith("| ")))
        return
    with open(PAGE, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
