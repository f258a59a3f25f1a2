#!/usr/bin/env python3
"""Replies: the business's mailbox, read by IMAP from Dovecot, becomes conversations; answers go out.

Every mail counts once, whatever is killed when and however the server numbers them; mail that nobody
wrote is never a reply; nothing in the mailbox is changed.

    replies.py --database sqlite
"""
import email
import os
import random
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from imap import Mailbox  # noqa: E402
from kith import Shop, databases, wait_until  # noqa: E402
from relay import Relay  # noqa: E402
from tap import case, main, note, want, want_true  # noqa: E402

LOT = random.Random(20261122)
OLD = 1_600_000_000  # 2020: long before any set-up


class Desk:
    """A shop, its mailbox and its relay."""

    def __init__(self, kind):
        self.shop, self.mailbox, self.relay = Shop(kind), Mailbox(), Relay()

    def __enter__(self):
        self.relay.__enter__()
        self.mailbox.__enter__()
        self.shop.__enter__()
        return self

    def __exit__(self, *exception):
        self.shop.__exit__(*exception)
        self.mailbox.__exit__(*exception)
        self.relay.__exit__(*exception)

    def source(self):
        """How reading goes."""
        return self.shop.owner.get("/api/inbound").json

    def set_up(self, **other):
        """Says which mailbox is read; waits until reading has begun."""
        mailbox = self.mailbox
        reply = self.shop.owner.put("/api/inbound", {
            "host": "127.0.0.1", "port": mailbox.port, "security": "plain", "user": mailbox.user,
            "password": mailbox.password, **other})
        want(reply.status, 200)
        want("password" in reply.json, False, "the password is not answered")
        wait_until(lambda: self.source()["checked_at"], "a first look")

    def look(self):
        """A look that began after this call has ended."""
        taken = self.source()["checked_at"] or 0
        time.sleep(0.002)  # times are whole milliseconds
        want(self.shop.owner.post("/api/inbound/read").status, 202)
        wait_until(lambda: (self.source()["checked_at"] or 0) > taken, "a look")

    def talks(self, state="open"):
        """The conversations of a state."""
        return self.shop.api.get(f"/api/inbox?state={state}").json["conversations"]

    def talk(self, number):
        """One with its mails."""
        return self.shop.api.get(f"/api/inbox/{number}").json

    def sender(self):
        """Mails leave by the relay."""
        want(self.shop.owner.put("/api/sender", {
            "transport": "smtp", "preset": "other", "host": "127.0.0.1", "port": self.relay.port,
            "security": "plain", "from_name": "Test Shop", "from_address": "shop@kith.example",
            "postal_address": "1 High Street"}).status, 200)
        self.shop.owner.post("/api/sender/test", {"to": "owner@kith.example"})
        wait_until(lambda: self.shop.owner.get("/api/sender").json["ready"], "the sender is tested")

    def names_on(self, person):
        """Names of the events of a person."""
        items = self.shop.api.get(f"/api/people/{person}/timeline").json["items"]
        return [item["name"] for item in items]


def mail(sender, subject, text, **more):
    """A mail as text."""
    head = {"From": sender, "To": "shop@kith.example", "Subject": subject,
            "Date": "Mon, 02 Mar 2026 10:00:00 +0000", "MIME-Version": "1.0",
            "Content-Type": "text/plain; charset=utf-8", **more}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in head.items() if value is not None]
    return ("\n".join(lines) + "\n\n" + text + "\n").encode()


def person(shop, address, name="Ann Archer"):
    """A person by hand."""
    made = shop.api.post("/api/people", {"name": name, "email": address})
    want(made.status, 201)
    return made.json["id"]


def consented(shop, address, name):
    """A person who said yes."""
    number = person(shop, address, name)
    want_true(shop.api.post(f"/api/people/{number}/consents", {
        "channel": "email", "topic": "newsletter", "state": "granted", "basis": "consent",
        "address": address}).status < 300, "consent")
    return number


def desk(function):
    """Every case has a desk of its own."""
    def run(kind):
        with Desk(kind) as one:
            function(one)
    return run


def mailed(one, addresses):
    """People who got a mailing: their mails by address."""
    shop, relay = one.shop, one.relay
    people = {address: consented(shop, address, f"Reader {n}") for n, address in enumerate(addresses)}
    one.sender()
    want(shop.api.put("/api/mail/manners", {"quiet_from": 0, "quiet_to": 0, "per_week": 0,
                                            "gap_hours": 0}).status, 200)
    made = shop.api.post("/api/campaigns", {"name": "Spring news", "subject": "Hello", "body": "Words.",
                                            "rule": "everybody", "holdout": 0})
    want(made.status, 201)
    number = made.json["id"]
    want(shop.api.post(f"/api/campaigns/{number}/test", {"address": "owner@kith.example"}).status, 202)
    test = wait_until(lambda: next((raw for _, raw in relay.taken if b"List-Unsubscribe:" in raw), None),
                      "the test mail")
    link = email.message_from_bytes(test)["List-Unsubscribe"].strip("<> \r\n")
    want(shop.nobody.post("/" + link.split("/", 3)[3], "List-Unsubscribe=One-Click", headers={
        "Content-Type": "application/x-www-form-urlencoded"}).status, 200)
    want(shop.api.post(f"/api/campaigns/{number}/send", {"undo_seconds": 0}).status, 200)
    wait_until(lambda: shop.api.get(f"/api/campaigns/{number}").json["state"] == "done", "the mailing")
    mails = {to: email.message_from_bytes(raw) for to, raw in relay.taken if to in people}
    want(sorted(mails), sorted(people))
    return people, mails


@case("a mail becomes a conversation and stands on the timeline; older ones are not read")
@desk
def first_mail(one):
    shop, mailbox = one.shop, one.mailbox
    ann = person(shop, "ann@kith.example")
    mailbox.put(mail("ann@kith.example", "Before", "old"))
    one.set_up()
    want(one.source()["outcome"], "ok")
    want(one.talks(), [])
    mailbox.put(mail('"Ann A." <Ann@Kith.example>', "A question", "Do you ship to Wales?\n\n"
                     "On Monday the shop wrote:\n> Hello"))
    mailbox.put(mail("stranger@kith.example", "Hi", "Who are you?"))
    before = len(mailbox.names())
    one.look()
    talks = wait_until(lambda: len(one.talks()) == 2 and one.talks(), "both")
    want([(t["subject"], t["person"] and t["person"]["id"]) for t in talks],
         [("Hi", None), ("A question", ann)])
    want(talks[1]["snippet"], "Do you ship to Wales?")
    text = one.talk(talks[1]["id"])["mails"][0]
    want((text["text"], text["quoted"]), ("Do you ship to Wales?", "On Monday the shop wrote:\n> Hello"))
    want_true("Email Received" in one.names_on(ann), "it is on the timeline")
    want(shop.person("stranger@kith.example"), None, "no mail makes a person")
    want(len(mailbox.names()), before)
    want_true(all("S" not in name.partition(":2,")[2] for name in mailbox.names()), "nothing is marked")


if __name__ == "__main__":
    asked = databases()
    main(lambda: __import__("contextlib").nullcontext(asked.database), only=asked.only)
