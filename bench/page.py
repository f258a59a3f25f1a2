"""Writes docs/bench.md from the figures of bench/results.json."""

INTRO = """# Figures

Written by `./dev bench` from its last run; do not edit. Everything runs on one machine, the load
generator on the same cores as the server. Trust the ratios: the milliseconds are this machine's, and
its disk syncs faster than most. Batches of 100 events over HTTP, keep-alive, acknowledged when durable;
1 M known people in random order, 5 % never-seen visitors, 1 % orders; exactly the schema that `serve` uses.

"""


def number(value):
    """A figure with thousands separators."""
    return f"{value:,.0f}"


class Page:
    """The page as it grows."""

    def __init__(self, results):
        self.results = results
        self.lines = []

    def rows(self):
        """One row for each target: what, wanted, measured, whether it is met."""
        ingest, peer = self.results.get("ingest"), self.results.get("peer")
        postgres, retail = self.results.get("ingest-postgres"), self.results.get("import")
        memory, small = self.results.get("memory"), self.results.get("memory-small")
        if ingest:
            yield from ingest_rows(ingest, peer)
        if postgres:
            rate = postgres["full"]["events_per_second"]
            yield "events/s on PostgreSQL, de-duplicated", "≥ 40,000", number(rate), rate >= 40000
        if retail:
            yield "541,909 order lines imported", "< 6 s", f"{retail['best']} s (worst of three " \
                f"{retail['worst']} s)", retail["best"] < 6
        if memory:
            yield f"anonymous memory at rest, {number(memory['schema']['rows']['person'])} people and " \
                f"{number(memory['events'])} events", "< 300 MB", f"{memory['memory_mb']} MB", \
                memory["memory_mb"] < 300
            yield "start to `/readyz` with them", "< 2 s", f"{min(memory['start_s'])} s (after kill -9 " \
                f"{memory['start_after_kill_s']} s)", min(memory["start_s"]) < 2
        if small:
            yield "anonymous memory at rest, the demo shop (20,000 people)", "< 60 MB", \
                f"{small['memory_mb']} MB", small["memory_mb"] < 60
            yield "making the demo shop", "< 60 s", f"{small['demo_s']} s", small["demo_s"] < 60

    def table(self):
        """The targets."""
        self.lines += ["| what | wanted | measured | |", "| --- | --- | --- | --- |"]
        for what, wanted, measured, met in self.rows():
            self.lines.append(f"| {what} | {wanted} | {measured} | {'yes' if met else '**missed**'} |")
        self.lines.append("")

    def conditions(self):
        """Under which conditions each bench ran."""
        self.lines.append("## Conditions")
        for name, figures in self.results.items():
            at = figures["machine"]
            self.lines += ["", f"### {name}", "",
                           f"{at['day']}, commit {at['commit']}, {at['cpu']}, {at['cores']} cores, "
                           f"{at['memory_gib']} GiB, Linux {at['kernel']}, load before the run {at['load_before']}.",
                           "", "```", *flat(figures), "```"]


def ingest_rows(ingest, peer):
    """The targets of the ingest bench on SQLite."""
    full, calm = ingest["full"], ingest["at_80"]
    rate = full["events_per_second"]
    yield f"events/s on SQLite over {full['seconds']} s", "≥ 200,000", number(rate), rate >= 200000
    yield "people a second, of whom nobody knew before", "", number(ingest["born"]["people_per_second"]), True
    if peer:
        ratio = rate / peer["full"]["events_per_second"]
        yield f"times fastify + PostgreSQL ({number(peer['full']['events_per_second'])} events/s)", "≥ 4", \
            f"{ratio:.1f}", ratio >= 4
    change = full["last_part"] / full["first_part"] if full["first_part"] else 0
    yield f"last {full['part_seconds']} s against the first", "≥ 0.67", f"{change:.2f}", change >= 0.67
    yield "largest WAL, with a reader at work", "< 512 MB", f"{ingest['wal_max_mb']} MB", ingest["wal_max_mb"] < 512
    yield f"p99 of an acknowledgement at 80 % load ({number(calm['events_per_second'])} events/s)", "< 25 ms", \
        f"{calm['p99_ms']} ms (p50 {calm['p50_ms']}, p99.9 {calm['p999_ms']})", calm["p99_ms"] < 25
    pages = ingest["person_page_ms"]
    yield f"a person page afterwards, {number(ingest['schema']['rows']['event'])} events", "< 50 ms", \
        f"median {pages['median']} ms, worst of {pages['n']} {pages['worst']} ms", \
        pages["worst"] is not None and pages["worst"] < 50


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
    page = Page(results)
    page.table()
    page.conditions()
    return INTRO + "\n".join(page.lines) + "\n"
