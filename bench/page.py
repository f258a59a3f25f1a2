"""Writes docs/bench.md from the figures of bench/results.json and the notes of bench/notes.md."""
import os

NOTES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "notes.md")

INTRO = """# Measured

Written by `./dev bench` from its last run; do not edit (`bench/notes.md` holds the words at the end).
Everything runs on one machine, the load generator on the same cores as the server. Trust the ratios: the
milliseconds are this machine's, and its disk syncs faster than most. Batches of 100 events over HTTP,
keep-alive, acknowledged when durable; known people in random order, 5 % never-seen visitors, 1 % orders;
exactly the schema and the settings of `serve`. Both Kith and its peer ran in the conditions below.

"""


def number(value):
    """A figure with thousands separators."""
    return f"{value:,.0f}"


class Goal:
    """One row: what was wanted and what came out."""

    def __init__(self, what, goal, value, text):
        self.what, self.value, self.text = what, value, text
        self.least = goal[0] == ">="
        self.goal, self.unit = goal[1], goal[2]

    @property
    def wanted(self):
        """The goal in words."""
        sign = "at least" if self.least else "under"
        amount = number(self.goal) if self.goal >= 1000 else f"{self.goal:g}"
        return f"{sign} {amount}{self.unit}"

    @property
    def missed(self):
        """By how much, in per cent of the goal; "" when it is reached."""
        if self.value is None:
            return "not measured"
        reached = self.value >= self.goal if self.least else self.value < self.goal
        return "" if reached else f"**{abs(self.value - self.goal) / self.goal * 100:.0f} %**"


def goals(results):
    """All rows for which there are figures."""
    ingest, peer = results.get("ingest"), results.get("peer")
    if ingest:
        yield from ingest_goals(ingest)
    if ingest and peer:
        beside = peer["full"]["events_per_second"]
        ratio = ingest["full"]["events_per_second"] / beside
        yield Goal(f"… against fastify + PostgreSQL ({number(beside)} events/s over {peer['full']['seconds']} s)",
                   (">=", 4, " times"), ratio, f"{ratio:.1f} times")
    yield from other_goals(results)


def ingest_goals(ingest):
    """The goals of the ingest bench on SQLite."""
    full, calm, rows = ingest["full"], ingest["at_80"], ingest["schema"]["rows"]
    rate = full["events_per_second"]
    yield Goal(f"events a second on SQLite over {full['seconds']} s, {number(rows['person'])} people",
               (">=", 200000, ""), rate, number(rate))
    change = full["last_part"] / full["first_part"] if full["first_part"] else 0
    yield Goal(f"the last {full['part_seconds']} s against the first", (">=", 0.67, ""), change, f"{change:.2f}")
    yield Goal("largest log (WAL), with a reader at work", ("<", 512, " MB"), ingest["wal_max_mb"],
               f"{ingest['wal_max_mb']} MB")
    yield Goal(f"p99 of an acknowledgement at 80 % load ({number(calm['events_per_second'])} events/s)",
               ("<", 25, " ms"), calm["p99_ms"], f"{calm['p99_ms']} ms (p50 {calm['p50_ms']}, p99.9 {calm['p999_ms']})")
    pages = ingest["person_page_ms"]
    yield Goal(f"a person page afterwards, {number(rows['event'])} events", ("<", 50, " ms"), pages["worst"],
               f"median {pages['median']} ms, worst of {pages['n']} {pages['worst']} ms")


def other_goals(results):
    """The goals of the other benches."""
    postgres, retail = results.get("ingest-postgres"), results.get("import")
    memory, small = results.get("memory"), results.get("memory-small")
    if postgres:
        rate = postgres["full"]["events_per_second"]
        yield Goal(f"events a second on PostgreSQL, de-duplicated, over {postgres['full']['seconds']} s",
                   (">=", 40000, ""), rate, number(rate))
    if retail:
        yield Goal(f"{number(retail['lines'])} order lines imported", ("<", 6, " s"), retail["worst"],
                   f"{retail['best']} to {retail['worst']} s in {len(retail['seconds'])} runs")
    if memory:
        size = f"{number(memory['schema']['rows']['person'])} people and {number(memory['events'])} events"
        yield Goal(f"anonymous memory at rest, {size}", ("<", 300, " MB"), memory["memory_mb"],
                   f"{memory['memory_mb']} MB")
        yield Goal("start to `/readyz` with them", ("<", 2, " s"), max(memory["start_s"]),
                   f"{min(memory['start_s'])} to {max(memory['start_s'])} s (after kill -9 "
                   f"{memory['start_after_kill_s']} s)")
    if results.get("columns"):
        yield from columns_goals(results["columns"]["full"])
    if results.get("segments"):
        yield from segments_goals(results["segments"])
    yield from live_goals(results)
    if small:
        yield Goal("anonymous memory at rest, the demo shop (20,000 people)", ("<", 60, " MB"),
                   small["memory_mb"], f"{small['memory_mb']} MB")
        yield Goal("making the demo shop", ("<", 60, " s"), small["demo_s"], f"{small['demo_s']} s")


def columns_goals(full):
    """The goals of the columns, on all events."""
    size = f"{number(full['events'])} events of {number(full['rows'])} people"
    rate, live = full["build_per_second"], full["live_per_second"]
    yield Goal(f"columns built, events a second, {size}", (">=", 20_000_000, ""), rate, number(rate))
    yield Goal("appended to columns in groups of 1,024, folds beside, events a second", (">=", 10_000_000, ""),
               live, number(live))
    yield Goal("columns, bytes an event in both layouts, without properties", ("<", 24, ""),
               full["bytes_an_event"], f"{full['bytes_an_event']}")
    yield Goal("columns opened from their snapshot", ("<", 3, " s"), full["load_s"], f"{full['load_s']} s")


TITLES = {"1-orders": "ordered ≥ 3 times in 90 days", "2-spent": "spent ≥ 200 in 365 days, no open in 30, country",
          "3-cart": "cart in 24 h and no order since", "4-second": "first order 25–35 days ago and no second",
          "5-category": "viewed a category ≥ 5 times in 14 days", "6-cohort": "cohort retention matrix",
          "7-funnel": "funnel view → cart → order, each within 7 days"}
KINDS = {"kith": "Kith", "duckdb": "DuckDB", "postgres": "PostgreSQL", "sqlite": "SQLite"}


def segments_goals(asked):
    """The goals of the questions asked side by side."""
    rules, ratios = asked["kith"]["rules"], asked["ratios"]["duckdb"]
    single = {name: ratio for name, ratio in ratios.items() if name != "mean"}
    yield Goal(f"rules against DuckDB, geometric mean of {len(single)} of 7", (">=", 20, " times"), ratios["mean"],
               f"{ratios['mean']} times")
    worst = min(single, key=single.get)
    yield Goal("… the least of them", (">=", 6, " times"), single[worst], f"{single[worst]} times ({TITLES[worst]})")
    limits = {"6-cohort": 40, "7-funnel": 100}
    slow = max((name for name in rules if name not in limits), key=lambda name: rules[name]["ms"])
    yield Goal("the slowest rule but the next two", ("<", 20, " ms"), rules[slow]["ms"],
               f"{rules[slow]['ms']:.2f} ms ({TITLES[slow]})")
    for name, limit in limits.items():
        spent = rules.get(name, {}).get("ms")
        yield Goal(TITLES[name], ("<", limit, " ms"), spent, "" if spent is None else f"{spent:.1f} ms")


def live_goals(results):
    """The goals of watched segments."""
    asked, fresh, together = results.get("segments"), results.get("fresh"), results.get("together")
    if asked and "recheck" in asked:
        again = asked["recheck"]
        yield Goal(f"{again['rules']} rules of everybody at once, time of one core", ("<", 2, " s"),
                   again["cpu_ms"] / 1e3, f"{again['cpu_ms'] / 1e3:.1f} s (answered after {again['ms'] / 1e3:.1f} s)")
    if fresh:
        yield from fresh_goals(fresh)
    if together:
        yield from together_goals(together)


def fresh_text(spent):
    """Freshness in words."""
    if not spent["n"]:
        return "none was seen in time"
    return f"p50 {number(spent['p50_ms'])}, p99 {number(spent['p99_ms'])}, largest {number(spent['max_ms'])} ms"


def fresh_goals(fresh):
    """Freshness at rates; half of the goal's load, and all of it, are goals of their own."""
    for rate in sorted({50_000, 100_000} | {int(rate) for rate in fresh["at"]}):
        at, limit = fresh["at"].get(str(rate)), 100 if rate == 50_000 else 1000
        people = (at or fresh).get("people", fresh["people"])
        what = (f"acknowledged to `Segment Entered`, p99, {number(rate)} events/s asked, "
                f"{fresh['segments']} watched segments, {number(people)} people")
        if not at:
            yield Goal(what, ("<", limit, " ms"), None, "a lower rate was not kept")
            continue
        kept = f", {number(at['waiting'])} people not judged {number(at['drain_s'])} s later" if at["waiting"] else ""
        steps = round(at["record"]["n"] / at["load"]["elapsed"])
        yield Goal(what, ("<", limit, " ms"), at["fresh"]["p99_ms"],
                   f"{fresh_text(at['fresh'])} at {number(at['load']['events_per_second'])} events/s that moved "
                   f"{number(steps)} people in or out a second{kept}")


def together_goals(all_of):
    """The run of everything together."""
    sent, fresh = all_of["load"], all_of["fresh"]
    what = f"everything together, {sent['seconds']} s at {number(sent['events_per_second'])} events/s"
    yield Goal(f"{what}: acknowledged, p99", ("<", 50, " ms"), sent["p99_ms"],
               f"{sent['p99_ms']} ms (p50 {sent['p50_ms']})")
    kept = f", {number(all_of['waiting'])} people not judged {number(all_of['drain_s'])} s later"
    yield Goal("… acknowledged to `Segment Entered`, p99", ("<", 1000, " ms"), fresh["p99_ms"],
               fresh_text(fresh) + (kept if all_of["waiting"] else ""))


def milliseconds(rule):
    """One cell: the median."""
    if not rule:
        return "–"
    if rule["ms"] is None:
        return f"over {rule['over_s']} s"
    digits = 2 if rule["ms"] < 10 else 1 if rule["ms"] < 100 else 0
    once = " (once)" if rule["rounds"] == 1 else ""
    return f"{rule['ms']:,.{digits}f}{once}"


def segments_table(results):
    """The questions side by side."""
    asked = results.get("segments")
    if not asked:
        return
    size = f"{number(asked['kith']['events'])} events of {number(asked['kith']['people'])} people"
    yield from ("## Rules beside databases", "",
                f"Milliseconds of a warm answer, median; {size} (bench/history.h), the same people meant by all:",
                "", f"| question | {' | '.join(KINDS.values())} | Kith against DuckDB |",
                f"| --- |{' ---: |' * (len(KINDS) + 1)}")
    for name, title in TITLES.items():
        cells = [milliseconds(asked[kind]["rules"].get(name)) for kind in KINDS]
        ratio = asked["ratios"]["duckdb"].get(name)
        yield f"| {title} | {' | '.join(cells)} | {f'{ratio} times' if ratio else '–'} |"
    yield f"| geometric mean | | | | | {asked['ratios']['duckdb']['mean']} times |"
    yield ""


def table(results):
    """The goals, what was measured, and by how much they were missed."""
    yield from ("| what | goal | measured | missed by |", "| --- | --- | --- | --- |")
    for goal in goals(results):
        yield f"| {goal.what} | {goal.wanted} | {goal.text} | {goal.missed} |"
    if "ingest" in results:
        born = results["ingest"]["born"]
        yield f"| people nobody knew before, a second | | {number(born['people_per_second'])} | |"
    if "together" in results:
        read, errors = results["together"]["read"], sum(results["together"]["read_errors"].values())
        yield (f"| pages read by 20 people meanwhile, {number(read['n'])} | | p50 {read['p50_ms']} ms, "
               f"p99 {number(read['p99_ms'])} ms, {errors} failed | |")
    yield ""


def conditions(results):
    """Under which conditions each bench ran."""
    yield "## Conditions"
    for name, figures in results.items():
        at = figures["machine"]
        yield from ("", f"### {name}", "",
                    f"{at['day']}, commit {at['commit']}, {at['cpu']}, {at['cores']} cores, "
                    f"{at['memory_gib']} GiB, Linux {at['kernel']}, load before the run {at['load_before']}, "
                    f"took {at['took_s']} s.", "", "```", *flat(figures), "```")


def flat(figures, prefix=""):
    """Nested figures as `name.name = value` lines."""
    for name, value in figures.items():
        if name == "machine":
            continue
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name} = {value}"


def write(results):
    """The whole page."""
    with open(NOTES, encoding="utf-8") as file:
        notes = file.read()
    return INTRO + "\n".join([*table(results), *segments_table(results), notes, *conditions(results)]) + "\n"
