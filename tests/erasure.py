#!/usr/bin/env python3
"""Promise 5: after an erasure nothing reads the person, and no byte of theirs stays in our files.

Canaries: texts that exist nowhere else are put everywhere a person can be: name, address, phone, user
id, traits, event properties, notes, tags, consent texts, CSV rows good and rejected, merged twins,
refused events. After the erasure and its sealing every file of the data folder is read byte by byte
(also inflated where it is compressed, and as UTF-16), and the database is dumped. A second person,
who stays, proves that the search would have found something.
"""
import base64
import csv
import gzip
import os
import sys
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import cluster  # noqa: E402
from kith import suite, wait_until  # noqa: E402
from tap import case, note, want, want_true  # noqa: E402
import subprocess  # noqa: E402

GONE, STAYS = "zqxgone", "zqxstays"
ORDERS = {GONE: "A-17", STAYS: "A-18"}  # what the shop calls their orders: numbers name nobody
SEALED_LIMIT_S = 60


def canaries(mark):
    """The distinct texts of one person; each begins with the mark, none with a common word."""
    return {what: f"{mark}{what}{len(what)}" for what in (
        "name", "user", "trait", "property", "note", "tag", "visitor", "city", "hand", "second", "consent")}


def live(shop, mark):
    """Puts one person everywhere and returns the person's id."""
    texts = canaries(mark)
    email = f"{mark}mail@shop.example"
    shop.track.send("page", anonymousId=texts["visitor"], name="Home", properties={"q": texts["property"]})
    want(shop.ingest.identify(userId=texts["user"], anonymousId=texts["visitor"], traits={
        "email": email, "name": texts["name"], "phone": "+44 20 7946 0" + ("123" if mark == GONE else "456"),
        "favourite": texts["trait"], "address": {"city": texts["city"]}}).status, 200)
    want(shop.ingest.track(userId=texts["user"], event="Product Viewed",
                           properties={"gift_note": texts["property"]}).status, 200)
    want(shop.ingest.track(userId=texts["user"], event="Order Completed", properties={
        "order_id": ORDERS[mark] + "-sdk", "revenue": 12, "currency": "GBP", "note": texts["property"]}).status, 200)
    # A refused event must not keep what it held.
    shop.ingest.batch([{"type": "nonsense", "userId": texts["user"], "traits": {"name": texts["name"]}}])
    person = wait_until(lambda: shop.person(email), mark)["id"]
    base = f"/api/people/{person}"
    want_true(shop.owner.post(f"{base}/notes", {"body": texts["note"]}).status in (200, 201), "note")
    want_true(shop.owner.put(f"{base}/tags", {"tags": [texts["tag"]]}).status in (200, 204), "tag")
    want_true(shop.owner.post(f"{base}/consents", {
        "channel": "email", "topic": "newsletter", "state": "granted", "basis": "consent",
        "text": texts["consent"], "address": email}).status in (200, 201, 204), "consent")
    import_csv(shop, texts, email, mark)
    second = shop.owner.post("/api/people", {"name": texts["second"], "note": texts["hand"]}).json["id"]
    merge = shop.owner.post(f"{base}/merge", {"other": second})
    want_true(merge.status in (200, 201), f"merge: {merge.status} {merge.body[:200]!r}")
    return person


def import_csv(shop, texts, email, mark):
    """A good row and a rejected one, both with canaries."""
    path = os.path.join(shop.home, ORDERS[mark] + ".csv")
    with open(path, "w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["Order", "Date", "Email", "Item", "Quantity", "Price"])
        writer.writerow([ORDERS[mark] + "-csv", "2025-05-05 10:00:00", email, "Lamp", 1, "3.00"])
        writer.writerow([ORDERS[mark] + "-bad", "no date at all", email, texts["name"], "many", "x"])
    mapping = {"order": "Order", "date": "Date", "email": "Email", "item": "Item",
               "quantity": "Quantity", "price": "Price"}
    flags = [word for field, column in mapping.items() for word in ("--map", f"{field}={column}")]
    shop.run("import", "orders", path, "--format", "generic", "--zone", "UTC", "--currency", "GBP", *flags,
             check=False)


def needles(mark):
    """The mark as it may lie in a file: text, UTF-16, base64 at three offsets, other case."""
    plain = mark.encode()
    return [plain, plain.upper(), mark.encode("utf-16-le"),
            *[base64.b64encode(b"x" * at + plain)[4:12] for at in (3, 4, 5)]]


def inflated(content):
    """What a gzip or zlib stream at the start of a file holds, or nothing."""
    for unpack in (gzip.decompress, zlib.decompress):
        try:
            return unpack(content)
        except (OSError, EOFError, zlib.error):
            continue
    return b""


def files_with(shop, mark):
    """Relative paths of files of the data folder in which the mark lies, and the bytes read."""
    hits, read = [], 0
    for at, _, names in os.walk(shop.data):
        for name in names:
            path = os.path.join(at, name)
            if not os.path.isfile(path):
                continue
            with open(path, "rb") as file:
                content = file.read()
            read += len(content)
            if any(needle in text for text in (content, inflated(content)) for needle in needles(mark)):
                hits.append(os.path.relpath(path, shop.data))
    if mark in shop.log():
        hits.append("the server's log")
    return hits, read


def dump_has(shop, mark):
    """Whether the PostgreSQL database, dumped, holds the mark."""
    if not shop.database:
        return False
    done = subprocess.run([f"{cluster.binaries()}/pg_dump", shop.database], capture_output=True, check=True)
    return any(needle in done.stdout for needle in needles(mark)[:2])


PEOPLE = {}


@case("two people with canaries everywhere: the search finds both")
def _(shop):
    PEOPLE["stays"] = live(shop, STAYS)
    PEOPLE["gone"] = live(shop, GONE)
    shop.restart()
    for mark in (STAYS, GONE):
        hits, _ = files_with(shop, mark)
        want_true(hits or dump_has(shop, mark), f"{mark} lies somewhere")


@case("the moment erasure is answered, nothing reads, finds or exports the person")
def _(shop):
    gone = PEOPLE["gone"]
    reply = shop.owner.delete(f"/api/people/{gone}")
    want_true(reply.status in (200, 202, 204), f"erase: {reply.status} {reply.body[:200]!r}")
    for path in ("", "/timeline", "/export"):
        want(shop.api.get(f"/api/people/{gone}{path}").status, 404, path or "person")
    want(shop.person(f"{GONE}mail@shop.example"), None)
    want(shop.api.get(f"/api/people?q={GONE}").json["people"], [], "search")
    items = shop.api.get("/api/live?limit=1000")
    want_true(GONE.encode() not in items.body, "Live shows nothing of them")


@case("soon no byte of them lies in any file or in the database")
def _(shop):
    def clean():
        return not files_with(shop, GONE)[0] and not dump_has(shop, GONE)
    try:
        wait_until(clean, "clean while running", SEALED_LIMIT_S)
    except AssertionError:
        hits, _ = files_with(shop, GONE)
        raise AssertionError(f"still in {hits}, in the database: {dump_has(shop, GONE)}") from None
    shop.restart()
    hits, read = files_with(shop, GONE)
    want((hits, dump_has(shop, GONE)), ([], False), "after a restart")
    note(f"{shop.kind}: {len(canaries(GONE)) + 2} canaries, {read:,} bytes of files read, none left")


@case("the other one is untouched, and the till still matches")
def _(shop):
    person = shop.person(f"{STAYS}mail@shop.example")
    want(person["orders"], 2)
    shown = shop.api.get(f"/api/people/{person['id']}").json
    want((shown["email"], shown["tags"]), (f"{STAYS}mail@shop.example", [canaries(STAYS)["tag"]]))


@case("their key comes again: a new person, nothing of the old")
def _(shop):
    user = canaries(GONE)["user"]
    want(shop.ingest.track(userId=user, event="Product Viewed").status, 200)
    person = wait_until(lambda: shop.person(user), "somebody new")
    want(person["orders"], 0)


@case("kith verify finds nothing")
def _(shop):
    want(shop.stop(), 0, "an orderly end")
    shop.verify()
    shop.start()


if __name__ == "__main__":
    suite()
