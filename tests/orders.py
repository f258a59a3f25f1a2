#!/usr/bin/env python3
"""1,000 orders, told by SDK, by CSV and by hand, in any order, twice, are 1,000 orders.

Every order has a number of the shop. Each of the three sources tells of all of them (by hand: every
tenth, the rest would be the same request 900 times more), in an order shuffled by seed; then
everything once more. What must hold: orders, customers and revenue of the shop, each once.
"""
import csv
import json
import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kith import suite, wait_until  # noqa: E402
from tap import case, note, want, want_true  # noqa: E402

COUNT, CUSTOMERS, SEED = 1000, 140, 20260301
DAY_MS = 86_400_000
START_MS = 1_735_732_800_000  # 2025-01-01 12:00 UTC


def orders_make():
    """The shop's own list: number, customer, time, items."""
    dice = random.Random(SEED)
    orders = []
    for number in range(COUNT):
        items = [{"name": f"Ware {dice.randrange(40)}", "quantity": dice.randrange(1, 4),
                  "price_minor": dice.randrange(100, 9000)} for _ in range(dice.randrange(1, 4))]
        orders.append({"number": f"N-{number:04d}", "email": f"c{dice.randrange(CUSTOMERS)}@shop.example",
                       "at": START_MS + dice.randrange(400) * DAY_MS, "items": items,
                       "total": sum(item["quantity"] * item["price_minor"] for item in items)})
    return orders


ORDERS = orders_make()


def iso(at_ms):
    """UTC time as the SDKs write it."""
    import datetime  # pylint: disable=import-outside-toplevel
    return datetime.datetime.fromtimestamp(at_ms / 1000, datetime.timezone.utc).strftime(
        "%Y-%m-%dT%H:%M:%S.000Z")


def by_sdk(shop, dice, turn):
    """Every order as the shop's server sends it with an SDK."""
    events = [{"type": "track", "event": "Order Completed", "userId": order["email"],
               "messageId": f"sdk-{turn}-{order['number']}", "timestamp": iso(order["at"]),
               "context": {"traits": {"email": order["email"]}},
               "properties": {"order_id": order["number"], "revenue": order["total"] / 100, "currency": "GBP",
                              "products": [{"name": item["name"], "price": item["price_minor"] / 100,
                                            "quantity": item["quantity"]} for item in order["items"]]}}
              for order in ORDERS]
    dice.shuffle(events)
    for at in range(0, COUNT, 100):
        want(shop.ingest.batch(events[at:at + 100]).status, 200)


def by_csv(shop, dice, turn):
    """Every order as an export, lines of one order together, orders shuffled."""
    shuffled = dice.sample(ORDERS, COUNT)
    path = os.path.join(shop.home, f"orders-{turn}.csv")
    with open(path, "w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["Order", "Date", "Email", "Item", "Quantity", "Price", "Currency"])
        for order in shuffled:
            for item in order["items"]:
                writer.writerow([order["number"], iso(order["at"]), order["email"], item["name"],
                                 item["quantity"], f"{item['price_minor'] / 100:.2f}", "GBP"])
    mapping = {"order": "Order", "date": "Date", "email": "Email", "item": "Item",
               "quantity": "Quantity", "price": "Price", "currency": "Currency"}
    flags = [word for field, column in mapping.items() for word in ("--map", f"{field}={column}")]
    shop.run("import", "orders", path, "--format", "generic", "--zone", "UTC", *flags)


def by_hand(shop, dice, _turn):
    """Every tenth order typed in on the person's page."""
    for order in dice.sample(ORDERS[::10], COUNT // 10):
        person = shop.person(order["email"]) or {"id": shop.owner.post(
            "/api/people", {"email": order["email"]}).json["id"]}
        reply = shop.owner.post(f"/api/people/{person['id']}/orders", {
            "at": order["at"], "currency": "GBP", "number": order["number"], "items": order["items"]})
        want_true(reply.status in (200, 201, 409), f"by hand: {reply.status} {reply.body[:200]!r}")


def shop_figures(shop):
    """Orders, revenue and customers as the API gives them."""
    kpis = {kpi["name"]: kpi["value"] for kpi in shop.api.get("/api/kpis").json["kpis"]}
    revenue = kpis["revenue"]
    return kpis["orders"], revenue["minor"] if isinstance(revenue, dict) else revenue, kpis["customers"]


WANTED = (COUNT, sum(order["total"] for order in ORDERS), len({order["email"] for order in ORDERS}))
TELLERS = {"SDK": by_sdk, "CSV": by_csv, "hand": by_hand}


@case("each source in turn, in an order drawn by lot, tells of the same 1,000 orders, twice")
def _(shop):
    dice = random.Random(SEED + 1)
    for turn in range(2):
        for name in dice.sample(sorted(TELLERS), 3):
            TELLERS[name](shop, dice, turn)
            note(f"round {turn + 1}, {name}: {json.dumps(shop_figures(shop))}")
    wait_until(lambda: shop_figures(shop) == WANTED, f"{WANTED}, not {shop_figures(shop)}")


@case("each person has their own orders, and no more")
def _(shop):
    for customer in range(0, CUSTOMERS, 10):
        email = f"c{customer}@shop.example"
        mine = [order for order in ORDERS if order["email"] == email]
        person = shop.person(email)
        want((person["orders"], person["spent"]["minor"]),
             (len(mine), sum(order["total"] for order in mine)), email)


@case("a purchase taken back stays on the timeline and counts no more")
def _(shop):
    before = shop_figures(shop)
    person = shop.owner.post("/api/people", {"name": "Wrong Key", "email": "wrong@shop.example"}).json["id"]
    made = shop.owner.post(f"/api/people/{person}/orders", {
        "currency": "GBP", "items": [{"name": "Cup", "quantity": 1, "price_minor": 900}]})
    order_id = made.json["id"]
    want(made.status, 201, "entered")
    wait_until(lambda: shop_figures(shop)[0] == before[0] + 1, "one order more")
    want(shop.owner.delete(f"/api/people/{person}/orders/{order_id}").status, 204, "taken back")
    wait_until(lambda: shop_figures(shop)[0] == before[0], "as many orders as before")
    found = shop.owner.get("/api/orders?q=N-0001").json["orders"]
    want([order["order_key"] for order in found], ["N-0001"], "found by its number")


@case("kith verify finds nothing")
def _(shop):
    want(shop.stop(), 0, "an orderly end")
    shop.verify()
    shop.start()


if __name__ == "__main__":
    suite()
