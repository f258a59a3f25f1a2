#!/usr/bin/env python3
"""The same questions, asked of Kith's rules, DuckDB, PostgreSQL and SQLite, which must answer alike.

bench/questions/ holds each question: NAME.rule as Kith reads it, NAME.sql as any database does, and
NAME.KIND.sql for one kind of database (`indexed`: those with indexes; `window`: all). A database is asked each
of its forms once, then the fastest of them some more times; the median counts.

    bench/beside.py --load FOLDER EVENTS PEOPLE     only loads, so that a later run finds all ready
"""
import argparse
import glob
import json
import math
import os
import re
import statistics
import subprocess

import databases

ROOT = databases.ROOT
QUESTIONS = os.path.join(ROOT, "bench", "questions")
FORMS = {"duckdb": ("", "duckdb", "window"), "postgres": ("", "postgres", "indexed", "window"),
         "sqlite": ("", "sqlite", "indexed", "window")}
NOW, DAY = 1704067200000 + 731 * 86400000, 86400000
TIME_MAX_S = 120
SLOW_MS = 10_000  # what takes longer is asked once


def names():
    """All questions, in order."""
    return sorted({os.path.basename(path).split(".")[0] for path in glob.glob(f"{QUESTIONS}/*.sql")})


def moments_set(sql):
    """Puts numbers for `:now` and `N * :day`."""
    sql = re.sub(r"(\d+) \* :day", lambda match: str(int(match.group(1)) * DAY), sql)
    return sql.replace(":now", str(NOW))


def forms(name, kind):
    """The forms of a question for a kind of database: file name -> SQL."""
    found = {}
    for form in FORMS[kind]:
        path = os.path.join(QUESTIONS, ".".join(part for part in (name, form, "sql") if part))
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                found[os.path.basename(path)] = moments_set(file.read())
    return found


def answer_of(database, name, sql, layout):
    """What the answer is, comparable: number of people and two sums; of the matrix all cells."""
    if "cohort" in name:
        rows, _ = database.ask(sql, layout, 2 * TIME_MAX_S)
        return " ".join(":".join(row) for row in sorted(rows, key=lambda row: [int(cell) for cell in row]))
    (row,), _ = database.ask("SELECT count(*), coalesce(sum(person), 0), "
                             "coalesce(sum(CAST(person AS bigint) * person % 2147483647), 0) "
                             f"FROM ({sql}) answer", layout, 2 * TIME_MAX_S)
    return " ".join(row)


def timed(database, sql, layout, limit_s=TIME_MAX_S):
    """Milliseconds until the number of rows is there; None when it took too long."""
    try:
        return database.ask(f"SELECT count(*) FROM ({sql}) answer", layout, limit_s)[1]
    except databases.TooSlow:
        return None


def form_try(database, sql, layout, limit_s):
    """The second time counts, unless the first was slow already."""
    first = timed(database, sql, layout, limit_s)
    return first if first is None or first > SLOW_MS else timed(database, sql, layout)


def question_ask(database, name):
    """One question to one database. A form that is much slower than one before it is not waited for."""
    tries, limit_s = {}, TIME_MAX_S
    for form, sql in forms(name, database.name).items():
        for layout in database.layouts:
            spent = form_try(database, sql, layout, limit_s)
            if spent is not None:
                tries[form, layout] = spent
                limit_s = min(limit_s, max(10, spent / 500))
    if not tries:
        return {"ms": None, "over_s": TIME_MAX_S}
    form, layout = min(tries, key=tries.get)
    sql, spent = forms(name, database.name)[form], [tries[form, layout]]
    while spent[0] < SLOW_MS and len(spent) < database.rounds:
        spent.append(timed(database, sql, layout))
    return {"ms": round(statistics.median(spent), 3), "best_ms": round(min(spent), 3), "rounds": len(spent),
            "form": form, "layout": layout, "answer": answer_of(database, name, sql, layout),
            "tried": ", ".join(f"{form} {layout} {ms:.1f} ms" for (form, layout), ms in tries.items())}


def databases_ask(folder, history, only=()):
    """All questions to all databases: kind -> {"rules": {question: figures}, …}."""
    results = {}
    for kind in databases.KINDS:
        if only and kind.name not in only:
            continue
        with databases.loaded(kind, folder, history) as database:
            results[kind.name] = {"rules": {}}
            for name in names():
                print(f"{kind.name} {name} …", flush=True)
                results[kind.name]["rules"][name] = question_ask(database, name)
                print(json.dumps({key: value for key, value in results[kind.name]["rules"][name].items()
                                  if key != "answer"}), flush=True)
            conditions = database.conditions()
            conditions["bytes_an_event"] = round(conditions["bytes_an_event"] / history.events, 1)
            results[kind.name].update(conditions)
    return results


def all_ask(program, history):
    """All questions to everybody, the databases first; fails when they differ."""
    results = databases_ask(history.folder, history)
    results["kith"] = rules_ask(program, history, QUESTIONS)
    results["kith"]["rules"]["6-cohort"] = cohort_ask(program, history)
    answers_check(results)
    for figures in results.values():
        for name, rule in figures["rules"].items():
            if "cohort" not in name and rule.get("answer"):
                rule["people"] = int(rule["answer"].split()[0])
            rule.pop("answer", None)
    return {**results, "ratios": ratios(results)}


def ratios(results):
    """How many times faster Kith was than each database: by question, and their geometric mean."""
    kith = results["kith"]["rules"]
    against = {}
    for kind, figures in results.items():
        pairs = {name: rule["ms"] / kith[name]["ms"] for name, rule in figures["rules"].items()
                 if kind != "kith" and rule["ms"] and name in kith}
        if pairs:
            mean = math.exp(sum(map(math.log, pairs.values())) / len(pairs))
            against[kind] = {**{name: round(ratio, 1) for name, ratio in pairs.items()}, "mean": round(mean, 1)}
    return against


def rules_ask(program, history, *options):
    """Asks Kith."""
    done = subprocess.run([program, os.path.join(history.folder, "kith"), str(history.events), str(history.people),
                           *options], text=True, capture_output=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout)


def cohort_ask(program, history):
    """The matrix is no rule: it is asked as /api/cohorts asks it."""
    beside = os.path.join(os.path.dirname(program), "kith-cohort-bench")
    done = subprocess.run([beside, os.path.join(history.folder, "kith"), str(history.events), str(history.people)],
                          text=True, capture_output=True, check=True)
    return json.loads(done.stdout)


def recheck(program, history):
    """All watched rules at once, of everybody."""
    rules = os.path.join(ROOT, "bench", "watched.rules")
    return rules_ask(program, history, rules, "--together", "--rounds", "3")["rules"]["together"]


def answers_check(results):
    """Every engine that answered must have answered the same."""
    for name in names():
        given = {kind: figures["rules"][name].get("answer") for kind, figures in results.items()
                 if figures["rules"].get(name, {}).get("answer")}
        if len(set(given.values())) > 1:
            raise RuntimeError(f"{name}: the answers differ: "
                               f"{ {kind: answer[:100] for kind, answer in given.items()} }")


def main():
    """Loads, and with --ask asks."""
    parser = argparse.ArgumentParser(description="loads the databases that ./dev bench asks")
    parser.add_argument("folder")
    parser.add_argument("events", type=int)
    parser.add_argument("people", type=int)
    parser.add_argument("--programs", default=os.path.join(ROOT, "build-bench", "bench"))
    parser.add_argument("--ask", action="store_true", help="asks as well, and prints")
    parser.add_argument("--only", action="append", help="one database; may be repeated")
    options = parser.parse_args()
    history = databases.History(options.folder, os.path.join(options.programs, "kith-history"), options.events,
                                options.people)
    for kind in databases.KINDS:
        if not options.only or kind.name in options.only:
            databases.loaded(kind, options.folder, history)
    if options.ask:
        databases_ask(options.folder, history, options.only)


if __name__ == "__main__":
    main()
