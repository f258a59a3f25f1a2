#!/usr/bin/env python3
"""A real gift shop's export (UCI Online Retail, 541,909 lines) through `kith import` and `kith kpi`.

The figures Kith gives must be those of a plain pass over the file, made here with nothing but a
loop: that loop is the till. Then the same file in another dress (columns renamed, semicolons, decimal
commas) must give the same figures. In between the lapsed among them are written to.
"""
import collections
import contextlib
import csv
import datetime
import decimal
import gzip
import json
import os
import statistics
import sys
import time
import zoneinfo

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import first_mail  # noqa: E402
from kith import Shop, databases  # noqa: E402
from tap import case, data_path, main, note, want, want_true  # noqa: E402

RENAMED = {"InvoiceNo": "Beleg", "StockCode": "Artikel", "Description": "Text", "Quantity": "Menge",
           "InvoiceDate": "Datum", "UnitPrice": "Preis", "CustomerID": "Kunde", "Country": "Land"}
MAP = {"order": "Beleg", "product": "Artikel", "item": "Text", "quantity": "Menge",
       "date": "Datum", "price": "Preis", "customer_id": "Kunde", "country": "Land"}
PERIOD = ("--currency", "GBP", "--zone", "Europe/London")


def lines_of(path):
    """Every line of the export as a dict."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def when(text):
    """The time of an invoice; the file writes it in one of two ways."""
    for form in ("%Y-%m-%d %H:%M:%S", "%m/%d/%Y %H:%M", "%Y-%m-%dT%H:%M:%S", "%d/%m/%Y %H:%M"):
        try:
            return datetime.datetime.strptime(text, form)
        except ValueError:
            continue
    raise ValueError(text)


class Till:
    """What the shop itself would count: one loop over its lines."""

    def __init__(self, path):
        orders, unknown, count = {}, 0, 0
        self.given_back, self.known = {}, set()
        for line in lines_of(path):
            count += 1
            unknown += not line["CustomerID"].strip()
            self.known.add(line["CustomerID"].strip())
            value = int(line["Quantity"]) * decimal.Decimal(line["UnitPrice"])
            if line["InvoiceNo"].upper().startswith("C"):
                refund = self.given_back.setdefault((line["InvoiceNo"], line["CustomerID"].strip()),
                                                    [0, line["InvoiceDate"]])
                refund[0] -= value
            if line["InvoiceNo"].upper().startswith("C") or int(line["Quantity"]) < 0 or value <= 0:
                continue
            order = orders.setdefault((line["InvoiceNo"], line["CustomerID"].strip()), [0, line["InvoiceDate"]])
            order[0] += value
        self.lines, self.share_unknown = count, unknown / count
        known = {key: order for key, order in orders.items() if key[1]}
        self.customers = len({customer for _, customer in known})
        self.orders = len(known)
        self.revenue_minor = int(sum(order[0] for order in known.values()) * 100)
        self.unknown_orders = len(orders) - len(known)
        self.cohorts = cohorts([(key[1], when(order[1])) for key, order in known.items()])
        self.bought, self.paid, self.refunded = (collections.defaultdict(list) for _ in range(3))
        for (_, customer), order in known.items():
            self.bought[customer].append(when(order[1]))
            self.paid[customer].append((when(order[1]), order[0]))
        for (_, customer), refund in self.given_back.items():
            if customer and refund[0]:
                self.refunded[customer].append((when(refund[1]), abs(refund[0])))


def cohorts(purchases):
    """{month: (size, {months later: buyers})} of (customer, time) pairs."""
    months = collections.defaultdict(set)
    for customer, at in purchases:
        months[customer].add(at.year * 12 + at.month - 1)
    table = collections.defaultdict(lambda: collections.defaultdict(int))
    for bought in months.values():
        for month in bought:
            table[min(bought)][month - min(bought)] += 1
    return {f"{first // 12}-{first % 12 + 1:02d}": dict(cells) for first, cells in table.items()}


class Subject:
    """The unpacked file, its till, and the folder they lie in."""

    def __init__(self, kind):
        self.kind = kind
        self.shop = Shop(kind, start=False)

    def __enter__(self):
        self.shop.__enter__()
        return self

    def __exit__(self, *why):
        self.shop.__exit__(*why)

    def file(self):
        """The export, unpacked once."""
        path = os.path.join(self.shop.home, "online_retail.csv")
        if not os.path.exists(path):
            with gzip.open(data_path("orders/online_retail.csv.gz")) as packed, open(path, "wb") as out:
                while chunk := packed.read(1 << 20):
                    out.write(chunk)
        return path

    def till(self):
        """What the shop counts."""
        if not hasattr(self, "_till"):
            self._till = Till(self.file())
        return self._till


def figures(shop):
    """Name → KPI of `kith kpi --json`."""
    printed = json.loads(shop.run("kpi", "--json").stdout)
    return {kpi["name"]: kpi for kpi in printed["kpis"]}


def compare(shop, till):
    """Kith's figures against the till's."""
    got = figures(shop)
    want(got["customers"]["value"], till.customers, "customers")
    want(got["orders"]["value"], till.orders, "orders")
    want(money_minor(got["revenue"]["value"]), till.revenue_minor, "revenue")
    want(got["orders_unknown"]["value"], till.unknown_orders, "sales without a customer")
    table = {row["month"]: row for row in cohort_rows(shop)}
    want({month: {at: cell["buyers"] for at, cell in enumerate(row["cells"]) if cell["buyers"]}
          for month, row in table.items()}, till.cohorts, "cohorts")


@contextlib.contextmanager
def served(shop):
    """A server for as long as it takes."""
    shop.start()
    try:
        yield
    finally:
        shop.stop()


def cohort_rows(shop):
    """The month cohorts, over the API."""
    with served(shop):
        return shop.api.get("/api/cohorts").json["rows"]


def money_minor(value):
    """Minor units, whether money came as an object or as a number."""
    return value["minor"] if isinstance(value, dict) else value


@case("the till itself: 4,338 customers, 18,532 orders, 8,911,407.90 GBP, 24.9 % of lines unknown")
def _(subject):
    till = subject.till()
    want((till.lines, till.customers, till.orders, till.revenue_minor), (541909, 4338, 18532, 891140790))
    want(round(till.share_unknown * 100, 1), 24.9)


@case("imported as it is, every figure and cohort is the till's")
def _(subject):
    started = time.monotonic()
    subject.shop.run("import", "orders", subject.file(), *PERIOD)
    note(f"{subject.kind}: 541,909 lines imported in {time.monotonic() - started:.1f} s")
    compare(subject.shop, subject.till())


@case("people meant by a rule are those a plain loop finds: 1,962 lapsed, 60 days on")
def _(subject):
    end = datetime.datetime(2011, 12, 10)
    bought = subject.till().bought
    for at in (end, datetime.datetime(2011, 6, 1)):
        before = {customer: [time for time in times if time < at] for customer, times in bought.items()}
        before = {customer: times for customer, times in before.items() if times}
        since = at - datetime.timedelta(days=60)
        rules = {
            'last "Order Completed" more than 60 days ago': sum(max(t) < since for t in before.values()),
            'did "Order Completed" exactly 1 time': sum(len(t) == 1 for t in before.values()),
            'did "Order Completed" at least 3 times in last 365 days': sum(
                sum(time >= at - datetime.timedelta(days=365) for time in t) >= 3
                for t in before.values()),
            'first "Order Completed" this month': sum(
                (min(t).year, min(t).month) == (at.year, at.month) for t in before.values()),
        }
        for rule, count in rules.items():
            done = subject.shop.run("segment", "count", rule, "--at", at.strftime("%Y-%m-%d"))
            want(int(done.stdout), count, f"{rule} at {at}")
        if at == end:
            want(rules['last "Order Completed" more than 60 days ago'], 1962)


LONDON = zoneinfo.ZoneInfo("Europe/London")


def is_quiet(times, at):
    """Whether somebody is silent longer than 2.5 times the median of their own gaps in days."""
    days = sorted({time.date() for time in times})
    if len(days) < 3:
        return False
    gaps = [(later - day).days for day, later in zip(days, days[1:])]
    return (at.date() - days[-1]).days > 2.5 * statistics.median(gaps)


def days_before(at, days):
    """So many days of 24 hours before a moment, by the clock of London."""
    then = at.replace(tzinfo=LONDON).timestamp() - days * 86400
    return datetime.datetime.fromtimestamp(then, LONDON).replace(tzinfo=None)


def templates(at):
    """The ready groups that purchases alone decide: rule → what a loop says of one's purchases."""
    def ago(days):
        return days_before(at, days)
    order = '"Order Completed"'
    return {
        f"first {order} this month": lambda times: min(times) >= at.replace(day=1),
        f"did {order} in last 90 days": lambda times: max(times) >= ago(90),
        f"did {order} exactly 1 time": lambda times: len(times) == 1,
        f"first {order} between 35 and 25 days ago and did {order} exactly 1 time":
            lambda times: len(times) == 1 and ago(35) <= times[0] < ago(25),
        f"did {order} at least 3 times in last 365 days":
            lambda times: sum(time >= ago(365) for time in times) >= 3,
        f"last {order} more than 60 days ago": lambda times: max(times) < ago(60),
        "silent longer than 2.5 times usual": lambda times: is_quiet(times, at),
    }


@case("every ready group that orders decide is that of a plain loop, on two days")
def _(subject):
    bought = subject.till().bought
    with served(subject.shop):
        for at in (datetime.datetime(2011, 12, 10), datetime.datetime(2011, 6, 1)):
            before = [[time for time in times if time < at] for times in bought.values()]
            for rule, means in templates(at).items():
                want(count(subject, rule, at), sum(means(times) for times in before if times),
                     f"{rule} at {at:%F}")


def count(subject, rule, at):
    """How many a rule means at a day's beginning, by the server."""
    said = subject.shop.api.post("/api/segments/count", {"rule": rule, "at": at.strftime("%Y-%m-%d")})
    return said.json["count"]


@case("who got money back lately, and the tenth who spent most, are those of a plain loop, on two days")
def _(subject):
    with served(subject.shop):
        buyers_compare(subject, subject.till())


def buyers_compare(subject, till):
    """Refunds and ranks, against loops."""
    people = count(subject, "everybody", datetime.datetime(2011, 12, 10))
    want(people, len(till.known - {""}), "people, some of whom never bought")
    for at in (datetime.datetime(2011, 12, 10), datetime.datetime(2011, 6, 1)):
        lately = sum(any(days_before(at, 30) <= time < at for time, _ in refunds)
                     for refunds in till.refunded.values())
        want(count(subject, 'did "Order Refunded" in last 30 days', at), lately, f"refunded at {at:%F}")
        values = collections.Counter()
        for customer, orders in till.paid.items():
            if any(time < at for time, _ in orders):
                back = sum(value for time, value in till.refunded[customer] if time < at)
                values[customer] = sum(value for time, value in orders if time < at) - back
        best = sorted(values.values(), reverse=True)[:-(-len(values) // 10)]
        top, least = "top 10 % by lifetime_value", f"{best[-1]:.2f}"
        want(count(subject, top, at), len(best), f"top at {at:%F}")
        want(count(subject, f"lifetime_value >= {least} and not {top}", at),
             sum(value >= best[-1] for value in values.values()) - len(best), f"left out at {at:%F}")
        want(count(subject, f"lifetime_value < {least} and {top}", at), 0, f"too little at {at:%F}")


@case("imported again, nothing changes")
def _(subject):
    before = figures(subject.shop)
    done = subject.shop.run("import", "orders", subject.file(), *PERIOD)
    after = figures(subject.shop)
    want({name: kpi["value"] for name, kpi in after.items()},
         {name: kpi["value"] for name, kpi in before.items()}, done.stdout + done.stderr)
    subject.shop.verify()


@case("the lapsed who said yes get one mail each, by mailbox and relay, killed in between; a no is kept")
def _(subject):
    till = subject.till()
    since = datetime.datetime(2011, 12, 10) - datetime.timedelta(days=60)
    lapsed = [customer for customer, times in till.bought.items() if max(times) < since]
    first_mail.to_lapsed(subject.shop, lapsed, till.customers)


@case("columns renamed, semicolons, decimal commas and --map: the same figures")
def _(subject):
    path = os.path.join(subject.shop.home, "umbenannt.csv")
    with open(path, "w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, delimiter=";")
        writer.writerow(RENAMED.values())
        for line in lines_of(subject.file()):
            line["UnitPrice"] = line["UnitPrice"].replace(".", ",")
            writer.writerow(line[name] for name in RENAMED)
    mapping = [word for field, column in MAP.items() for word in ("--map", f"{field}={column}")]
    with Shop(subject.kind, start=False) as other:
        other.run("import", "orders", path, *PERIOD, *mapping)
        compare(other, subject.till())
    want_true(os.path.getsize(path) > 40_000_000, "the whole file was rewritten")


if __name__ == "__main__":
    asked = databases()
    main(lambda: Subject(asked.database), only=asked.only)
