#!/usr/bin/env python3
"""Replays what real clients sent, request by request, header by header, with our key in place of theirs.

The recordings (shared data, `tracking/`) hold Segment's and RudderStack's clients for Node and for the
browser under good answers, 500, 429, 400, 413, stalls and resets: their retries carry the same
messageId, so after all of them each messageId counts once. tests/vectors/recorded.jsonl holds a few
requests of the same shapes, written for this project, for machines without the shared data.
"""
import base64
import gzip
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kith import Client, suite, wait_until  # noqa: E402
from tap import case, data_path, note, root, want, want_true  # noqa: E402

EVENT_BYTES_MAX = 32 * 1024  # larger ones (the 413 recordings) are refused by themselves
DROPPED = {"host", "connection", "content-length", "authorization", "accept-encoding"}


def read(path):
    """The requests of one recording."""
    with open(path, encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines if line.strip()]
    return [record for record in records if "method" in record]


def headers_of(record, key):
    """Its headers, with our key in the Authorization header where it had one."""
    raw = record["rawHeaders"]
    pairs = list(zip(raw[::2], raw[1::2]))
    headers = {name: value for name, value in pairs if name.lower() not in DROPPED}
    for name, value in pairs:
        if name.lower() == "authorization":
            theirs = base64.b64decode(value.split()[1] + "==").decode()
            ours = key + (":" if theirs.endswith(":") else "")
            headers[name] = "Basic " + base64.b64encode(ours.encode()).decode()
    return headers


def body_of(record, key):
    """Its body on the wire, with our key where it names one."""
    body = re.sub(r'("writeKey":\s*)"[^"]*"', rf'\1"{key}"', record.get("body") or "").encode()
    return gzip.compress(body) if record["gzip"] else body


def replay(shop, records):
    """Sends every request; returns the message ids of all events sent."""
    client, key, ids = Client(shop.port), shop.key("track"), set()
    for record in records:
        url = re.sub(r"(writeKey=|/projects/)[^&/]*", rf"\g<1>{key}", record["url"])
        body = body_of(record, key) if record["method"] == "POST" else None
        reply = client.request(record["method"], url, body, headers_of(record, key))
        want_true(reply.status in (200, 204) if record["method"] == "OPTIONS" else reply.status == 200,
                  f"{record['method']} {url}: {reply.status} {reply.body[:200]!r}")
        if record["method"] == "POST":
            sent = json.loads(record["body"])
            ids |= {event["messageId"] for event in sent.get("batch", [sent])
                    if len(json.dumps(event)) <= EVENT_BYTES_MAX}
    return ids


def accepted(shop):
    """How many events the Live page counts as accepted."""
    items = shop.api.get("/api/live?limit=1000").json["items"]
    return sum(item["status"] == "accepted" for item in items)


@case("vectors of the project's own: every shape of request is taken, retries count once")
def _(shop):
    ids = replay(shop, read(os.path.join(root(), "tests", "vectors", "recorded.jsonl")))
    wait_until(lambda: accepted(shop) == len(ids), f"{len(ids)} events accepted")


def scenario(client, files):
    """Registers a case for one client's recordings."""
    @case(f"{client}: {len(files)} recordings; each messageId counts once")
    def _(shop):
        records = [record for name in files for record in read(data_path(f"tracking/{name}"))]
        before = accepted(shop)
        ids = replay(shop, records)
        wait_until(lambda: accepted(shop) - before == len(ids),
                   f"{len(ids)} accepted, not {accepted(shop) - before}")
        want(replay(shop, records), ids, "once more")
        want(accepted(shop) - before, len(ids), "after sending it all again")
        note(f"{client}: {len(records)} requests sent twice, {len(ids)} events")


for _client in ("segment-node", "segment-browser", "segment-browser-batch", "rudder-node", "rudder-browser"):
    _kinds = ("ok", "e500", "e429", "e400", "e413", "slow", "drop")
    _files = [f"{_client}.{kind}.jsonl" for kind in _kinds]
    _folder = os.path.join(os.environ.get("KITH_TEST_DATA", os.path.join(root(), "../shared/data")), "tracking")
    _here = [name for name in _files if os.path.exists(os.path.join(_folder, name))]
    scenario(_client, _here or _files[:1])

if __name__ == "__main__":
    suite()
