#!/usr/bin/env python3
"""The tracking API as Segment's clients use it: calls, keys, encodings, limits, identity, time.

Sources: Segment's HTTP tracking API and the recorded behaviour of its SDKs. Each case says what a
client would notice.
"""
import base64
import datetime
import gzip
import json
import os
import sys
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kith import Client, suite, wait_until  # noqa: E402
from tap import case, want, want_true  # noqa: E402

KB = 1024
MB = 1024 * KB


def now_iso(shift_s=0):
    """A time near now as the SDKs write it."""
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=shift_s)
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def timeline(shop, user):
    """The items of a known user's timeline, newest first; waits until the person exists."""
    person = wait_until(lambda: shop.person(user), f"person {user}")
    return shop.api.get(f"/api/people/{person['id']}/timeline?limit=100").json["items"]


def names(shop, user):
    """Event names on it, oldest first."""
    return [item["name"] for item in reversed(timeline(shop, user))]


def reasons(shop, status="refused", limit=200):
    """Reasons of what the Live page shows with a status."""
    items = shop.api.get(f"/api/live?limit={limit}").json["items"]
    return [item["reason"] for item in items if item["status"] == status]


@case("identify, then track: one person with a trait and an event")
def _(shop):
    want(shop.ingest.identify(userId="ann", traits={"email": "ann@shop.example", "name": "Ann"}).status, 200)
    want(shop.ingest.track(userId="ann", event="Product Viewed", properties={"price": 3}).status, 200)
    want_true("Product Viewed" in names(shop, "ann"), "the event is on the timeline")
    want(shop.person("ann")["email"], "ann@shop.example")


@case("every call answers exactly 200 with a JSON object")
def _(shop):
    calls = {"identify": {"traits": {}}, "track": {"event": "Song Played"}, "page": {"name": "Home"},
             "screen": {"name": "Main"}, "group": {"groupId": "g1", "traits": {"name": "Club"}},
             "alias": {"previousId": "old-calls"}}
    for call, fields in calls.items():
        reply = shop.ingest.send(call, userId="calls", **fields)
        want(reply.status, 200, call)
        want_true(isinstance(reply.json, dict), f"{call}: an object")


@case("the browser's short paths, with text/plain and the key in the body")
def _(shop):
    for path, fields in [("i", {"traits": {"a": 1}}), ("t", {"event": "Short"}), ("p", {"name": "P"}),
                         ("s", {"name": "S"}), ("g", {"groupId": "g"}), ("a", {"previousId": "x9"})]:
        body = {"writeKey": shop.key("track"), "userId": "short", "messageId": str(uuid.uuid4()), **fields}
        want(shop.nobody.post(f"/v1/{path}", json.dumps(body), headers={"Content-Type": "text/plain"}).status,
             200, path)
    body = {"writeKey": shop.key("track"), "batch": [{"type": "track", "event": "Batched", "anonymousId": "v1"}]}
    want(shop.nobody.post("/v1/b", json.dumps(body), headers={"Content-Type": "text/plain"}).status, 200, "b")


@case("the key by Basic with and without colon, by body, by Bearer with the key in the body")
def _(shop):
    key, event = shop.key("ingest"), {"event": "Keyed", "userId": "keyed"}
    basic = [base64.b64encode(f"{key}{colon}".encode()).decode() for colon in (":", "")]
    for token in basic:
        want(shop.nobody.post("/v1/track", event, headers={"Authorization": f"Basic {token}"}).status, 200)
    want(shop.nobody.post("/v1/track", {**event, "writeKey": key}).status, 200, "body")
    want(shop.nobody.post("/v1/track", {**event, "writeKey": key},
                          headers={"Authorization": "Bearer some-oauth-token"}).status, 200, "bearer and body")
    want(shop.nobody.post("/v1/batch", {"batch": [{"type": "track", **event}], "writeKey": key}).status, 200)


@case("no key and an unknown key are 401")
def _(shop):
    want(shop.nobody.post("/v1/track", {"event": "E", "userId": "u"}).status, 401)
    want(shop.nobody.post("/v1/track", {"event": "E", "userId": "u", "writeKey": "nope"}).status, 401)


@case("gzip: labelled, unlabelled, and labelled as a form")
def _(shop):
    body = gzip.compress(json.dumps({"batch": [{"type": "track", "event": "Zipped", "userId": "zip"}]}).encode())
    for why, headers in [("labelled", {"Content-Encoding": "gzip", "Content-Type": "application/json"}),
                         ("unlabelled", {"Content-Type": "text/plain"}),
                         ("form", {"Content-Encoding": "gzip",
                                   "Content-Type": "application/x-www-form-urlencoded"})]:
        want(shop.ingest.post("/v1/batch", body, headers=headers).status, 200, why)
    wait_until(lambda: names(shop, "zip").count("Zipped") == 3, "three zipped events")


@case("a gzip bomb is refused, the server lives")
def _(shop):
    bomb = gzip.compress(b'{"batch":[' + b" " * (64 * MB) + b"]}")
    want_true(len(bomb) < 4 * MB, "it is small on the wire")
    want(shop.ingest.post("/v1/batch", bomb, headers={"Content-Encoding": "gzip"}).status, 413)
    want(shop.nobody.get("/healthz").status, 200)


@case("broken gzip, broken JSON, not an object: 400")
def _(shop):
    want(shop.ingest.post("/v1/batch", b"\x1f\x8b\x08\x00broken").status, 400, "gzip")
    for body in (b'{"batch":[', b"[1,2", b"", b'"text"', b"[]", b"null", b'{"batch":7}'):
        want(shop.ingest.post("/v1/batch", body).status, 400, repr(body))


@case("a body over 4 MB is 413")
def _(shop):
    body = b'{"batch":[' + b",".join([b'{"type":"track","event":"E","userId":"u","properties":{"x":"'
                                      + b"y" * 30000 + b'"}}'] * 150) + b"]}"
    want_true(len(body) > 4 * MB, "over the limit")
    want(shop.ingest.post("/v1/batch", body).status, 413)


@case("one event over 32 KB is refused alone; its batch is accepted")
def _(shop):
    reply = shop.ingest.batch([
        {"type": "track", "event": "Small", "userId": "sizes"},
        {"type": "track", "event": "Large", "userId": "sizes", "properties": {"x": "y" * 33 * KB}},
        {"type": "track", "event": "Small", "userId": "sizes"}])
    want(reply.status, 200)
    want_true(b"32" in reply.body or b"limit" in reply.body or b"error" in reply.body, "the reply tells of it")
    wait_until(lambda: names(shop, "sizes") == ["Small", "Small"], "the two small ones")


@case("a batch in which some events are wrong: 200, the others count, each error has a reason")
def _(shop):
    reply = shop.ingest.batch([
        {"type": "track", "event": "Good", "userId": "mixed"}, {"type": "track", "userId": "mixed"},
        {"type": "nonsense", "userId": "mixed"}, {"type": "track", "event": "Nobody"}, 17,
        {"type": "alias", "userId": "mixed"}, {"type": "track", "event": "Good", "userId": "mixed"}])
    want(reply.status, 200)
    wait_until(lambda: names(shop, "mixed") == ["Good", "Good"], "the two good ones")
    want(len(reply.json["errors"]), 5, "errors in the reply")
    want_true(len(reasons(shop)) >= 5, "Live shows the refused with reasons")


@case("the same messageId counts once, also in another batch and after a restart")
def _(shop):
    event = {"type": "track", "event": "Once", "userId": "twice", "messageId": "m-" + str(uuid.uuid4())}
    want(shop.ingest.batch([event, event]).status, 200)
    want(shop.ingest.batch([event]).status, 200)
    want(names(shop, "twice"), ["Once"])
    shop.restart()
    want(shop.ingest.batch([event]).status, 200, "after a restart")
    want(names(shop, "twice"), ["Once"])


@case("the same messageId from another source counts on its own")
def _(shop):
    event = {"type": "track", "event": "Both", "userId": "sources", "messageId": "m-shared"}
    want(shop.ingest.batch([event]).status, 200)
    want(shop.track.batch([event]).status, 200)
    want(names(shop, "sources"), ["Both", "Both"])


@case("events without messageId are each their own")
def _(shop):
    want(shop.ingest.batch([{"type": "track", "event": "Anon id", "userId": "noid"}] * 3).status, 200)
    want(len(names(shop, "noid")), 3)


@case("a visitor is no person; identify brings the visit along")
def _(shop):
    visitor = str(uuid.uuid4())
    want(shop.track.send("page", anonymousId=visitor, name="Landing").status, 200)
    before = shop.api.get("/api/people").json["total"]
    want(shop.ingest.identify(userId="bea", anonymousId=visitor, traits={"name": "Bea"}).status, 200)
    wait_until(lambda: shop.person("bea"), "bea")
    want(shop.api.get("/api/people").json["total"], before + 1)


@case("identify links a visitor of the same source: the earlier page is on the timeline")
def _(shop):
    visitor = str(uuid.uuid4())
    want(shop.track.send("page", anonymousId=visitor, name="Landing").status, 200)
    want(shop.track.identify(userId="cleo", anonymousId=visitor).status, 200)
    want(shop.track.track(anonymousId=visitor, event="Product Viewed").status, 200)
    wait_until(lambda: len(timeline(shop, "cleo")) >= 2, "page and view")
    want_true("Product Viewed" in names(shop, "cleo"), "later event too")


@case("alias may come before or after what it joins")
def _(shop):
    want(shop.ingest.track(userId="new-1", event="New").status, 200)
    want(shop.ingest.send("alias", userId="new-1", previousId="old-1").status, 200)
    want(shop.ingest.track(userId="old-1", event="Old").status, 200)
    wait_until(lambda: sorted(names(shop, "new-1"))[-2:] == ["New", "Old"], "both on one timeline")


@case("blocked identities make nobody")
def _(shop):
    before = shop.api.get("/api/people").json["total"]
    for value in ("null", "undefined", "-1", "0", "anonymous", "none", "NaN", "[object Object]",
                  "00000000-0000-0000-0000-000000000000", "", "   "):
        reply = shop.ingest.batch([{"type": "track", "event": "Blocked", "userId": value}])
        want(reply.status, 200, value)
    want(shop.api.get("/api/people").json["total"], before)


@case("a clock that is wrong by a day is corrected by sentAt")
def _(shop):
    body = {"batch": [{"type": "track", "event": "Skewed", "userId": "skew", "timestamp": now_iso(-86400 - 60)}],
            "sentAt": now_iso(-86400)}
    want(shop.ingest.post("/v1/batch", body).status, 200)
    item = timeline(shop, "skew")[0]
    age_s = (item["received_at"] - item["occurred_at"]) / 1000
    want_true(50 < age_s < 70, f"a minute old, not {age_s} s")


@case("an event from the future has happened when it came")
def _(shop):
    want(shop.ingest.track(userId="future", event="Ahead", timestamp=now_iso(3600)).status, 200)
    item = timeline(shop, "future")[0]
    want(item["occurred_at"], item["received_at"])


@case("times without sense are refused or replaced, never stored")
def _(shop):
    for bad in ("0000-00-00T00:00:00Z", "292278994-08-17T07:12:55.807Z", "yesterday", 1e300, {}, "2026-13-45"):
        want(shop.ingest.batch([{"type": "track", "event": "When", "userId": "when", "timestamp": bad}]).status,
             200, repr(bad))
    person = shop.person("when")
    items = shop.api.get(f"/api/people/{person['id']}/timeline").json["items"] if person else []
    for item in items:
        want_true(abs(item["occurred_at"] - item["received_at"]) < 86400_000, "close to receipt")


@case("CORS: a preflight from any origin, with the headers the SDKs ask for")
def _(shop):
    for path in ("/v1/batch", "/v1/t", "/v1/identify"):
        reply = shop.nobody.request("OPTIONS", path, headers={
            "Origin": "https://shop.example", "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type,anonymousid,sentat,x-retry-count"})
        want_true(reply.status in (200, 204), f"{path}: {reply.status}")
        allowed = reply.headers.get("Access-Control-Allow-Headers", "").lower()
        for name in ("authorization", "content-type", "anonymousid", "sentat", "x-retry-count"):
            want_true(name in allowed or allowed == "*", f"{path} allows {name}: {allowed}")
    reply = shop.track.post("/v1/t", {"event": "E", "anonymousId": "v"}, headers={"Origin": "https://a.example"})
    want_true(reply.headers.get("Access-Control-Allow-Origin") in ("*", "https://a.example"), "reply is readable")


@case("the settings call names the API for this host")
def _(shop):
    reply = shop.nobody.get(f"/v1/projects/{shop.key('track')}/settings")
    want(reply.status, 200)
    want_true("Segment.io" in reply.json["integrations"], "Segment.io integration")


@case("a trailing slash is the same call")
def _(shop):
    want(shop.ingest.post("/v1/track/", {"event": "Slash", "userId": "slash"}).status, 200)


@case("an api key cannot track, a track key cannot read")
def _(shop):
    token = base64.b64encode(f"{shop.key('api')}:".encode()).decode()
    want_true(Client(shop.port, {"Authorization": f"Basic {token}"})
              .post("/v1/track", {"event": "E", "userId": "u"}).status in (401, 403), "api key")
    for scope in ("track", "ingest"):
        bearer = Client(shop.port, {"Authorization": f"Bearer {shop.key(scope)}"})
        want_true(bearer.get("/api/people").status in (401, 403), scope)


@case("Order Completed and its old name make one order each; the same order id is one order")
def _(shop):
    order = {"order_id": "T-1", "revenue": 25.5, "currency": "GBP",
             "products": [{"product_id": "p1", "name": "Lamp", "price": 25.5, "quantity": 1}]}
    for name in ("Order Completed", "Completed Order", "Order Completed"):
        want(shop.ingest.track(userId="dora", event=name, properties=order).status, 200)
    person = shop.person("dora")
    want(person["orders"], 1)
    want(person["spent"], {"minor": 2550, "currency": "GBP"})


@case("a refund that comes before its order waits for it")
def _(shop):
    want(shop.ingest.track(userId="eve", event="Order Refunded",
                           properties={"order_id": "T-2", "total": 10, "currency": "GBP"}).status, 200)
    want(shop.ingest.track(userId="eve", event="Order Completed",
                           properties={"order_id": "T-2", "revenue": 30, "currency": "GBP"}).status, 200)
    person = shop.person("eve")
    figures = shop.api.get(f"/api/people/{person['id']}").json["figures"]
    want((figures["spent"]["minor"], figures["net"]["minor"]), (3000, 2000))


if __name__ == "__main__":
    suite()
