#!/usr/bin/env python3
"""The REST API as the UI and a developer's script use it, and a walk over every route it documents.

The walk reads /api/openapi.json: each route without a key is 401, with a key of the wrong scope 403,
with an unknown id 404, with a body beyond the limit 413.
"""
import base64
import hashlib
import hmac
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kith import OWNER, Client, session, suite, wait_until  # noqa: E402
from tap import case, note, want, want_true  # noqa: E402

UNKNOWN = "4611686018427387904"
MADE = (200, 201)
DONE = (200, 201, 202, 204)


def add(shop, name, **fields):
    """A person by hand; returns the id."""
    reply = shop.owner.post("/api/people", {"name": name, "email": f"{name.lower()}@shop.example", **fields})
    want_true(reply.status in MADE, f"{reply.status} {reply.body[:300]!r}")
    return reply.json["id"]


def buy(shop, person, **fields):
    """A purchase by hand."""
    reply = shop.owner.post(f"/api/people/{person}/orders", {
        "items": [{"name": "Lamp", "quantity": 2, "price_minor": 1250}], **fields})
    want_true(reply.status in MADE, f"{reply.status} {reply.body[:300]!r}")
    return reply.json


def routes(shop):
    """(method, path, operation) of every documented route."""
    document = shop.api.get("/api/openapi.json").json
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def filled(path):
    """A path with an unknown id in each place."""
    return re.sub(r"\{\w+\}", UNKNOWN, path)


def is_public(operation):
    """Whether the document asks for no key."""
    return not operation.get("security")


@case("OpenAPI: a 3.1 document that names every route, its scope and its replies")
def _(shop):
    reply = shop.nobody.get("/api/openapi.json")
    want(reply.status, 200)
    want(reply.json["openapi"][:3], "3.1")
    found = list(routes(shop))
    want_true(len(found) > 40, f"{len(found)} routes")
    for method, path, operation in found:
        want_true(operation.get("summary"), f"{method} {path} has a summary")


@case("route walk: without a key 401")
def _(shop):
    count = 0
    for method, path, operation in routes(shop):
        if not path.startswith("/api/") or is_public(operation):
            continue
        want(shop.nobody.request(method, filled(path)).status, 401, f"{method} {path}")
        count += 1
    note(f"{count} routes asked without a key")
    want_true(count > 30, f"{count} routes")


@case("route walk: a key of the wrong scope 403")
def _(shop):
    stranger = Client(shop.port, {"Authorization": f"Bearer {shop.key('track')}"})
    for method, path, operation in routes(shop):
        if path.startswith("/api/") and not is_public(operation):
            want(stranger.request(method, filled(path)).status, 403, f"{method} {path}")


@case("route walk: an unknown id 404")
def _(shop):
    for method, path, operation in routes(shop):
        if "{id}" not in path or not path.startswith("/api/") or is_public(operation):
            continue
        if method in ("GET", "DELETE"):
            want(shop.owner.request(method, filled(path)).status, 404, f"{method} {path}")


@case("route walk: a body beyond the limit 413")
def _(shop):
    large = b'{"x":"' + b"y" * (5 << 20) + b'"}'
    for method, path, operation in routes(shop):
        if method in ("POST", "PUT") and path.startswith("/api/") and "requestBody" in operation:
            if "application/json" in operation["requestBody"]["content"]:
                reply = shop.owner.request(method, filled(path), large,
                                           headers={"Content-Type": "application/json"})
                want(reply.status, 413, f"{method} {path}")


@case("session: who am I, sign out, wrong password, links")
def _(shop):
    want(shop.nobody.get("/api/session").json["user"], None)
    mine = shop.owner.get("/api/session").json
    want((mine["user"]["email"], mine["user"]["role"], mine["needs_setup"]), (OWNER["email"], "owner", False))
    want(shop.nobody.post("/api/session", {"email": OWNER["email"], "password": "wrong"}).status, 401)
    other = session(shop.port, OWNER)
    want_true(other.delete("/api/session").status in DONE, "sign out")
    want(other.get("/api/people").status, 401)
    want(shop.nobody.post("/api/setup", {**OWNER, "token": "x" * 32, "language": "en"}).status in (400, 401, 403, 404, 409), True)
    want(shop.nobody.get("/api/links/" + "x" * 32).status, 404)


@case("users: invite by link, take it up, reset, remove")
def _(shop):
    reply = shop.owner.post("/api/users", {"email": "sam@shop.example", "name": "Sam", "role": "staff"})
    want_true(reply.status in MADE, f"{reply.status} {reply.body[:300]!r}")
    token = reply.json["link"].rstrip("/").rsplit("/", 1)[1]
    want(shop.nobody.get(f"/api/links/{token}").status, 200)
    sam = {"email": "sam@shop.example", "password": "a long enough secret"}
    want_true(shop.nobody.post(f"/api/links/{token}", {"name": "Sam", "password": sam["password"]}).status in DONE, "invite")
    want_true(shop.nobody.post(f"/api/links/{token}", {"name": "Eve", "password": "again and again"}).status >= 400, "only once")
    signed = session(shop.port, sam)
    want(signed.get("/api/people").status, 200)
    want(signed.post("/api/keys", {"name": "k", "scope": "api"}).status, 403, "staff makes no keys")
    user = next(one for one in shop.owner.get("/api/users").json["users"] if one["email"] == sam["email"])
    want_true(shop.owner.post(f"/api/users/{user['id']}/reset").json["link"], "reset link")
    want_true(shop.owner.delete(f"/api/users/{user['id']}").status in DONE, "remove")
    want(signed.get("/api/people").status, 401, "removed is signed out")


@case("keys: shown once, used, revoked")
def _(shop):
    made = shop.owner.post("/api/keys", {"name": "till", "scope": "ingest"}).json
    token = {"Authorization": f"Bearer {made['secret']}"}
    want(Client(shop.port, token).get("/api/people").status, 403)
    listed = next(one for one in shop.owner.get("/api/keys").json["keys"] if one["id"] == made["key"]["id"])
    want_true(made["secret"] not in str(listed), "the secret is not shown again")
    want_true(shop.owner.delete(f"/api/keys/{made['key']['id']}").status in DONE, "revoke")
    want(shop.nobody.post("/v1/track", {"event": "E", "userId": "u", "writeKey": made["secret"]}).status, 401)


@case("business, retention, disk, attention, shops, audit")
def _(shop):
    want(shop.owner.get("/api/business").json["currency"], "GBP")
    want_true(shop.owner.get("/api/disk").json["free_bytes"] > 0, "disk")
    want_true(isinstance(shop.owner.get("/api/attention").json["parked"], list), "attention")
    want(shop.owner.post(f"/api/attention/{UNKNOWN}", {"action": "retry"}).status, 404)
    want_true(shop.owner.get("/api/shops").json["shops"], "one shop at least")
    want_true(shop.owner.post("/api/shops", {"name": "Market stall"}).status in MADE, "a second shop")
    shop.ingest.track(userId="ret", event="Retained")
    want_true(shop.owner.put("/api/retention", {"name": "Retained", "days": 30}).status in DONE, "retention")
    rows = {row["name"]: row for row in shop.owner.get("/api/retention").json["events"]}
    want(rows["Retained"]["days"], 30)
    want_true(shop.owner.get("/api/audit").status == 200, "audit")
    want(shop.owner.put("/api/business", {"gap_days": 45}).status in DONE, True)


@case("webhooks: a secret, an address, a signed order once, a wrong signature never")
def _(shop):
    shop_id = shop.owner.get("/api/shops").json["shops"][0]["id"]
    hook = shop.owner.put(f"/api/shops/{shop_id}/hooks/woocommerce", {"secret": "hush hush"}).json["hooks"][0]
    path = "/hooks/woocommerce/" + hook["url"].rsplit("/", 1)[1]
    body = json.dumps({"id": 727, "status": "processing", "currency": "GBP", "total": "29.35",
                       "date_created_gmt": "2025-01-05T19:28:02", "billing": {"email": "woo@shop.example"}})
    signed = base64.b64encode(hmac.new(b"hush hush", body.encode(), hashlib.sha256).digest()).decode()
    headers = {"Content-Type": "application/json", "X-WC-Webhook-Topic": "order.created",
               "X-WC-Webhook-Delivery-ID": "1", "X-WC-Webhook-Signature": signed}
    for _ in range(2):
        want(shop.nobody.post(path, body, headers=headers).status, 200)
    want(shop.nobody.post(path, body + " ", headers=headers).status, 401)
    want(shop.nobody.post("/hooks/woocommerce/none", body, headers=headers).status, 404)
    want(shop.nobody.post("/hooks/shopify/none", body, headers=headers).status, 404)
    want(shop.owner.get("/api/people?q=woo@shop").json["total"], 1)
    hook = shop.owner.get(f"/api/shops/{shop_id}/hooks").json["hooks"][0]
    want([one["state"] for one in hook["deliveries"]], ["taken"])
    want(len(hook["refusals"]), 1)
    want(shop.owner.put(f"/api/shops/{shop_id}/hooks/ebay", {"secret": "hush hush"}).status, 404)
    want(shop.owner.delete(f"/api/shops/{shop_id}/hooks/woocommerce").status, 204)
    want(shop.nobody.post(path, body, headers=headers).status, 404)
    want_true(any(row["action"] == "hook.set" for row in shop.owner.get("/api/audit").json["entries"]), "audit")


@case("people: by hand, find, list in every order, page through")
def _(shop):
    for name in ("Amy", "Ben", "Cat", "Dan", "Eva"):
        buy(shop, add(shop, name))
    for sort in ("name", "last_order", "orders", "spent", "quiet", "created"):
        for order in ("asc", "desc"):
            want(shop.api.get(f"/api/people?sort={sort}&order={order}").status, 200, f"{sort} {order}")
    names, cursor = [], ""
    while cursor is not None:
        page = shop.api.get(f"/api/people?sort=name&order=asc&limit=2{cursor and '&cursor=' + cursor}").json
        names += [person["name"] for person in page["people"] if person["name"]]
        cursor = page["next"]
    want_true(names == sorted(names, key=str.casefold) and {"Amy", "Eva"} <= set(names), str(names))
    want(len(names), len(set(names)), "each once")
    want(shop.person("ben@shop.example")["name"], "Ben")
    for group in ("all", "customers", "quiet", "new", "repeat"):
        want(shop.api.get(f"/api/people?group={group}").status, 200, group)


@case("a person's page: notes, tags, traits, consents, purchases, figures, timeline")
def _(shop):
    person = add(shop, "Fay", phone="+44 20 7946 0000", note="likes lamps")
    base = f"/api/people/{person}"
    note_id = shop.owner.post(f"{base}/notes", {"body": "came by"}).json["id"]
    want_true(shop.owner.put(f"{base}/tags", {"tags": ["regular", "lamps"]}).status in DONE, "tags")
    want_true(shop.owner.put(f"{base}/traits", {"name": "birthday", "value": "1990-02-28"}).status in DONE, "trait")
    want_true(shop.owner.post(f"{base}/consents", {"channel": "email", "topic": "newsletter", "state": "granted",
                                                   "basis": "consent", "text": "asked in the shop"}).status in DONE, "consent")
    buy(shop, person, currency="GBP")
    shown = shop.api.get(base).json
    want(sorted(shown["tags"]), ["lamps", "regular"])
    want_true({"likes lamps", "came by"} >= {one["body"] for one in shown["notes"]} - {None}, str(shown["notes"]))
    want((shown["figures"]["orders"], shown["figures"]["spent"]["minor"]), (1, 2500))
    want_true(any(one["state"] == "granted" for one in shown["consents"]), "consent is shown")
    want_true(any(one["name"] == "birthday" for one in shown["traits"]), "trait is shown")
    items = shop.api.get(f"{base}/timeline").json["items"]
    want_true(any(item["family"] == "order" for item in items), "the purchase is on the timeline")
    want_true(shop.owner.delete(f"{base}/notes/{note_id}").status in DONE, "note removed")
    want_true("came by" not in [one["body"] for one in shop.api.get(base).json["notes"]], "note is gone")


@case("merge two people, undo it: as before")
def _(shop):
    first, second = add(shop, "Gil"), add(shop, "Gilbert")
    buy(shop, first)
    buy(shop, second)
    merge = shop.owner.post(f"/api/people/{first}/merge", {"other": second}).json["merge_id"]
    want(shop.api.get(f"/api/people/{first}").json["figures"]["orders"], 2)
    want(shop.api.get(f"/api/people/{second}").json["merged_into"], first)
    want_true(shop.owner.post(f"/api/merges/{merge}/undo").status in DONE, "undo")
    for person in (first, second):
        shown = shop.api.get(f"/api/people/{person}").json
        want((shown["figures"]["orders"], shown["merged_into"]), (1, None))


@case("import over HTTP: upload, look, map, start, progress, rejected rows, remove")
def _(shop):
    csv = b"Order,Date,Email,Item,Quantity,Price\nI-1,2025-01-01 10:00:00,imp@shop.example,Lamp,1,2.50\nI-2,never,x,Lamp,1,2.50\n"
    reply = shop.owner.post("/api/imports?name=orders.csv&kind=auto", csv, headers={"Content-Type": "text/csv"})
    want_true(reply.status in DONE, f"{reply.status} {reply.body[:300]!r}")
    one = f"/api/imports/{reply.json['id']}"
    wait_until(lambda: shop.owner.get(one).json["columns"], "looked at")
    mapping = {"order": "Order", "date": "Date", "email": "Email", "item": "Item",
               "quantity": "Quantity", "price": "Price"}
    want_true(shop.owner.put(one, {"mapping": mapping, "currency": "GBP", "zone": "UTC"}).status in DONE, "mapped")
    want_true(shop.owner.get(one).json["preview"], "a preview")
    want_true(shop.owner.post(f"{one}/start").status in DONE, "start")
    done = wait_until(lambda: (lambda state: state if state["state"] in ("done", "failed") else None)(
        shop.owner.get(one).json), "ends")
    want((done["state"], done["orders"], done["rejected"]), ("done", 1, 1))
    want_true(b"I-2" in shop.owner.get(f"{one}/rejected").body, "the rejected row")
    want_true(any(row["id"] == reply.json["id"] for row in shop.owner.get("/api/imports").json["imports"]), "listed")
    stop = shop.owner.post(f"{one}/stop")
    want_true(stop.status in (*DONE, 404, 409), f"stop of what is done: {stop.status} {stop.body!r}")
    want(shop.api.get(f"/api/reconcile?import={reply.json['id']}").status, 200)
    want_true(shop.owner.delete(one).status in DONE, "remove")


@case("export is everything, erase leaves nothing")
def _(shop):
    person = add(shop, "Hal")
    shop.owner.post(f"/api/people/{person}/notes", {"body": "remember the blue one"})
    export = shop.api.get(f"/api/people/{person}/export")
    want_true(b"remember the blue one" in export.body and b"hal@shop.example" in export.body, "export")
    want_true(shop.owner.delete(f"/api/people/{person}").status in DONE, "erase")
    want(shop.api.get(f"/api/people/{person}").status, 404)


@case("Live: what arrives, as a list and as a stream")
def _(shop):
    shop.ingest.track(userId="live", event="Seen Live")
    wait_until(lambda: any(item["name"] == "Seen Live" for item in shop.api.get("/api/live?limit=50").json["items"]),
               "in the list")
    import http.client  # pylint: disable=import-outside-toplevel
    line = http.client.HTTPConnection("127.0.0.1", shop.port, timeout=10)
    line.request("GET", "/api/live/stream", headers=shop.owner.headers)
    stream = line.getresponse()
    want((stream.status, stream.headers["Content-Type"].split(";")[0]), (200, "text/event-stream"))
    shop.ingest.track(userId="live", event="Streamed")
    seen = b""
    while b"Streamed" not in seen:
        seen += stream.readline()
    line.close()


@case("figures: KPIs with n and formula, people behind them, cohorts, curves, home")
def _(shop):
    kpis = shop.api.get("/api/kpis").json
    for kpi in kpis["kpis"]:
        want_true(kpi["formula"] and kpi["label"] and kpi["unit"] in ("count", "money", "share", "days", "per_person"),
                  kpi["name"])
    want(shop.api.get("/api/kpis/customers/people").status, 200)
    want(shop.api.get("/api/kpis/nonsense/people").status, 404)
    want(shop.api.get("/api/kpis?from=2025-01-01&to=2025-12-31&zone=Europe/Berlin").status, 200)
    for path in ("/api/cohorts", "/api/curves", "/api/home", "/api/reconcile"):
        want(shop.api.get(path).status, 200, path)


@case("orders: list, search, one of them")
def _(shop):
    person = add(shop, "Ira")
    buy(shop, person, number="IRA-7")
    found = shop.api.get("/api/orders?q=IRA-7").json["orders"]
    want(len(found), 1)
    want((found[0]["order_key"], found[0]["person"]), ("IRA-7", person))


@case("health, readiness, metrics; security headers on every page")
def _(shop):
    want(shop.nobody.get("/healthz").status, 200)
    metrics = shop.nobody.get("/metrics")
    want_true(metrics.status in (200, 401, 403), "metrics")
    page = shop.nobody.get("/")
    want(page.status, 200)
    policy = page.headers.get("Content-Security-Policy", "")
    want_true("script-src 'self'" in policy and "unsafe-eval" not in policy, policy)
    want(page.headers.get("X-Content-Type-Options"), "nosniff")
    want(shop.nobody.get("/people/unknown-page").status, 200, "the UI's own paths")


@case("sign-in is rate limited")
def _(shop):
    statuses = [shop.nobody.post("/api/session", {"email": "nobody@shop.example", "password": "wrong"}).status
                for _ in range(40)]
    want_true(429 in statuses, f"{set(statuses)}")


if __name__ == "__main__":
    suite()
