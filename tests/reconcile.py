#!/usr/bin/env python3
"""The nightly reconcile: what webhooks lost is read from the shop, whole, once, whatever gets in the way.

The shop is a stand-in (lib/stand_in.py) that refuses every request that the vendors' pages do not
allow; each case ends with none refused.

    reconcile.py --database sqlite
"""
import base64
import datetime
import hashlib
import hmac
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kith import suite, wait_until  # noqa: E402
from stand_in import CLIENT, KEYS, TOKEN, StandIn  # noqa: E402
from tap import case, want, want_true  # noqa: E402

NOW = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)


def ago(minutes):
    """UTC, without a sign of it, as WooCommerce writes it."""
    return (NOW - datetime.timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S")


def woo_order(number, minutes, total="20.00", **more):
    """https://woocommerce.github.io/woocommerce-rest-api-docs/#order-properties."""
    return {"id": number, "number": str(number), "status": "processing", "currency": "GBP", "total": total,
            "total_tax": "0.00", "discount_total": "0.00", "shipping_total": "0.00", "customer_id": 0,
            "date_created_gmt": ago(minutes), "date_modified_gmt": ago(minutes), "refunds": [],
            "line_items": [{"id": 1, "name": "Jar", "sku": "JAR", "quantity": 1, "price": 20}],
            "billing": {"email": f"w{number}@woo.example", "first_name": f"Wu{number}"}, **more}


def shopify_order(number, minutes, total="20.00", **more):
    """https://shopify.dev/docs/api/admin-rest/latest/resources/order."""
    at = ago(minutes) + "+00:00"
    return {"id": 9_000_000_000_000 + number, "name": f"#S{number}", "currency": "GBP", "total_price": total,
            "total_tax": "0.00", "total_discounts": "0.00", "created_at": at, "updated_at": at, "test": False,
            "cancelled_at": None, "refunds": [], "discount_codes": [],
            "line_items": [{"id": 1, "title": "Jar", "name": "Jar", "sku": "JAR", "quantity": 1, "price": total}],
            "customer": {"id": 70_000 + number, "email": f"s{number}@shopify.example", "first_name": f"Su{number}",
                         "created_at": at, "updated_at": at}, **more}


def make_order(vendor, number, minutes, total="20.00", **more):
    """An order of either vendor."""
    return (shopify_order if vendor.kind == "shopify" else woo_order)(number, minutes, total, **more)


def shop_new(shop, name):
    """A shop of its own for a case."""
    reply = shop.owner.post("/api/shops", {"name": name})
    want_true(reply.status < 300, f"shop: {reply.status} {reply.body!r}")
    return next(row["id"] for row in shop.owner.get("/api/shops").json["shops"] if row["name"] == name)


def token_set(shop, shop_id, vendor, **more):
    """Address and token."""
    token = {"token": TOKEN} if vendor.kind == "shopify" else {"user": KEYS[0], "token": KEYS[1]}
    reply = shop.owner.put(f"/api/shops/{shop_id}/apis/{vendor.kind}", {"url": vendor.url, **token, **more})
    want(reply.status, 200)
    return reply


def status(shop, shop_id):
    """What is said of the shop's one API."""
    return shop.owner.get(f"/api/shops/{shop_id}/apis").json["apis"][0]


def reading(shop, shop_id, count):
    """The newest of `count` runs, once it has ended."""
    def ended():
        runs = status(shop, shop_id)["runs"]
        return runs[0] if len(runs) >= count and runs[0]["state"] != "running" else None
    return wait_until(ended, f"reading {count} ends")


def again(shop, shop_id, vendor, count):
    """Reads now; the `count`th run."""
    reply = shop.owner.post(f"/api/shops/{shop_id}/apis/{vendor.kind}/reconcile")
    want(reply.status, 200)
    return reading(shop, shop_id, count)


def buyers(shop, vendor, rule='did "Order Completed" exactly 1 time'):
    """How many of the vendor's people a rule means."""
    letter = "s" if vendor.kind == "shopify" else "w"
    domain = "shopify.example" if letter == "s" else "woo.example"
    rule = f'{rule} and email ends with "@{domain}"'
    return int(shop.run("segment", "count", rule).stdout.split()[0])


def webhook(shop, shop_id, vendor, order):
    """The order, as the vendor tells of it itself."""
    hook = shop.owner.put(f"/api/shops/{shop_id}/hooks/{vendor.kind}", {"secret": "hush hush"}).json["hooks"][0]
    path = f"/hooks/{vendor.kind}/" + hook["url"].rsplit("/", 1)[1]
    body = json.dumps(order)
    signed = base64.b64encode(hmac.new(b"hush hush", body.encode(), hashlib.sha256).digest()).decode()
    headers = {"X-Shopify-Hmac-Sha256": signed, "X-Shopify-Topic": "orders/create", "X-Shopify-Event-Id": "e1"} \
        if vendor.kind == "shopify" else {"X-WC-Webhook-Signature": signed, "X-WC-Webhook-Topic": "order.created",
                                          "X-WC-Webhook-Delivery-ID": "1"}
    reply = shop.nobody.post(path, body, headers={"Content-Type": "application/json", **headers})
    want(reply.status, 200)


def person(shop, address):
    """The page of a person."""
    found = shop.person(address)
    want_true(found, f"{address} is known")
    return shop.api.get(f"/api/people/{found['id']}").json


def others(vendor):
    """A customer who never bought, and products."""
    if vendor.kind == "shopify":
        vendor.customers = [{"id": 5, "email": "only@shopify.example", "first_name": "Only",
                             "updated_at": ago(50) + "+00:00"}]
        vendor.products = [{"legacyResourceId": str(100 + number), "title": f"Jar {number}", "productType": "Jars",
                            "updatedAt": ago(60) + "Z", "featuredMedia": None,
                            "variants": {"nodes": [{"sku": f"J{number}", "title": "Default Title",
                                                    "price": "9.50", "inventoryQuantity": 3}]}}
                           for number in range(25)]
        return
    vendor.customers = [{"id": 5 + number, "email": f"only{number}@woo.example", "first_name": "Only",
                         "date_created_gmt": ago(50 + number * 60 * 24), "date_modified_gmt": ago(50)}
                        for number in range(150)]
    vendor.products = [{"id": 100 + number, "name": f"Jar {number}", "sku": f"WJ{number}", "price": "9.50",
                        "date_modified_gmt": ago(60), "categories": [], "images": [], "permalink": None,
                        "stock_quantity": 3} for number in range(25)]


def lost_and_found(shop, kind, pages):
    """What no webhook brought comes; twice changes nothing; a change and a refund come."""
    with StandIn(kind) as vendor:
        vendor.rows = 100
        vendor.orders = [make_order(vendor, number + 1, 300 + number) for number in range(230)]
        others(vendor)
        shop_id = shop_new(shop, f"{kind} lost")
        webhook(shop, shop_id, vendor, vendor.orders[7])
        reply = token_set(shop, shop_id, vendor)
        want_true(TOKEN.encode() not in reply.body and KEYS[1].encode() not in reply.body, "no token is answered")
        first = reading(shop, shop_id, 1)
        want((first["state"], first.get("reason")), ("done", None))
        want((first["orders"] >= 230, first["orders_new"], first["orders_changed"]), (True, 229, 0))
        want((first["products"], first["refused"], first["pages"]), (25, 0, pages))
        want(buyers(shop, vendor), 230)
        want(len(shop.owner.get("/api/orders?q=" + ("S229" if kind == "shopify" else "229")).json["orders"]), 1)
        second = again(shop, shop_id, vendor, 2)
        want((second["state"], second["orders_new"], second["orders_changed"]), ("done", 0, 0))
        changed(shop, shop_id, vendor)
        want(vendor.wrong, [])
        want(shop.owner.delete(f"/api/shops/{shop_id}/apis/{kind}").status, 204)


def changed(shop, shop_id, vendor):
    """One order cost more and half of it went back, after the last reading."""
    row = make_order(vendor, 3, 302, "30.00")
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    if vendor.kind == "shopify":
        row["updated_at"] = now + "+00:00"
        row["refunds"] = [{"id": 1, "created_at": now + "+00:00", "transactions": [
            {"kind": "refund", "status": "success", "amount": "15.00"}]}]
    else:
        row["date_modified_gmt"] = now
        row["refunds"] = [{"id": 1, "reason": "", "total": "-15.00"}]
    vendor.orders[2] = row
    third = again(shop, shop_id, vendor, 3)
    want((third["state"], third["orders_new"], third["orders_changed"]), ("done", 0, 1))
    want_true(third["read_from"] > status(shop, shop_id)["runs"][-1]["read_from"], "later ones ask for less")
    key = "S3" if vendor.kind == "shopify" else "3"
    found = [one for one in shop.owner.get(f"/api/orders?q={key}").json["orders"] if one["order_key"] == key]
    want([(one["revenue"]["minor"], one["net_revenue"]["minor"]) for one in found], [(3000, 1500)])


@case("WooCommerce: what was lost is found, once; twice changes nothing; refunds come")
def _(shop):
    lost_and_found(shop, "woocommerce", 3 + 1 + 1)  # customers: a page, the oldest of it is older than asked


@case("Shopify: what was lost is found, once; twice changes nothing; refunds come")
def _(shop):
    lost_and_found(shop, "shopify", 3 + 1 + 3)


@case("429, 5xx, a page for people, a cut connection: waited out, and nothing is missing")
def _(shop):
    for kind in ("shopify", "woocommerce"):
        with StandIn(kind) as vendor:
            vendor.rows, vendor.throttle = 40, 1
            vendor.orders = [make_order(vendor, 1000 + number, 200) for number in range(120)]
            others(vendor)
            vendor.trouble = ["cut", "429"] if kind == "shopify" else ["html", "503"]
            shop_id = shop_new(shop, f"{kind} trouble")
            before = buyers(shop, vendor)
            token_set(shop, shop_id, vendor)
            run = reading(shop, shop_id, 1)
            want((run["state"], run["orders_new"], vendor.wrong), ("done", 120, []))
            want(buyers(shop, vendor) - before, 120)


@case("rows that change, go and come while they are read; a page the shop forgot")
def _(shop):
    for kind in ("shopify", "woocommerce"):
        with StandIn(kind) as vendor:
            vendor.rows = 100
            vendor.orders = [make_order(vendor, 2000 + number, 200) for number in range(250)]
            done = []

            def meddle(path, vendor=vendor, done=done):
                if len(vendor.asked) != 2 or done:
                    return
                done.append(path)
                vendor.orders = [make_order(vendor, 2000 + number, 100 if number == 3 else 200)
                                 for number in range(1, 252)]  # the first went, one came, one changed
                vendor.turn += 1  # and the cursor of the page is none any more

            vendor.before = meddle
            shop_id = shop_new(shop, f"{kind} meddled")
            before = buyers(shop, vendor)
            token_set(shop, shop_id, vendor)
            run = reading(shop, shop_id, 1)
            want((run["state"], vendor.wrong), ("done", []))
            want(run["orders_new"], 252)
            want(buyers(shop, vendor) - before, 252)


@case("killed in the middle of a reading it goes on, and nothing comes twice")
def _(shop):
    for kind in ("shopify", "woocommerce"):
        with StandIn(kind) as vendor:
            vendor.rows = 100
            vendor.orders = [make_order(vendor, 3000 + number, 200) for number in range(250)]
            kills = []

            def kill(path, vendor=vendor, kills=kills):
                if "orders" in path and len(vendor.asked) in (2, 4):
                    kills.append(path)
                    shop.process.kill()

            vendor.before = kill
            shop_id = shop_new(shop, f"{kind} killed")
            before = buyers(shop, vendor)
            token_set(shop, shop_id, vendor)
            for number in (1, 2):
                wait_until(lambda number=number, kills=kills: len(kills) >= number, "a kill")
                shop.kill()
                shop.start()
            run = reading(shop, shop_id, 1)
            want((run["state"], run["orders_new"], vendor.wrong), ("done", 250, []))
            want((run["pages"], len(status(shop, shop_id)["runs"])), (5, 1))
            want(buyers(shop, vendor) - before, 250)


@case("a token that is refused, one that may not read all, and an app's id and secret")
def _(shop):
    with StandIn("shopify") as vendor:
        vendor.orders = [make_order(vendor, 4000, 200)]
        shop_id = shop_new(shop, "shopify rights")
        vendor.tokens.clear()
        token_set(shop, shop_id, vendor)
        run = reading(shop, shop_id, 1)
        want((run["state"], run["reason"]), ("failed", "the shop does not accept the token"))
        vendor.tokens.add(TOKEN)
        vendor.closed = {"customers"}
        run = again(shop, shop_id, vendor, 2)
        want((run["state"], run["orders_new"]), ("done", 1))
        want_true(run["reason"].startswith("customers: the token may not read this"), run["reason"])
        vendor.closed = {"orders"}
        want(again(shop, shop_id, vendor, 3)["state"], "failed")
        vendor.closed = set()
        token_set(shop, shop_id, vendor, user=CLIENT[0], token=CLIENT[1])
        want(reading(shop, shop_id, 4)["state"], "done")
        vendor.tokens = {TOKEN}  # the day is over earlier than was said
        want(again(shop, shop_id, vendor, 5)["state"], "done")
        want(sum("access_token" in path for path in vendor.asked), 2)
        want(vendor.wrong, [])


@case("a row that cannot be used is left out and counted; the rest of its page stands")
def _(shop):
    with StandIn("woocommerce") as vendor:
        vendor.orders = [make_order(vendor, 5000 + number, 200, "much" if number == 11 else "20.00")
                         for number in range(30)]
        shop_id = shop_new(shop, "woocommerce wrong")
        token_set(shop, shop_id, vendor)
        run = reading(shop, shop_id, 1)
        want((run["state"], run["orders_new"], run["refused"], vendor.wrong), ("done", 29, 1, []))


@case("what may not be asked: private addresses, plain HTTP, another's host, no such shop")
def _(shop):
    shop_id = shop_new(shop, "asked")
    path, woo = f"/api/shops/{shop_id}/apis", {"user": KEYS[0], "token": KEYS[1]}
    for vendor, url in (("woocommerce", "http://shop.example"), ("woocommerce", "ftp://shop.example"),
                        ("woocommerce", "https://ck:cs@shop.example"), ("woocommerce", "https://shop.example/?a=b"),
                        ("shopify", "https://shop.example"), ("shopify", "https://x.myshopify.com/admin")):
        want(shop.owner.put(f"{path}/{vendor}", {"url": url, **woo}).status, 400, url)
    want(shop.owner.put(f"{path}/woocommerce", {"url": "https://10.0.0.1", **woo}).status, 200)
    run = reading(shop, shop_id, 1)
    want((run["state"], "private" in run["reason"]), ("failed", True))
    want(shop.owner.put(f"{path}/ebay", {"url": "https://shop.example", **woo}).status, 404)
    want(shop.owner.put("/api/shops/999/apis/woocommerce", {"url": "https://shop.example", **woo}).status, 404)
    want(shop.owner.get("/api/shops/999/apis").status, 404)
    want(shop.owner.post("/api/shops/999/apis/shopify/reconcile").status, 404)
    want(shop.owner.delete(f"{path}/shopify").status, 404)
    want(shop.api.put(f"{path}/woocommerce", {"url": "https://shop.example", **woo}).status, 403)
    entries = shop.owner.get("/api/audit").json["entries"]
    want_true(any(row["action"] == "shop.api.set" for row in entries), "audit")
    want(KEYS[1] in json.dumps(entries), False)


@case("the store is whole")
def _(shop):
    want(shop.run("verify").returncode, 0)


if __name__ == "__main__":
    suite()
