#!/usr/bin/env python3
"""Promise 8: whoever holds the public key of a shop can harm nobody.

The key stands in the source of every page. Here somebody has it, and knows the ids and addresses of
customers. Each case is one thing they try; what must hold is said in its title.
"""
import os
import sys
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kith import Client, suite, wait_until  # noqa: E402
from tap import case, want, want_true  # noqa: E402


def customer(shop, name, orders=1):
    """A real customer, known from the shop's server; returns the person's id."""
    email = f"{name}@shop.example"
    want(shop.ingest.identify(userId=name, traits={"email": email, "name": name.title()}).status, 200)
    for at in range(orders):
        want(shop.ingest.track(userId=name, event="Order Completed", properties={
            "order_id": f"{name}-{at}", "revenue": 40, "currency": "GBP"}).status, 200)
    return wait_until(lambda: shop.person(email), name)["id"]


def person(shop, identity):
    """A person as the API shows them."""
    return shop.api.get(f"/api/people/{identity}").json


def kpis(shop):
    """{name: value} of all figures."""
    return {kpi["name"]: kpi["value"] for kpi in shop.api.get("/api/kpis").json["kpis"]}


@case("an order told by the browser is unconfirmed: it counts in no figure")
def _(shop):
    identity = customer(shop, "harriet")
    before = kpis(shop)
    want(shop.track.track(userId="harriet", event="Order Completed", properties={
        "order_id": "forged-1", "revenue": 1_000_000, "currency": "GBP"}).status, 200)
    after = kpis(shop)
    for name in ("orders", "revenue", "net_revenue", "customers"):
        want(after[name], before[name], name)
    want(person(shop, identity)["figures"]["orders"], 1)


@case("a real order reported again by the browser with another sum keeps the server's sum")
def _(shop):
    identity = customer(shop, "ida")
    want(shop.track.track(userId="ida", event="Order Completed", properties={
        "order_id": "ida-0", "revenue": 1, "currency": "GBP"}).status, 200)
    want(person(shop, identity)["figures"]["spent"]["minor"], 4000)


@case("a refund or cancellation told by the browser takes nothing away")
def _(shop):
    identity = customer(shop, "jane")
    before = kpis(shop)
    for event in ("Order Refunded", "Order Cancelled"):
        shop.track.track(userId="jane", event=event, properties={"order_id": "jane-0", "total": 40,
                                                                 "currency": "GBP"})
    want(person(shop, identity)["figures"]["net"]["minor"], 4000)
    want(kpis(shop)["net_revenue"], before["net_revenue"])


@case("the shop's server confirms what the browser told: then it counts, once")
def _(shop):
    identity = customer(shop, "kate", orders=0)
    for sender in (shop.track, shop.ingest):
        want(sender.track(userId="kate", event="Order Completed", properties={
            "order_id": "kate-0", "revenue": 15, "currency": "GBP"}).status, 200)
    want(person(shop, identity)["figures"]["orders"], 1)


@case("it cannot grant consent: at most pending")
def _(shop):
    identity = customer(shop, "lena")
    shop.track.identify(userId="lena", traits={"consent": {"email": "granted"}, "newsletter": True,
                                               "email_consent": "granted"},
                        context={"consent": {"categoryPreferences": {"email": True}}})
    granted = [row for row in person(shop, identity)["consents"] if row["state"] == "granted"]
    want(granted, [])


@case("it cannot change the address or the name of a known customer")
def _(shop):
    identity = customer(shop, "mary")
    shop.track.identify(userId="mary", traits={"email": "thief@evil.example", "name": "Mallory"})
    shown = person(shop, identity)
    want((shown["email"], shown["name"]), ("mary@shop.example", "Mary"))
    for trait in shown["traits"]:
        if trait["value"] in ("thief@evil.example", "Mallory"):
            want(trait["unconfirmed"], True, trait["name"])


@case("it cannot take a customer's address for an account of its own")
def _(shop):
    victim = customer(shop, "nina")
    shop.track.identify(userId="thief", traits={"email": "nina@shop.example"})
    shop.track.track(userId="thief", event="Product Viewed")
    shown = person(shop, victim)
    want_true(not any(one["value"] == "thief" for one in shown["identities"]), "not one person")
    want(shown["figures"]["orders"], 1)
    found = shop.api.get("/api/people?q=" + urllib.parse.quote("nina@shop.example")).json["people"]
    want_true(victim in [one["id"] for one in found], "still found by the address")


@case("it cannot join two customers, neither by alias nor by identify nor by a shared visitor")
def _(shop):
    first, second = customer(shop, "olga"), customer(shop, "paula")
    shop.track.send("alias", userId="olga", previousId="paula")
    shop.track.identify(userId="olga", anonymousId="shared-visitor")
    shop.track.identify(userId="paula", anonymousId="shared-visitor")
    shop.track.identify(userId="olga", traits={"email": "paula@shop.example"})
    shop.track.send("group", userId="olga", groupId="paula")
    for identity, name in ((first, "olga"), (second, "paula")):
        shown = person(shop, identity)
        want((shown["figures"]["orders"], shown["merged_into"]), (1, None), name)
    want_true(first != second, "two people")


@case("it may not use names that Kith itself emits")
def _(shop):
    identity = customer(shop, "quinn")
    for event in ("Segment Entered", "Points Earned", "Email Opened", "Email Delivered", "Unsubscribed",
                  "Survey Answered", "Case Opened", "Journey Exited", "Email Bounced"):
        reply = shop.track.batch([{"type": "track", "event": event, "userId": "quinn"}])
        want(reply.status, 200, event)
    items = shop.api.get(f"/api/people/{identity}/timeline?limit=100").json["items"]
    names = {item["name"] for item in items}
    for event in ("Segment Entered", "Points Earned", "Unsubscribed", "Email Bounced"):
        want_true(event not in names, f"{event} is not on the timeline")


@case("it reads nothing: not people, events, orders, keys, or the export")
def _(shop):
    identity = customer(shop, "rita")
    paths = ["/api/people", f"/api/people/{identity}", f"/api/people/{identity}/export", "/api/orders",
             "/api/live", "/api/kpis", "/api/keys", "/api/users", "/api/orders?q=rita", "/api/business"]
    for path in paths:
        for headers in (shop.track.headers, {"Authorization": f"Bearer {shop.key('track')}"},
                        {"X-Write-Key": shop.key("track")}):
            status = Client(shop.port, headers).get(path).status
            want_true(status in (401, 403, 404), f"{path}: {status}")


@case("a page of another origin cannot act with the owner's cookie")
def _(shop):
    cookie = shop.owner.headers["Cookie"]
    reply = Client(shop.port, {"Cookie": cookie, "Origin": "https://evil.example"}).post(
        "/api/keys", {"name": "stolen", "scope": "api"})
    want_true(reply.status in (401, 403), f"without a token: {reply.status}")
    reply = Client(shop.port, {"Cookie": cookie, "Origin": "https://evil.example", "X-CSRF-Token": "x" * 32}).post(
        "/api/keys", {"name": "stolen", "scope": "api"})
    want_true(reply.status in (401, 403), f"with a made-up token: {reply.status}")
    reply = shop.nobody.request("OPTIONS", "/api/people", headers={
        "Origin": "https://evil.example", "Access-Control-Request-Method": "GET"})
    want_true(not reply.headers.get("Access-Control-Allow-Origin"), "no CORS for the API")


@case("keys, users and settings cannot be made with an api key")
def _(shop):
    for method, path, body in (("POST", "/api/keys", {"name": "k", "scope": "api"}),
                               ("POST", "/api/users", {"email": "x@y.example", "name": "X", "role": "owner"})):
        want_true(shop.api.request(method, path, body).status in (401, 403), f"{method} {path}")


@case("20,000 made-up names and properties do not bring the server down")
def _(shop):
    for start in range(0, 20000, 1000):
        events = [{"type": "track", "anonymousId": "flood", "event": f"Flood {start + at}",
                   "properties": {f"p{start + at}": at}} for at in range(1000)]
        want_true(shop.track.batch(events).status in (200, 429), "flood")
    want(shop.nobody.get("/readyz").status, 200)


@case("kith verify finds nothing after all this")
def _(shop):
    want(shop.stop(), 0, "an orderly end")
    shop.verify()
    shop.start()


if __name__ == "__main__":
    suite()
