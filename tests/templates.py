#!/usr/bin/env python3
"""Every ready group, on the demo shop, against a plain loop over what lies in its tables.

Birthdays, clicks and surveys, which the demo shop has none of, are sent to it first. Nothing of Kith
but its stored rows and what was sent takes part in the loops; they are asked at two moments.
"""
import calendar
import collections
import csv
import datetime
import json
import os
import random
import statistics
import sys
import time
import zoneinfo

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import cluster  # noqa: E402
from kith import Shop, databases  # noqa: E402
from tap import case, main, want, want_true  # noqa: E402

PEOPLE, TOLD = 2000, 600  # of these, so many are told more of
DAY_MS = 86_400_000
ZONE = zoneinfo.ZoneInfo("Europe/Ljubljana")
SCORES = [0, 6, 8.999, 9, 9.5, 10, "10", None]
BATCH = 100


def local(at):
    """A moment by the clocks of the shop."""
    return datetime.datetime.fromtimestamp(at / 1000, ZONE)


def iso(at):
    """A moment as it is sent."""
    return datetime.datetime.fromtimestamp(at / 1000, datetime.timezone.utc).isoformat(
        timespec="milliseconds").replace("+00:00", "Z")


class Demo:
    """The demo shop, what it was told, and what its tables hold."""

    def __init__(self, kind):
        self.shop = Shop(kind, start=False)
        self.birthdays = collections.defaultdict(list)  # user → [(said at, text)]
        self.scores = collections.defaultdict(list)  # user → [(at, score)]

    def __enter__(self):
        self.shop.__enter__()
        try:
            self.shop.run("demo", "--fill", "--people", PEOPLE)
            self.now = int(time.time() * 1000)
            self.shop.start()
            self.tell(random.Random(4))
        except BaseException:
            self.shop.__exit__()
            raise
        return self

    def __exit__(self, *why):
        self.shop.__exit__(*why)

    def moments(self):
        """Now, and a time when half of it was not known yet."""
        return self.now, self.now - 20 * DAY_MS

    def tell(self, chance):
        """Sends what the demo shop has none of."""
        with open(os.path.join(self.shop.data, "demo-truth.csv"), encoding="utf-8") as file:
            users = [row["customer_id"] for row in csv.DictReader(file)][:TOLD]
        events = [event for user in users for event in self.events(user, chance)]
        for start in range(0, len(events), BATCH):
            reply = self.shop.ingest.batch(events[start:start + BATCH])
            want(reply.status, 200, reply.body)

    def events(self, user, chance):
        """What one person is told of: a birthday, then some of clicks, answers, baskets, orders."""
        said = self.now - chance.choice([5, 40]) * DAY_MS - chance.randrange(1000)
        yield self.born(user, said, chance)
        if chance.random() < 0.1:
            yield self.born(user, said - 90 * DAY_MS, chance)
        for event in ("Email Link Clicked", "Product Added", "Order Completed", "Survey Answered"):
            if chance.random() < 0.5:
                continue
            at = self.now - 1 - int(chance.expovariate(1 / 12) * DAY_MS)
            properties = {}
            if event == "Order Completed":
                properties = {"order_id": f"more-{user}", "revenue": chance.randrange(5, 900),
                              "currency": "EUR"}
            elif event == "Survey Answered":
                properties = {"score": chance.choice(SCORES)}
                self.scores[user].append((at, properties["score"]))
            yield {"type": "track", "userId": user, "event": event, "properties": properties,
                   "timestamp": iso(at)}

    def born(self, user, said, chance):
        """A birthday, more often near one of the moments; some without a year, some in a leap year's."""
        near = local(chance.choice(self.moments())).date()
        day = near + datetime.timedelta(days=chance.randrange(-9, 10))
        year = chance.randrange(1950, 2005)
        text = f"{1996 if day.month == 2 and day.day == 29 else year}-{day:%m-%d}"
        text = chance.choice([text, text, f"--{day:%m-%d}", "2000-02-29"])
        self.birthdays[user].append((said, text))
        return {"type": "identify", "userId": user, "traits": {"birthday": text}, "timestamp": iso(said)}

    def rows(self, *columns, of, where="1 = 1"):
        """Rows of a table, each value as text; the store is stopped."""
        text = " || '|' || ".join(f"coalesce(CAST({column} AS TEXT), '')" for column in columns)
        statement = f"SELECT {text} FROM {of} WHERE {where}"
        if self.shop.database:
            return [row.split("|") for row in cluster.sql(self.shop.database, statement).splitlines()]
        import sqlite3  # pylint: disable=import-outside-toplevel
        store = sqlite3.connect(f"file:{self.shop.data}/kith.db?mode=ro", uri=True)
        try:
            return [row[0].split("|") for row in store.execute(statement)]
        finally:
            store.close()


class Till:
    """person → what lies in the tables, everything under the person it belongs to now."""

    def __init__(self, demo):
        links = dict(demo.rows("stem", "person_id", of="person_link", where="ended_at IS NULL"))

        def person_of(stem):
            while stem in links:
                stem = links[stem]
            return stem
        self.created = {person: int(at) for person, at in demo.rows("person_id", "created_at", of="person_summary")}
        self.orders, self.refunds, self.events = (collections.defaultdict(list) for _ in range(3))
        placed = "state = 'placed' AND confirmed = 1"
        for stem, at, amount in demo.rows("person_id", "occurred_at", "base_revenue", of="orders", where=placed):
            self.orders[person_of(stem)].append((int(at), int(amount)))
        left_out = {order for order, in demo.rows("order_id", of="orders", where=f"NOT ({placed})")}
        for stem, at, amount, order in demo.rows("person_id", "occurred_at", "base_amount", "order_id", of="refund",
                                                 where="state = 'booked' AND confirmed = 1"):
            if order not in left_out:
                self.refunds[person_of(stem)].append((int(at), int(amount)))
        for stem, at, name in demo.rows("person_id", "occurred_at", "name", of="event JOIN event_name USING (name_id)"):
            self.events[person_of(stem), name].append(int(at))
        users = {value: person_of(stem) for stem, value in demo.rows(
            "person_id", "value", of="person_identity", where="kind = 'user_id'")}
        self.birthdays = {users[user]: said for user, said in demo.birthdays.items()}
        self.scores = {users[user]: said for user, said in demo.scores.items()}

    def at(self, now, person):
        """What is known of one person at a moment."""
        return Known(self, now, person)


class Known:
    """One person as known before a moment."""

    def __init__(self, till, now, person):
        self.now, self.created = now, till.created[person]
        self.orders = sorted(at for at, _ in till.orders[person] if at < now)
        self.refunds = [at for at, _ in till.refunds[person] if at < now]
        self.value = (sum(amount for at, amount in till.orders[person] if at < now)
                      - sum(amount for at, amount in till.refunds[person] if at < now))
        self.baskets = [at for at in till.events[person, "Product Added"] if at < now]
        self.clicks = [at for at in till.events[person, "Email Link Clicked"] if at < now]
        self.scores = [score for at, score in till.scores.get(person, []) if at < now]
        self.born = max([said for said in till.birthdays.get(person, []) if said[0] < now], default=(0, ""))[1]

    def in_last(self, days, times):
        """Whether any lies in the last so many days of 24 hours."""
        return any(at >= self.now - days * DAY_MS for at in times)

    def is_quiet(self):
        """Silent longer than 2.5 times the median of one's own gaps in days."""
        days = sorted({local(at).date() for at in self.orders})
        if len(days) < 3:
            return False
        usual = statistics.median((later - day).days for day, later in zip(days, days[1:]))
        return (local(self.now).date() - days[-1]).days > 2.5 * usual

    def has_birthday(self):
        """This week, from Monday to Sunday; 29 February is kept on the 28th of other years."""
        today = local(self.now).date()
        week = [today + datetime.timedelta(days=day - today.weekday()) for day in range(7)]
        return self.born[-5:] in {f"{day:%m-%d}" for day in week} or self.born[-5:] == "02-29" and any(
            f"{day:%m-%d}" == "02-28" and not calendar.isleap(day.year) for day in week)

    def is_new_this_month(self):
        """First bought in this month of the shop's calendar."""
        return bool(self.orders) and (f"{local(self.orders[0]):%Y-%m}" == f"{local(self.now):%Y-%m}")

    def is_second_due(self):
        """Bought once, 35 to 25 days ago."""
        return (len(self.orders) == 1
                and self.now - 35 * DAY_MS <= self.orders[0] < self.now - 25 * DAY_MS)

    def left_basket(self):
        """Put something into the basket in three days and did not order since."""
        return any(at >= self.now - 3 * DAY_MS and not any(order > at for order in self.orders)
                   for at in self.baskets)

    def is_promoter(self):
        """Gave 9 or more; a text is no number."""
        return any(isinstance(score, (int, float)) and score >= 9 for score in self.scores)


PLAIN = {
    "new_leads": lambda known: not known.orders and known.now - 30 * DAY_MS <= known.created < known.now,
    "new_this_month": Known.is_new_this_month,
    "active": lambda known: known.in_last(90, known.orders),
    "one_time": lambda known: len(known.orders) == 1,
    "second_order": Known.is_second_due,
    "regulars": lambda known: sum(at >= known.now - 365 * DAY_MS for at in known.orders) >= 3,
    "quiet": Known.is_quiet,
    "lapsed_60": lambda known: bool(known.orders) and known.orders[-1] < known.now - 60 * DAY_MS,
    "cart": Known.left_basket,
    "birthday_week": Known.has_birthday,
    "refunded": lambda known: known.in_last(30, known.refunds),
    "readers": lambda known: known.in_last(30, known.clicks),
    "promoters": Known.is_promoter,
}


def ready(demo):
    """key → rule of every ready group."""
    return {group["key"]: group["rule"] for group in demo.shop.api.get("/api/groups").json["groups"]}


def members(demo, rule, at):
    """Ids of whom a rule means, read by a command from the stopped store."""
    told = demo.shop.run("segment", "export", rule, "--json", "--at", iso(at))
    return {person["id"] for person in json.loads(told.stdout)["members"]}


@case("a loop stands here for every ready group but the one that ranks")
def _(demo):
    demo.rules = ready(demo)
    want(set(demo.rules), PLAIN.keys() | {"top_10"})
    demo.counts = {(key, at): demo.shop.api.post("/api/segments/count", {"rule": rule, "at": iso(at)}).json["count"]
                   for key, rule in demo.rules.items() for at in demo.moments()}
    want(demo.shop.stop(), 0)
    demo.till = Till(demo)
    want(len(demo.till.created), PEOPLE, "people")


@case("kith verify finds nothing in it")
def _(demo):
    demo.shop.verify()


@case("each means those whom the loop finds, and at an earlier moment as many")
def _(demo):
    somebody = 0
    for at in demo.moments():
        known = {person: demo.till.at(at, person) for person in demo.till.created}
        for key, means in PLAIN.items():
            wanted = {person for person, one in known.items() if means(one)}
            if at == demo.now:
                want(sorted(members(demo, demo.rules[key], at)), sorted(wanted), key)
            want(demo.counts[key, at], len(wanted), f"{key} at {iso(at)}, by the server")
            somebody += bool(wanted)
    want_true(somebody >= 2 * len(PLAIN) - 4, f"only {somebody} questions meant anybody")


@case("the tenth who spent most spent what the best of a loop did")
def _(demo):
    for at in demo.moments():
        known = {person: demo.till.at(at, person) for person in demo.till.created}
        values = {person: one.value for person, one in known.items() if one.orders}
        best = sorted(values.values(), reverse=True)[:-(-len(values) // 10)]
        want(demo.counts["top_10", at], len(best), f"at {iso(at)}, by the server")
        if at == demo.now:
            top = members(demo, demo.rules["top_10"], at)
            want(sorted((values[person] for person in top), reverse=True), best, "what they spent")


if __name__ == "__main__":
    asked = databases()
    main(lambda: Demo(asked.database), only=asked.only)
