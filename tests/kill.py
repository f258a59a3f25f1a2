#!/usr/bin/env python3
"""Promise 1: an event answered 200 is never lost and never counts twice, whatever is killed when.

A round: the server runs, several clients send batches without pause, and at a moment drawn by lot it
gets kill -9 with requests in flight. Then it starts again, what was not answered is sent once more
(as an SDK does, same messageIds), and every message id that was ever acknowledged must be in the
store exactly once. Every tenth round an import runs as well, is killed in its middle and started
again. `kith verify` has the last word.

    kill.py --database sqlite --kills 200
"""
import argparse
import csv
import http.client
import json
import os
import queue
import random
import signal
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kith import BINARY, Shop, basic_env, wait_until  # noqa: E402
from tap import is_long, note  # noqa: E402
import subprocess  # noqa: E402

CLIENTS, BATCH = 4, 20
LOT = random.Random(20260901)


class Sender(threading.Thread):
    """One client: sends batches until told to stop, remembers what was acknowledged."""

    def __init__(self, shop, name, unsent):
        super().__init__(daemon=True)
        self.shop, self.name = shop, name
        self.unsent = unsent  # batches that were not answered, to be sent again
        self.acknowledged, self.in_flight = [], 0
        self.halt = threading.Event()
        self.number = 0

    def batch_next(self):
        """A batch left over from the last round, or a new one."""
        try:
            return self.unsent.get_nowait()
        except queue.Empty:
            self.number += 1
            start = f"{self.name}-{self.number}"
            return [{"type": "track", "event": "Counted", "userId": f"killed{(self.number + at) % 50:02d}x",
                     "messageId": f"{start}-{at}", "properties": {"n": at}} for at in range(BATCH)]

    def run(self):
        headers = {**self.shop.ingest.headers, "Content-Type": "application/json"}
        connection = http.client.HTTPConnection("127.0.0.1", self.shop.port, timeout=20)
        while not self.halt.is_set():
            batch = self.batch_next()
            self.in_flight = 1
            try:
                connection.request("POST", "/v1/batch", json.dumps({"batch": batch}), headers)
                reply = connection.getresponse()
                reply.read()
                if reply.status == 200:
                    self.acknowledged += [event["messageId"] for event in batch]
                else:
                    self.unsent.put(batch)
                    time.sleep(0.01)
                self.in_flight = 0
            except (OSError, http.client.HTTPException):
                self.unsent.put(batch)
                return


class Loop:
    """The rounds of one run and what they found."""

    def __init__(self, shop):
        self.shop = shop
        self.unsent = queue.Queue()
        self.acknowledged = set()
        self.in_flight = self.rounds = self.import_kills = 0
        self.import_path = ""

    def round(self, number):
        """Start, load, kill; the next start is the next round's."""
        self.shop.start()
        senders = [Sender(self.shop, f"r{number}c{at}", self.unsent) for at in range(CLIENTS)]
        for sender in senders:
            sender.start()
        importing = self.import_begin() if number % 10 == 5 else None
        time.sleep(LOT.uniform(0.005, 0.25))
        wait_until(lambda: any(sender.in_flight for sender in senders), "a request in flight")
        in_flight = sum(sender.in_flight for sender in senders)
        self.shop.process.send_signal(signal.SIGKILL)
        self.shop.process.wait()
        for sender in senders:
            sender.halt.set()
            sender.join()
            self.acknowledged.update(sender.acknowledged)
        if importing:
            importing.kill()
            importing.wait()
            self.import_kills += 1
        self.rounds += 1
        self.in_flight += in_flight > 0

    def import_begin(self):
        """`kith import` through the running server, in the background."""
        if not self.import_path:
            self.import_path = os.path.join(self.shop.home, "killed.csv")
            with open(self.import_path, "w", encoding="utf-8", newline="") as out:
                writer = csv.writer(out)
                writer.writerow(["Order", "Date", "Email", "Item", "Quantity", "Price"])
                for at in range(20000):
                    writer.writerow([f"K-{at // 2}", "2025-03-04 10:00:00", f"k{at // 2 % 900}@shop.example",
                                     f"Ware {at % 7}", 1, "2.50"])
        return subprocess.Popen(self.import_command(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                stdin=subprocess.DEVNULL, env=basic_env())

    def import_again(self):
        """Runs the import to its end; a server that has begun to go on with it is waited for."""
        for _ in range(600):
            done = subprocess.run(self.import_command(), check=False, text=True, capture_output=True,
                                  env=basic_env())
            if "another import is running" not in done.stderr:
                return done
            time.sleep(0.5)
        return done

    def import_command(self):
        """The same import every time: twice changes nothing, killed it resumes."""
        mapping = {"order": "Order", "date": "Date", "email": "Email", "item": "Item",
                   "quantity": "Quantity", "price": "Price"}
        flags = [word for field, column in mapping.items() for word in ("--map", f"{field}={column}")]
        return [BINARY, "import", "orders", self.import_path, *self.shop.flags(), "--format", "generic",
                "--currency", "GBP", "--zone", "UTC", *flags]

    def resend(self):
        """Sends what was never answered, as an SDK would; all of it must be answered now."""
        while not self.unsent.empty():
            batch = self.unsent.get()
            reply = wait_until(lambda: answer(self.shop, batch), "an answer other than 429", 120)
            if reply.status != 200:
                raise AssertionError(f"resend: {reply.status} {reply.body[:200]!r}")
            self.acknowledged.update(event["messageId"] for event in batch)

    def compare(self):
        """(ids acknowledged, lost, doubled) against what the store exports."""
        stored = {}
        for user in range(50):
            person = self.shop.person(f"killed{user:02d}x")
            if person:
                count_ids(self.shop, person["id"], stored)
        lost = [one for one in self.acknowledged if one not in stored]
        doubled = [one for one, times in stored.items() if times > 1]
        return len(self.acknowledged), lost, doubled


def answer(shop, batch):
    """The reply to a batch, or None when it is to be sent again."""
    reply = shop.ingest.batch(batch)
    return None if reply.status == 429 else reply


def count_ids(shop, person, stored):
    """Adds the message ids of a person's export to `stored`."""
    export = shop.api.get(f"/api/people/{person}/export", timeout=120).json
    for event in export["data"]["events"]:
        if event["name"] == "Counted":
            stored[event["message_id"]] = stored.get(event["message_id"], 0) + 1


def cases(loop, kills):
    """Runs everything; yields (title, what is wrong or None)."""
    for number in range(kills):
        loop.round(number)
    yield f"{loop.rounds} kills, each followed by a start", None
    shop = loop.shop
    shop.start()
    loop.resend()
    ids, lost, doubled = loop.compare()
    note(f"{shop.kind}: {loop.rounds} kills ({loop.in_flight} with requests in flight, {loop.import_kills} "
         f"during an import), {ids} acknowledged ids compared")
    few = f"only {loop.in_flight}" if loop.in_flight < kills * 0.9 else None
    yield "requests were unanswered at nine kills of ten", few
    yield f"{ids} acknowledged ids: none lost", f"{len(lost)} lost: {lost[:5]}" if lost else None
    yield "none counted twice", f"{len(doubled)} doubled: {doubled[:5]}" if doubled else None
    if loop.import_path:
        done = loop.import_again()
        yield "the killed import can be run again", done.stderr[-400:] if done.returncode else None
        kpis = {kpi["name"]: kpi["value"] for kpi in shop.api.get("/api/kpis").json["kpis"]}
        yield "the killed import, run to its end: 10,000 orders", \
            None if kpis["orders"] == 10000 else f"{kpis['orders']} orders"
    shop.stop()
    done = shop.run("verify", check=False)
    yield "kith verify is clean", None if done.returncode == 0 else (done.stdout + done.stderr)[-400:]


def main():
    """Prints TAP."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--kills", type=int, default=200)
    options = parser.parse_args()
    kills, failed, number = options.kills * (20 if is_long() else 1), 0, 0
    with Shop(options.database) as shop:
        shop.key("api"), shop.key("ingest")
        shop.kill()
        try:
            for title, wrong in cases(Loop(shop), kills):
                number += 1
                failed += wrong is not None
                print(f"{'not ok' if wrong else 'ok'} {number} {title}{': ' + wrong if wrong else ''}", flush=True)
        except Exception as error:  # pylint: disable=broad-except
            number, failed = number + 1, failed + 1
            print(f"not ok {number} {type(error).__name__}: {str(error)[:400]!r}")
    print(f"1..{number}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
