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
from imap import Mailbox, Nonsense  # noqa: E402
from kith import Shop, databases, wait_until  # noqa: E402
from relay import Relay  # noqa: E402
from tap import case, is_long, main, note, want, want_true  # noqa: E402

LOT = random.Random(20261122)
OLD = 1_600_000_000  # 2020: long before any set-up
KILLS, KILL_MAILS = (40, 2000) if is_long() else (2, 60)


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
        """Waits until a look that began after this call has ended. The first that ends may have
        begun before; the second cannot."""
        for _ in range(2):
            before = self.source()["checked_at"] or 0
            want(self.shop.owner.post("/api/inbound/read").status, 202)
            wait_until(lambda: (self.source()["checked_at"] or 0) > before, "a look")

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


def mailed(one, addresses):
    """People who got a mailing, and their mails, by address."""
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
    wait_until(lambda: shop.api.get(f"/api/campaigns/{number}").json["state"] == "done", "the mailing", 180)
    mails = {to: email.message_from_bytes(raw) for to, raw in relay.taken if to in people}
    want(sorted(mails), sorted(people))
    return people, mails


def permission(shop, number):
    """Why a person may be written to, or not."""
    return shop.api.get(f"/api/people/{number}/permission").json["reason"]


def report(to, original, status="5.1.1", action="failed"):
    """What another server says about a mail of ours (RFC 3464)."""
    return (f"""From: MAILER-DAEMON@mx.example
To: shop@kith.example
Subject: Undelivered Mail Returned to Sender
Message-ID: <{LOT.getrandbits(64)}@mx.example>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Arrival-Date: Sun, 22 Nov 2026 04:00:00 +0000

Final-Recipient: rfc822; {to}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} no such user

--b
Content-Type: text/rfc822-headers

Subject: Hello
Message-ID: {original}
To: {to}

--b--
""").encode()


@case("a mail becomes a conversation and stands on the timeline; older ones are not read")
def first_mail(one):
    shop, mailbox = one.shop, one.mailbox
    ann = person(shop, "ann@kith.example")
    mailbox.put(mail("ann@kith.example", "Before", "old"))
    want(shop.api.get("/api/inbox").json["reads"], False)
    one.set_up()
    want(one.source()["outcome"], "ok")
    want(one.talks(), [])
    mailbox.put(mail('"Ann A." <Ann@Kith.example>', "A question", "Do you ship to Wales?\n\n"
                     "On Monday the shop wrote:\n> Hello"))
    mailbox.put(mail("stranger@kith.example", "Hi", "Who are you?"))
    before = len(mailbox.names())
    one.look()
    found = {talk["subject"]: talk for talk in one.talks()}
    want({name: talk["person"] and talk["person"]["id"] for name, talk in found.items()},
         {"Hi": None, "A question": ann})
    want(found["A question"]["snippet"], "Do you ship to Wales?")
    text = one.talk(found["A question"]["id"])["mails"][0]
    want((text["text"], text["quoted"]), ("Do you ship to Wales?", "On Monday the shop wrote:\n> Hello"))
    want_true("Email Received" in one.names_on(ann), "it is on the timeline")
    want(shop.person("stranger@kith.example"), None, "no mail makes a person")
    want(len(mailbox.names()), before)
    want_true(all("S" not in name.partition(":2,")[2] for name in mailbox.names()), "nothing is marked")


@case("who nobody knew is linked by hand")
def link(one):
    shop = one.shop
    stranger = next(talk for talk in one.talks() if talk["subject"] == "Hi")
    stranger_id = stranger["id"]
    want(stranger["suggested"], None)
    number = person(shop, "stranger@kith.example", "Sam Stranger")
    want(one.talk(stranger["id"])["suggested"]["id"], number)
    want(shop.api.put(f"/api/inbox/{stranger_id}/person", {"person_id": number}).status, 200)
    want(one.talk(stranger["id"])["person"]["name"], "Sam Stranger")
    want(len(one.talk(stranger["id"])["mails"]), 1)
    want(shop.api.put(f"/api/inbox/{stranger_id}/person", {"person_id": number}).status, 409)
    want_true("Email Received" in one.names_on(number), "it is on the timeline")


@case("a reply to a mailing, the answer in its thread, and the reply to that")
def thread(one):
    shop, mailbox, relay = one.shop, one.mailbox, one.relay
    one.people, one.mails = mailed(one, [f"r{n}@kith.example" for n in range(7)])
    sent = one.mails["r0@kith.example"]["Message-ID"]
    mailbox.put(mail("r0@kith.example", "Re: Hello", "Thank you!", In_Reply_To=sent,
                     References=sent, Message_ID="<first@r0.example>"))
    one.look()
    talk = next(talk for talk in one.talks() if talk["subject"] == "Re: Hello")
    want((talk["person"]["id"], talk["campaign"]), (one.people["r0@kith.example"], "Spring news"))
    want_true("Email Replied" in one.names_on(one.people["r0@kith.example"]), "it is a reply")
    talk_id = talk["id"]
    seen = one.talk(talk_id)["mails"][-1]["id"]
    answer = {"text": "You are welcome.\n.\nThe shop", "seen": seen, "done": True}
    want(shop.api.post(f"/api/inbox/{talk_id}/answers", answer).json["state"], "done")
    want(shop.api.post(f"/api/inbox/{talk_id}/answers", answer).status, 409, "two do not answer")
    wait_until(lambda: one.talk(talk["id"])["mails"][-1]["state"] == "sent", "the answer is sent")
    mine = [email.message_from_bytes(raw) for to, raw in relay.taken if to == "r0@kith.example"][1:]
    want([(m["Subject"], m["In-Reply-To"], m["Auto-Submitted"]) for m in mine],
         [("Re: Hello", "<first@r0.example>", None)])
    want_true("> Thank you!" in mine[0].get_payload(decode=True).decode(), "what is answered is quoted")
    mailbox.put(mail("r0@kith.example", "Re: Hello", "One more thing", References="<x@y> "
                     + mine[0]["Message-ID"]))
    one.look()
    whole = one.talk(talk["id"])
    want((whole["state"], [m["direction"] for m in whole["mails"]]), ("open", ["in", "out", "in"]))
    want(shop.api.put(f"/api/inbox/{talk_id}/state", {"state": "done"}).json["state"], "done")
    want(shop.api.put(f"/api/inbox/{talk_id}/state", {"state": "open"}).json["state"], "open")


@case("returned mail and automatic replies stand apart; only a report that is believed suppresses")
def apart(one):
    shop, mailbox, mails, people = one.shop, one.mailbox, one.mails, one.people
    sealed = {to: sent["Message-ID"] for to, sent in mails.items()}
    number, _, rest = sealed["r2@kith.example"].partition(".")
    mailbox.put(report("r1@kith.example", sealed["r1@kith.example"]))
    mailbox.put(report("r2@kith.example", f"{number}.{'0' * 16}{rest[16:]}"))
    mailbox.put(report("r3@kith.example", sealed["r2@kith.example"]))
    mailbox.put(report("r3@kith.example", sealed["r3@kith.example"], "5.2.2"))
    mailbox.put(report("r3@kith.example", sealed["r3@kith.example"], "4.4.1", "delayed"))
    mailbox.put(mail("r3@kith.example", "Away", "I am away.", Auto_Submitted="auto-replied",
                     In_Reply_To=sealed["r3@kith.example"]))
    one.look()
    want(sorted(talk["kind"] for talk in one.talks("apart")),
         ["automatic", "delayed", "returned", "returned", "returned", "returned"])
    want([permission(shop, people[f"r{n}@kith.example"]) for n in (1, 2, 3)],
         ["bounced", "granted", "granted"])
    want_true("Email Bounced" in one.names_on(people["r1@kith.example"]), "it is on the timeline")
    want_true("Email Replied" not in one.names_on(people["r3@kith.example"]), "that is no reply")
    away = next(talk for talk in one.talks("apart") if talk["kind"] == "automatic")
    away_id = away["id"]
    want(shop.api.put(f"/api/inbox/{away_id}/state", {"state": "done"}).status, 409)
    want(shop.api.post(f"/api/inbox/{away_id}/answers", {"text": "Hi", "seen": "1"}).status, 409)


@case("a no by mail is believed from the address that was written to, and offered from another")
def stop(one):
    shop, mailbox, people = one.shop, one.mailbox, one.people
    sent = one.mails["r4@kith.example"]["Message-ID"]
    mailbox.put(mail("r4@kith.example", "Re: Hello", "Abmelden!\n\n> Words.", In_Reply_To=sent))
    mailbox.put(mail("r5@kith.example", "Stop it", "Unsubscribe"))
    one.look()
    want(permission(shop, people["r4@kith.example"]), "denied")
    done = next(talk for talk in one.talks("done") if talk["address"] == "r4@kith.example")
    want(done["wish"], "stopped")
    want(permission(shop, people["r5@kith.example"]), "granted")
    wish = next(talk for talk in one.talks() if talk["subject"] == "Stop it")
    wish_id = wish["id"]
    want(wish["wish"], "stop")
    want(shop.api.post(f"/api/inbox/{wish_id}/stop").json["wish"], "stopped")
    want(permission(shop, people["r5@kith.example"]), "denied")


@case("numbered anew, every mail still counts once, and older ones are not read")
def numbered_anew(one):
    mailbox = one.mailbox
    mailbox.put(mail("ann@kith.example", "From the past", "old"), OLD)
    one.look()  # a new number: it came in after the set-up, whatever its date says
    before = sorted(talk["id"] for state in ("open", "done", "apart") for talk in one.talks(state))
    mailbox.put(mail("ann@kith.example", "And one more", "new"))
    mailbox.number_anew()
    one.look()
    after = sorted(talk["id"] for state in ("open", "done", "apart") for talk in one.talks(state))
    want(len(after), len(before) + 1)
    want([talk["subject"] for talk in one.talks()].count("Before"), 0)
    want([talk["subject"] for talk in one.talks()].count("And one more"), 1)


@case("a huge mail, a deep one and one that is no mail are kept as far as they go")
def odd(one):
    mailbox = one.mailbox
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(4000))
    mailbox.put(mail("ann@kith.example", "Huge", "word " * 600_000))
    mailbox.put(b"From: ann@kith.example\nSubject: Deep\nMIME-Version: 1.0\n" + deep)
    mailbox.put(b"\xff\xfe\x80 no mail at all\n\n\n:::")
    mailbox.put(b"From: ann@kith.example\nSubject: =?utf-8?q?\xff\xfeWrong?=\n"
                b"Content-Type: text/html; charset=nonsense\nContent-Transfer-Encoding: base64\n\n%%%")
    mailbox.put(mail("ann@kith.example", "Page", "<p>Hello<br>you &amp; me<script>alert(1)</script></p>",
                     Content_Type="text/html; charset=utf-8"))
    one.look()
    found = {talk["subject"]: one.talk(talk["id"])["mails"][0] for talk in one.talks()}
    want((found["Huge"]["cut"], found["Deep"]["cut"]), (True, True))
    want_true(1000 < len(found["Huge"]["text"]) <= 65536, "its beginning")
    want(found["Page"]["text"], "Hello\nyou & me")
    want("" in found, True, "what is no mail has no subject")


@case("an erased person's mails are gone; the export had them")
def erased(one):
    shop = one.shop
    number = shop.person("ann@kith.example")["id"]
    talk = next(talk for talk in one.talks() if talk["subject"] == "A question")
    exported = shop.api.get(f"/api/people/{number}/export").body.decode()
    want_true("Do you ship to Wales?" in exported, "the export has what was written")
    want_true(shop.owner.delete(f"/api/people/{number}").status in (200, 202, 204), "erased")
    talk_id = talk["id"]
    want(shop.api.get(f"/api/inbox/{talk_id}").status, 404)
    want_true(all(talk["address"] != "ann@kith.example" for talk in one.talks()), "no list names them")


@case("kill -9 while mails are read: each counts once")
def killed(one):
    shop, mailbox = one.shop, one.mailbox
    for n in range(KILL_MAILS):
        mailbox.put(mail(f"k{n}@kith.example", f"Kill {n}", "words"))
    for _ in range(KILLS):
        shop.owner.post("/api/inbound/read")
        time.sleep(LOT.uniform(0, 0.25))
        shop.kill()
        shop.start()
    parked = [item for item in shop.api.get("/api/attention").json["parked"] if item["stage"] == "inbox"]
    for item in parked:
        want_true(shop.owner.post(f"/api/attention/{item['id']}", {"action": "retry"}).status < 300, "retry")

    def subjects():
        one.look()
        names, path = [], "/api/inbox"
        while path:
            page = shop.api.get(path).json
            names += [t["subject"] for t in page["conversations"] if t["subject"].startswith("Kill ")]
            path = page["next"] and f"/api/inbox?cursor={page['next']}"
        return names
    wait_until(lambda: len(set(subjects())) == KILL_MAILS, "every mail")
    want(len(subjects()), KILL_MAILS, "each once")
    note(f"{KILL_MAILS} mails over {KILLS} kills, each once; {len(parked)} parked and tried again")


@case("a wrong password and a server that talks nonsense are said, and do no harm")
def hostile(one):
    shop = one.shop
    one.set_up(password="wrong")
    want((one.source()["outcome"], one.source()["phase"]), ("refused", "auth"))
    for says, phase in ((b"* OK hi\r\n* CAPABILITY {99999999999}\r\n", "greeting"),
                        (b"+" * 70_000 + b"\r\n", "greeting"), (b"\0\0\r\n", "greeting"), (b"", "greeting")):
        with Nonsense(says) as server:
            one.set_up(port=server.port, password="x")
            want((one.source()["outcome"], one.source()["phase"]), ("later", phase))
    want(shop.owner.put("/api/inbound", {"host": ""}).json["host"], "")
    want(shop.stop(), 0)
    shop.verify()


if __name__ == "__main__":
    asked = databases()
    main(lambda: Desk(asked.database), only=asked.only)
