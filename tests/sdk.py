#!/usr/bin/env python3
"""Unmodified SDKs against a running Kith: what they send must be on the timeline, each event once."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kith import suite, wait_until  # noqa: E402
from tap import case, want, want_true  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))


def sdk(shop, script, scope, *arguments):
    """Runs one SDK script against the shop; it must end well."""
    done = subprocess.run(["node", os.path.join("sdk", script), f"http://127.0.0.1:{shop.port}",
                           shop.key(scope), *arguments], cwd=HERE, text=True, capture_output=True,
                          timeout=120, check=False)
    want_true(done.returncode == 0, f"{script}: {(done.stdout + done.stderr)[-800:]}")


def counts(shop, user):
    """{event name: how often} on a user's timeline."""
    person = shop.person(user)
    if not person:
        return {}
    items = shop.api.get(f"/api/people/{person['id']}/timeline?limit=200").json["items"]
    found = {}
    for item in items:
        found[item["name"]] = found.get(item["name"], 0) + 1
    return found


def wait_counts(shop, user, wanted):
    """Waits until a timeline holds at least these, then says that it holds exactly these."""
    wait_until(lambda: all(counts(shop, user).get(name, 0) >= many for name, many in wanted.items()),
               f"{wanted}, have {counts(shop, user)}")
    got = counts(shop, user)
    want({name: got[name] for name in wanted}, wanted, user)


@case("@segment/analytics-node 3.1.0")
def _(shop):
    sdk(shop, "segment-node.mjs", "ingest")
    wait_counts(shop, "node@shop.example", {"Product Viewed": 20, "Order Completed": 1})
    person = shop.person("node@shop.example")
    want((person["name"], person["orders"], person["spent"]["minor"]), ("Nora Łęcka", 1, 1250))


@case("@rudderstack/rudder-sdk-node 3.0.13")
def _(shop):
    sdk(shop, "rudder-node.mjs", "ingest")
    wait_counts(shop, "rudder@shop.example", {"Product Viewed": 10, "Order Completed": 1})
    want(shop.person("rudder@shop.example")["orders"], 1)


@case("@segment/analytics-next 1.84.3 in Chromium")
def _(shop):
    sdk(shop, "segment-browser.mjs", "track", "standard")
    wait_counts(shop, "segment-browser-standard", {"Product Viewed": 8, "Product Added": 1})


@case("@segment/analytics-next in Chromium, batching")
def _(shop):
    sdk(shop, "segment-browser.mjs", "track", "batching")
    wait_counts(shop, "segment-browser-batching", {"Product Viewed": 8, "Product Added": 1})


@case("a client that sends its key only in the body, as Segment's Python client does")
def _(shop):
    body = {"batch": [{"type": "track", "event": "Product Viewed", "userId": "python-client",
                       "messageId": "py-1", "timestamp": "2026-03-01T10:00:00.000+00:00",
                       "context": {"library": {"name": "analytics-python", "version": "2.3.4"}},
                       "integrations": {}, "properties": {}}],
            "sentAt": "2026-03-01T10:00:00.100+00:00", "writeKey": shop.key("ingest")}
    reply = shop.nobody.post("/v1/batch", json.dumps(body), headers={
        "Content-Type": "application/json", "User-Agent": "analytics-python/2.3.4"})
    want(reply.status, 200, "it takes any other 2xx for an error")
    want_true(isinstance(reply.json, dict), "it reads the reply as JSON")
    wait_counts(shop, "python-client", {"Product Viewed": 1})


if __name__ == "__main__":
    suite()
