"""Watched segments while events come in: how soon a group says what an acknowledged event did to it.

200 segments (bench/watched.rules) are watched in a real `kith serve`. The truth of *freshness* is told by
canaries: people of whom nothing else is said send one event each now and then, through their own connection, and
from its answer on the database is looked at until the stay it begins is there. Besides, the record itself says of
every flip when it was true and when it was begun to be judged; that is told as `record`.
"""
import json
import os
import random
import sqlite3
import subprocess
import threading
import time
import urllib.parse

import measures
from measures import kith, tap

RULES = os.path.join(measures.ROOT, "bench", "watched.rules")
CANARY_RULE = 'did "Bench Signal" in last 1 day and not then "Bench Silence"'
CANARIES, CANARY_PAUSE_S = 60, 3
PAST_EVENTS, PAST_DAYS = 50, 730  # of each person, before anything is watched
VISITS, VISIT_EVENTS = 5000, 100  # people who are there at once; what each does before another comes
WARM_S, WARM_RATE = 30, 5000      # before anything is measured: the first 5,000 come, and what that moves is written
RECORDED_MAX_S = 1800  # until the first record of 200 segments must be there
IMPORT_EACH_S = 300    # from the beginning of one to that of the next; longer where one takes longer
DRAIN_MAX_S = 60       # until everything sent must be judged


def rules():
    """The watched rules, the canaries' own last."""
    with open(RULES, encoding="utf-8") as file:
        return [line.strip() for line in file if line.strip()][:199] + [CANARY_RULE]


def share(values, part):
    """A percentile of a list; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * part))], 1)


def spread(values):
    """Median, p99 and largest of milliseconds."""
    return {"n": len(values), "p50_ms": share(values, 0.5), "p99_ms": share(values, 0.99),
            "max_ms": share(values, 1)}


class Store:
    """A look into the database of a running shop, beside it."""

    def __init__(self, shop):
        self.connection = sqlite3.connect(f"file:{shop.data}/kith.db?mode=ro", uri=True, check_same_thread=False,
                                          isolation_level=None)
        self.connection.execute("PRAGMA busy_timeout = 2000")

    def rows(self, sql, *values):
        """All rows of a statement."""
        return self.connection.execute(sql, values).fetchall()

    def number(self, sql, *values):
        """Its first value."""
        return self.rows(sql, *values)[0][0]


class Canaries(threading.Thread):
    """Sends the canaries' events and looks for their stays."""

    def __init__(self, shop, segment_id):
        super().__init__(daemon=True)
        self.shop, self.store, self.segment_id = shop, Store(shop), segment_id
        self.halt, self.fresh_ms, self.ack_ms = threading.Event(), [], []
        self.people, self.sent, self.due, self.seen = {}, {}, {}, set()

    def meet(self):
        """Makes their people."""
        for i in range(CANARIES):
            tap.want_true(self.shop.ingest.identify(userId=f"canary-{i}", traits={"name": f"Canary {i}"}).status == 200,
                          "a canary is known")
        for event in ("Bench Signal", "Bench Silence"):
            tap.want_true(self.shop.ingest.track(userId="canary-0", event=event).status == 200, "its events are known")
        for i in range(CANARIES):
            found = self.shop.api.get("/api/people?q=" + urllib.parse.quote(f"canary-{i}")).json["people"]
            person = next(one for one in found if one["name"] == f"Canary {i}")
            self.people[int(person["id"])] = i
        self.due = {person: random.random() * CANARY_PAUSE_S + time.monotonic() for person in self.people}
        return self

    def send(self, person):
        """One event; its stay is waited for from its answer on."""
        began = time.monotonic()
        reply = self.shop.ingest.track(userId=f"canary-{self.people[person]}", event="Bench Signal")
        if reply.status != 200:
            return
        self.sent[person] = time.monotonic()
        self.ack_ms.append((self.sent[person] - began) * 1e3)

    def look(self):
        """Which of those waited for are there."""
        found = self.store.rows("SELECT person_id, member_id FROM segment_member WHERE segment_id = ? AND "
                                "entered_at >= ?", self.segment_id, int((time.time() - DRAIN_MAX_S - 30) * 1000))
        now = time.monotonic()
        for person, member in found:
            if member in self.seen:
                continue
            self.seen.add(member)
            if person not in self.sent:
                continue
            self.fresh_ms.append((now - self.sent.pop(person)) * 1e3)
            self.due[person] = now + CANARY_PAUSE_S
            self.shop.ingest.track(userId=f"canary-{self.people[person]}", event="Bench Silence")

    def run(self):
        while not self.halt.is_set() or (self.sent and time.monotonic() < self.ended + DRAIN_MAX_S):
            for person, due in self.due.items():
                if not self.halt.is_set() and person not in self.sent and due <= time.monotonic():
                    self.send(person)
            self.look()
            time.sleep(0.004)

    def end(self):
        """Sends no more, and waits for what was sent."""
        self.ended = time.monotonic()
        self.halt.set()
        self.join()
        return {"fresh": spread(self.fresh_ms), "ack": spread(self.ack_ms), "never_seen": len(self.sent)}


class Reader(threading.Thread):
    """Somebody who looks at pages."""

    PATHS = ("/api/home", "/api/people?limit=50", "/api/people?limit=50&q=customer", "/api/segments",
             "/api/segments/watched", "/api/groups", "PERSON", "TIMELINE", "PREVIEW", "STEPS")

    def __init__(self, shop, number, pause_s=1):
        super().__init__(daemon=True)
        self.api, self.pause_s = kith.Client(shop.port, shop.api.headers), pause_s
        self.lot, self.halt = random.Random(number), threading.Event()
        self.ms, self.errors, self.people, self.rules = {}, {}, [], rules()

    def request(self, what):
        """One request: what a page of the user interface asks for."""
        if what == "PREVIEW":
            return self.api.post("/api/segments/preview", {"rule": self.lot.choice(self.rules)}, timeout=60)
        if what == "STEPS":
            known = self.api.get("/api/segments", timeout=60).json["segments"]
            return self.api.get(f"/api/segments/{self.lot.choice(known)['id']}/steps", timeout=60)
        person = self.lot.choice(self.people) if self.people else None
        if what in ("PERSON", "TIMELINE"):
            if not person:
                what = "/api/people?limit=50"
            else:
                what = f"/api/people/{person}" + ("/timeline" if what == "TIMELINE" else "")
        reply = self.api.get(what, timeout=60)
        if what.startswith("/api/people?") and reply.status == 200:
            self.people = [one["id"] for one in reply.json["people"]]
        return reply

    def run(self):
        while not self.halt.wait(self.pause_s * (0.5 + self.lot.random())):
            what, began = self.lot.choice(self.PATHS), time.monotonic()
            try:
                status = self.request(what).status
            except (OSError, ValueError, KeyError) as error:
                status = type(error).__name__
            self.ms.setdefault(what, []).append((time.monotonic() - began) * 1e3)
            if status != 200:
                self.errors[f"{what} {status}"] = self.errors.get(f"{what} {status}", 0) + 1


class Sampler(threading.Thread):
    """Memory of the server, every second."""

    def __init__(self, shop):
        super().__init__(daemon=True)
        self.shop, self.halt, self.rss_mb = shop, threading.Event(), []

    def run(self):
        while not self.halt.wait(1):
            self.rss_mb.append(measures.memory_mb(self.shop))

    def end(self):
        """Memory at the beginning, most and last."""
        self.halt.set()
        self.join()
        rss = self.rss_mb or [0]
        return {"memory_first_mb": rss[0], "memory_most_mb": max(rss), "memory_last_mb": rss[-1],
                "memory_by_tenth_mb": rss[::max(1, len(rss) // 10)]}


def past_load(plan, shop):
    """What everybody did in the two years before, few of them much; the number of events."""
    past = measures.load(plan.binary, shop.port, shop.key("ingest"), seconds=3600, people=plan.people, seed=98,
                         events=plan.people * PAST_EVENTS, visitors=0, shop=1, **{"past-days": PAST_DAYS})
    measures.trouble_check(past)
    return past["events"]


def visits_load(plan, shop, **options):
    """Events of people who come for a visit each; a run goes on with those who are there."""
    return measures.load(plan.binary, shop.port, shop.key("ingest"), people=plan.people, shop=1, visitors=0,
                         visits=VISITS, **{"visit-events": VISIT_EVENTS}, **options)


def watch_all(shop):
    """Saves and watches all rules; returns the canaries' segment and the seconds until all are recorded."""
    segment = 0
    for number, rule in enumerate(rules()):
        reply = shop.api.post("/api/segments", {"name": f"Watched {number}", "rule": rule})
        if reply.status not in (200, 201):
            raise RuntimeError(f"{rule}: {reply.status} {reply.body!r}")
        segment = reply.json["id"]
        reply = shop.api.put(f"/api/segments/{segment}/watch", {"watched": True})
        if reply.status != 204:
            raise RuntimeError(f"{rule}: {reply.status} {reply.body!r}")
    store, started = Store(shop), time.monotonic()
    while waiting := store.number("SELECT COUNT(*) FROM segment WHERE watched_at IS NOT NULL AND "
                                  "(recorded IS NULL OR recorded <> version)"):
        if time.monotonic() > started + RECORDED_MAX_S:
            raise RuntimeError(f"{waiting} of 200 segments are not recorded after {RECORDED_MAX_S} s")
        time.sleep(0.5)
    return int(segment), round(time.monotonic() - started, 1)


def drain(shop):
    """Waits until nobody waits to be judged; seconds, and how many still wait after DRAIN_MAX_S."""
    store, started = Store(shop), time.monotonic()
    while store.number("SELECT EXISTS (SELECT 1 FROM segment_dirty)"):
        if time.monotonic() > started + DRAIN_MAX_S:
            break
        time.sleep(0.2)
    return {"drain_s": round(time.monotonic() - started, 1),
            "waiting": store.number("SELECT COUNT(*) FROM segment_dirty")}


def record(shop, since_ms):
    """Of all flips since: from the instant a flip bears to when its judging began."""
    store = Store(shop)
    lags = [row[0] for row in store.rows(
        "SELECT known_at - entered_at FROM segment_member WHERE entered_at >= ? AND known_at >= ? UNION ALL "
        "SELECT left_known_at - left_at FROM segment_member WHERE left_at >= ? AND left_known_at >= ?",
        since_ms, since_ms, since_ms, since_ms)]
    return spread(lags)


class Watched:
    """A shop with people whose segments are watched."""

    def __init__(self, plan):
        self.plan, self.shop, self.figures = plan, kith.Shop("sqlite"), {}

    def __enter__(self):
        self.shop.__enter__()
        try:
            self.begin()
        except BaseException:
            self.shop.__exit__()
            raise
        return self

    def begin(self):
        """People, canaries, segments."""
        born = measures.people_born(self.plan, self.shop, self.shop.key("ingest"))
        past = past_load(self.plan, self.shop)
        self.canaries = Canaries(self.shop, 0).meet()
        self.canaries.segment_id, recorded_s = watch_all(self.shop)
        visits_load(self.plan, self.shop, rate=WARM_RATE, seconds=WARM_S, seed=10)
        drain(self.shop)
        self.figures = {"people": born["people"], "past_events": past, "segments": len(rules()), "recorded_s": recorded_s}

    def __exit__(self, *rest):
        self.shop.__exit__(*rest)

    def load(self, rate, seconds, seed, ended=None):
        """Events at a rate (0: as fast as they are taken), with canaries; what came of it. `ended` is called
        when the last was acknowledged."""
        canaries = Canaries(self.shop, self.canaries.segment_id)
        canaries.people = self.canaries.people
        canaries.due = {person: random.random() * CANARY_PAUSE_S + time.monotonic() for person in canaries.people}
        since_ms = int(time.time() * 1000)
        canaries.start()
        sent = visits_load(self.plan, self.shop, rate=rate, seconds=seconds, seed=seed)
        if ended:
            ended()
        measures.trouble_check(sent)
        told = canaries.end()
        return {"rate": rate, "load": sent, **told, **drain(self.shop), "record": record(self.shop, since_ms)}


def fresh(plan, rates=(2_000, 5_000, 10_000, 20_000, 50_000, 100_000)):
    """Freshness at given rates, each for a minute."""
    seconds = max(10, plan.seconds // 10)
    with Watched(plan) as watched:
        figures = {**watched.figures, "at": {}}
        for seed, rate in enumerate(rates):
            figures["at"][str(rate)] = at = watched.load(rate, seconds, seed + 11)
            print(json.dumps(at), flush=True)
            if at["waiting"]:
                break  # a higher rate cannot be kept either
    return figures


def import_again(shop, halt, figures):
    """Imports the gift shop's orders every IMPORT_EACH_S, each time as other orders."""
    path, run, due = os.path.join(shop.home, "orders.csv"), 0, time.monotonic()
    while not halt.wait(max(0, due - time.monotonic())):
        due += IMPORT_EACH_S
        measures.retail_write(path, run)
        process = subprocess.Popen([kith.BINARY, "import", "orders", path, "--currency", "GBP", "--zone",
                                    "Europe/London", *shop.flags()], stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=True, env=kith.basic_env())
        while process.poll() is None and not halt.wait(0.5):
            pass
        if process.poll() is None:
            process.terminate()
        out, run = process.communicate()[0], run + 1
        if halt.is_set():
            break
        figures["imports"].append({"status": process.returncode, "said": out.strip()[-200:]})
        if process.returncode:
            break


def readings(readers):
    """What the readers saw, together and by page."""
    by, errors = {}, {}
    for reader in readers:
        for what, spent in reader.ms.items():
            by.setdefault(what, []).extend(spent)
        for what, count in reader.errors.items():
            errors[what] = errors.get(what, 0) + count
    return {"read": spread([ms for spent in by.values() for ms in spent]),
            "read_by": {what: spread(spent) for what, spent in sorted(by.items())}, "read_errors": errors}


def together(plan, seconds, rate=20_000, readers_count=20):
    """Everything at once: 20,000 events a second, watched segments, imports, people who read."""
    with Watched(plan) as watched:
        figures, halt = {**watched.figures, "imports": []}, threading.Event()
        readers = [Reader(watched.shop, number) for number in range(readers_count)]
        sampler = Sampler(watched.shop)
        importer = threading.Thread(target=import_again, args=(watched.shop, halt, figures), daemon=True)
        for thread in (*readers, sampler, importer):
            thread.start()

        def rest_end():
            halt.set()
            for reader in readers:
                reader.halt.set()
            importer.join()
            figures.update(sampler.end())

        figures.update(watched.load(rate, seconds, 21, rest_end))
        figures.update(readings(readers))
        figures["imports_ended"] = len(figures["imports"])
        return figures
