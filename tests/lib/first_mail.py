"""The first permitted mail to the customers of a real export: who was quiet, who said yes, who got it.

Addresses and consents are invented by a fixed seed. The counts Kith gives must be those of a plain
loop over the same inventions.
"""
import collections
import email
import email.utils
import os
import random
import shutil
import subprocess

from cluster import port_free
from mailings import (click_path, killed_until_done, mails, manners_off, one_click, round_trip,
                      send, sender_set)
from tap import note, want, want_true

LAPSED = 'last "Order Completed" more than 60 days ago'
ANSWERS = ["subscribed"] * 6 + ["unsubscribed"] + [""] * 3
DRAFT = {"name": "We miss you", "subject": "{{ person.first_name | default: 'Hello' }}, it has been a while",
         "body": "# New in the shop\n\nSee [what came in](https://shop.example/new).", "rule": LAPSED,
         "holdout": 100}


def invent(customers):
    """customer id -> (address, answer to "may we write to you?")."""
    lot = random.Random(1962)
    return {customer: (f"c{customer}@kith.example", lot.choice(ANSWERS)) for customer in sorted(customers)}


def bring_in(shop, invented):
    """The inventions as two exports: customers, and a newsletter's list."""
    people, answers = (os.path.join(shop.home, name) for name in ("customers.csv", "newsletter.csv"))
    with open(people, "w", encoding="utf-8") as file:
        file.write("customer_id,email,first_name\n")
        file.writelines(f"{customer},{address},Kim {customer}\n"
                        for customer, (address, _) in invented.items())
    with open(answers, "w", encoding="utf-8") as file:
        file.write("email,status\n")
        file.writelines(f"{address},{said}\n" for address, said in invented.values())
    shop.run("import", "customers", people)
    shop.run("import", "consents", answers)


class Sink:
    """Postfix's smtp-sink: takes every mail and keeps each in a file."""

    def __init__(self, folder):
        self.folder, self.port = folder, port_free()
        os.makedirs(folder)
        as_user = ["-u", "nobody"] if os.getuid() == 0 else []
        if as_user:
            shutil.chown(folder, "nobody")
            os.chmod(os.path.dirname(folder), 0o711)
        program = shutil.which("smtp-sink", path="/usr/sbin:/usr/bin:/sbin:/bin")
        self.process = subprocess.Popen([program, *as_user, "-d", os.path.join(folder, "mail."),
                                         f"127.0.0.1:{self.port}", "64"])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def taken(self):
        """Every mail it has whole, with its address."""
        raw = []
        for name in sorted(os.listdir(self.folder)):
            with open(os.path.join(self.folder, name), "rb") as file:
                raw.append(file.read())
        return [email.message_from_bytes(one) for one in raw]


def counted(found):
    """address -> how often it got the mailing."""
    return collections.Counter(email.utils.parseaddr(mail["To"])[1] for mail in found if mail["List-Id"])


def mailing(shop, kills, lot, found):
    """One mailing to the lapsed, killed now and then: what the dry run said, and what became of it."""
    campaign = want_json(shop.api.post("/api/campaigns", DRAFT), 201)["id"]
    dry = want_json(shop.api.post(f"/api/campaigns/{campaign}/dry-run"), 200)
    round_trip(shop, campaign, lambda: next((m for m in found() if m["List-Unsubscribe"]), None))
    send(shop, campaign)
    killed_until_done(shop, campaign, kills, lot)
    rows = want_json(shop.api.get(f"/api/campaigns/{campaign}"), 200)["counts"]
    return dry, {row["reason"] or row["state"]: row["count"] for row in rows}


def want_json(reply, status):
    """The answer, which has this status."""
    want(reply.status, status, reply.body[:300])
    return reply.json


def reasons_agree(dry, counts, invented, everybody):
    """Everybody of the group has it or a reason: the dry run's, the plain loop's."""
    said = collections.Counter(said for _, said in invented.values())
    expected = {"unsubscribed": said["unsubscribed"], "no_basis": said[""],
                "no_address": everybody - len(invented), "left_alone": dry["left_alone"]}
    want({row["reason"]: row["count"] for row in dry["reasons"]}, expected)
    want({reason: counts[reason] for reason in expected}, expected)
    want(dry["send"] + dry["left_alone"], said["subscribed"])
    want(sum(counts.values()), everybody)


def to_lapsed(shop, lapsed, everybody):
    """Two mailings to `lapsed` (customer ids) among `everybody` (a count): to the local mailbox, then to a
    relay. One who refused the first is left out of the second."""
    invented, lot = invent(lapsed), random.Random(60)
    bring_in(shop, invented)
    said_yes = {address for address, said in invented.values() if said == "subscribed"}
    shop.start()
    shop.set_up()
    manners_off(shop)
    sender_set(shop)
    dry, counts = mailing(shop, 3, lot, lambda: mails(shop))
    reasons_agree(dry, counts, invented, everybody)
    got = counted(mails(shop))
    want((counts["accepted"], len(got), max(got.values())), (dry["send"], dry["send"], 1))
    want_true(set(got) <= said_yes, "only those who said yes")
    refuser = sorted(got)[0]
    mail = next(m for m in mails(shop) if m["List-Id"] and refuser in m["To"])
    want(one_click(shop, click_path(mail)).status, 200)
    note(f"{shop.kind}: {counts} in the local mailbox")
    by_relay(shop, lot, said_yes - {refuser}, refuser)
    shop.stop()
    shop.verify()


def by_relay(shop, lot, said_yes, refuser):
    """The second mailing, to a real relay; nobody twice, and what is unknown is counted."""
    with Sink(os.path.join(shop.home, "sink")) as sink:
        sender_set(shop, sink.port)
        dry, counts = mailing(shop, 3, lot, sink.taken)
        got = counted(sink.taken())
    accepted, unknown = counts["accepted"], counts.get("unknown", 0)
    note(f"{shop.kind}: {counts} by smtp-sink, {len(got)} taken")
    want(dry["send"] + dry["left_alone"], len(said_yes))
    want((accepted + unknown, max(got.values())), (dry["send"], 1))
    want_true(accepted <= len(got) <= accepted + unknown, f"{len(got)} taken")
    want_true(set(got) <= said_yes and refuser not in got, "only those who said yes")
