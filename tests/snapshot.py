#!/usr/bin/env python3
"""A clean stop leaves the columns in DATA/columns.snapshot, and the next start maps them; in any doubt
everything is read anew, and answers are right either way.

The doubts: another process wrote meanwhile, the server was killed, a bit of the file is wrong, it is one
of before, other memory is allowed. What the answers must be is counted here, and
asked of `kith segment count`, which reads the stopped store itself. An erased person's words are not in
the next file.
"""
import csv
import os
import re
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kith import suite, wait_until  # noqa: E402
from tap import case, want, want_true  # noqa: E402

PEOPLE, SECRET = 12, "zqxvermilion"
RULES = {
    'did "Lamp Seen" at least 3 times': lambda seen, bought: sum(len(ones) >= 3 for ones in seen.values()),
    'did "Lamp Seen" where colour = "red"': lambda seen, bought: sum("red" in ones for ones in seen.values()),
    'did "Lamp Seen" and did not "Order Completed"': lambda seen, bought: len(seen.keys() - bought.keys()),
    'plan = "gold" and did "Lamp Seen"': lambda seen, bought: sum(user in GOLD for user in seen),
    'sum(revenue) of "Order Completed" >= 20': lambda seen, bought: sum(sum(all_) >= 20 for all_ in bought.values()),
}
SEEN, BOUGHT = {}, {}  # by user: colours of lamps, and what orders cost
GOLD = ("user2", "user5", "user7")


def see(shop, user, colour):
    """One event of one person, as acknowledged."""
    reply = shop.ingest.track(userId=user, event="Lamp Seen", properties={"colour": colour})
    want(reply.status, 200)
    SEEN.setdefault(user, []).append(colour)


def buy(shop, user, revenue):
    """One order."""
    spent = BOUGHT.setdefault(user, [])
    want(shop.ingest.track(userId=user, event="Order Completed", properties={
        "order_id": f"{user}-{len(spent)}", "revenue": revenue, "currency": "GBP"}).status, 200)
    spent.append(revenue)


def expected():
    """What each rule must answer."""
    return {rule: count(SEEN, BOUGHT) for rule, count in RULES.items()}


def answer(shop, rule, engine):
    """The count of a rule once that engine answers it."""
    def asked():
        reply = shop.api.post("/api/segments/count", {"rule": rule})
        want(reply.status, 200, rule)
        return reply.json if reply.json["engine"] == engine else None
    return wait_until(asked, f"{engine} answers {rule}")["count"]


def answers_right(shop, why):
    """Columns answer every rule, and rightly."""
    want({rule: answer(shop, rule, "columns") for rule in RULES}, expected(), why)


def metric(shop, name):
    """A figure of /metrics."""
    text = shop.api.get("/metrics").body.decode()
    return float(re.search(rf"^{name} (\S+)$", text, re.MULTILINE).group(1))


def file_of(shop):
    """Where the snapshot is."""
    return os.path.join(shop.data, "columns.snapshot")


def stop(shop, kept=True):
    """A clean stop; whether it left a snapshot."""
    want(shop.stop(), 0, f"an orderly end: {shop.log_tail()}")
    want(os.path.exists(file_of(shop)), kept, f"a snapshot after the stop: {shop.log_tail()}")


def start(shop, mapped, why, extra=()):
    """Starts and says whether the snapshot must be used; answers are right then and after changes."""
    shop.start(extra=extra)
    wait_until(lambda: metric(shop, "kith_columns_ready"), "columns are there")
    want(metric(shop, "kith_columns_mapped"), 1 if mapped else 0, f"{why}: {shop.log(shop.log_from)}")
    want(metric(shop, "kith_columns_reads_total") == 0, mapped, f"{why}: read from the database")
    want(os.path.exists(file_of(shop)), False, "a snapshot while it is served")
    answers_right(shop, why)
    see(shop, f"late{len(SEEN)}", "red")
    see(shop, "user3", "blue")
    answers_right(shop, f"{why}, and then events")


def reason(shop):
    """What the last start said about its columns."""
    lines = [line for line in shop.log(shop.log_from).splitlines() if line.startswith("columns:")]
    want(len(lines), 1, "lines about columns")
    return lines[0]


@case("a clean stop leaves a snapshot, which the next start maps")
def _(shop):
    for number in range(PEOPLE):
        for at in range(number % 4 + 1):
            see(shop, f"user{number}", ("red", "green", "blue")[(number + at) % 3])
        plan = "gold" if f"user{number}" in GOLD else "tin"
        want(shop.ingest.identify(userId=f"user{number}", traits={"plan": plan}).status, 200)
        for _ in range(number % 3):
            buy(shop, f"user{number}", 10)
    answers_right(shop, "at first")
    stop(shop)
    for rule, count in expected().items():
        want(int(shop.run("segment", "count", rule).stdout.split()[0]), count, rule)
    want_true(os.path.exists(file_of(shop)), "a command that reads leaves the snapshot")
    start(shop, True, "mapped")
    want_true("mapped from the snapshot" in reason(shop), reason(shop))


@case("what another process wrote meanwhile is seen")
def _(shop):
    stop(shop)
    path = os.path.join(shop.home, "orders.csv")
    with open(path, "w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["Order", "Date", "Email", "Item", "Quantity", "Price"])
        rows.writerow(["C-1", "2025-05-05 10:00:00", "csv@shop.example", "Lamp", 1, "33.00"])
    flags = [word for field, column in (("order", "Order"), ("date", "Date"), ("email", "Email"), ("item", "Item"),
                                        ("quantity", "Quantity"), ("price", "Price"))
             for word in ("--map", f"{field}={column}")]
    shop.run("import", "orders", path, "--format", "generic", *flags)
    BOUGHT["csv"] = [33]
    want(os.path.exists(file_of(shop)), False, "a snapshot after an import")
    start(shop, False, "after an import")


@case("a killed server leaves none")
def _(shop):
    shop.kill()
    start(shop, False, "after a kill")
    want_true("no snapshot" in reason(shop), reason(shop))


@case("one wrong bit")
def _(shop):
    stop(shop)
    with open(file_of(shop), "r+b") as file:
        middle = os.path.getsize(file_of(shop)) // 2
        file.seek(middle)
        byte = file.read(1)[0]
        file.seek(middle)
        file.write(bytes([byte ^ 4]))
    start(shop, False, "one wrong bit")
    want_true("damaged" in reason(shop), reason(shop))


@case("a snapshot of before, put back")
def _(shop):
    stop(shop)
    old = os.path.join(shop.home, "old")
    shutil.copy(file_of(shop), old)
    start(shop, True, "before it is copied")
    shop.kill()
    shutil.copy(old, file_of(shop))
    start(shop, False, "put back")
    want_true("written since" in reason(shop), reason(shop))
    stop(shop)
    shutil.copy(old, file_of(shop))
    start(shop, False, "put back over another")


@case("other memory, and columns turned off between")
def _(shop):
    stop(shop)
    start(shop, False, "other memory", extra=["--columns-mb", "99"])
    want_true("columns-mb" in reason(shop), reason(shop))
    stop(shop)
    shop.start(extra=["--columns-mb", "0"])
    see(shop, "user1", "red")
    want(os.path.exists(file_of(shop)), False, "a snapshot after something was written")
    want(shop.stop(), 0)
    start(shop, False, "off between")


@case("no word of an erased person is in the next one")
def _(shop):
    see(shop, "gone", SECRET)
    rule = f'did "Lamp Seen" where colour = "{SECRET}"'
    want(answer(shop, rule, "columns"), 1)
    stop(shop)
    with open(file_of(shop), "rb") as file:
        want_true(SECRET.encode() in file.read(), "the word is looked for rightly")
    shop.start()
    person = wait_until(lambda: shop.person("gone"), "the person")["id"]
    want_true(shop.owner.delete(f"/api/people/{person}").status in (200, 202, 204), "erased")
    SEEN.pop("gone")

    def gone():
        want(answer(shop, rule, "columns"), 0, "erased")
        want(shop.stop(), 0, f"an orderly end: {shop.log_tail()}")
        saved = os.path.exists(file_of(shop))  # not while the erasure goes on
        if saved:
            with open(file_of(shop), "rb") as file:
                saved = SECRET.encode() not in file.read()
        shop.start()
        return saved
    wait_until(gone, "the word is gone")
    answers_right(shop, "after an erasure")


@case("kith verify finds nothing")
def _(shop):
    stop(shop)
    shop.verify()


if __name__ == "__main__":
    suite()
