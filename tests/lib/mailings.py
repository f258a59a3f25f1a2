"""What a test does with mailings: a sender, a round trip, sending, and what landed."""
import collections
import email
import os
import time
import urllib.parse

from kith import Client, wait_until
from tap import want, want_true


def sender_set(shop, port=0):
    """The local mailbox, or the relay on loopback; tested."""
    way = {"transport": "smtp", "preset": "other", "host": "127.0.0.1", "port": port,
           "security": "plain"} if port else {"transport": "mailbox"}
    reply = shop.owner.put("/api/sender", {**way, "from_name": "Test Shop", "from_address": "shop@kith.example",
                                           "postal_address": "Test Shop\n1 High Street\nLondon"})
    want(reply.status, 200)
    want_true(shop.owner.post("/api/sender/test", {"to": "owner@kith.example"}).status < 300, "test asked for")
    wait_until(lambda: shop.owner.get("/api/sender").json["ready"], "the sender is tested")


def mails(shop):
    """All mails of the local mailbox, raw."""
    folder = os.path.join(shop.data, "mailbox")
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    raw = [open(os.path.join(folder, name), "rb").read() for name in names if name.endswith(".eml")]
    return [email.message_from_bytes(one) for one in raw]


def click_path(mail):
    """The path of its one click."""
    return urllib.parse.urlparse(mail["List-Unsubscribe"].strip("<> \r\n")).path


def one_click(shop, path):
    """As a mail program does it: no cookie, no key."""
    return Client(shop.port).request("POST", path, "List-Unsubscribe=One-Click",
                                     {"Content-Type": "application/x-www-form-urlencoded"})


def round_trip(shop, campaign, found):
    """A test mail, and the click in it; `found` gives its mail."""
    want(shop.api.post(f"/api/campaigns/{campaign}/test", {"address": "owner@kith.example"}).status, 202)
    mail = wait_until(found, "the test mail")
    want(one_click(shop, click_path(mail)).status, 200)
    want(shop.api.get("/api/mail/readiness").json["ready"], True)


def send(shop, campaign):
    """Without the minute of undo."""
    reply = shop.api.post(f"/api/campaigns/{campaign}/send", {"undo_seconds": 0})
    want(reply.status, 200)


def ended(shop, campaign, limit_s=400):
    """Waits for its end; the counts by state."""
    wait_until(lambda: shop.api.get(f"/api/campaigns/{campaign}").json["state"] in ("done", "stopped"),
               "the mailing's end", limit_s)
    counts = collections.Counter()
    for row in shop.api.get(f"/api/campaigns/{campaign}").json["counts"]:
        counts[row["state"]] += row["count"]
    return counts


def manners_off(shop):
    """At any hour, any number."""
    want(shop.api.put("/api/mail/manners", {"quiet_from": 0, "quiet_to": 0, "per_week": 0,
                                            "gap_hours": 0}).status, 200)


def killed_until_done(shop, campaign, kills, lot):
    """kill -9 at moments drawn by lot, until the mailing is done."""
    for _ in range(kills):
        time.sleep(lot.uniform(0.02, 0.35))
        shop.kill()
        shop.start()
    return ended(shop, campaign)


def relay_mail(relay, to):
    """The last mail to somebody that can be refused."""
    found = [email.message_from_bytes(mail) for whom, mail in list(relay.taken) if to in whom]
    return next((mail for mail in reversed(found) if mail["List-Unsubscribe"]), None)
