#!/usr/bin/env python3
"""The first permitted mail, end to end: a group, a mail, one click that refuses it, kill -9 between.

Promise 2: everybody once, whatever is killed when; what cannot be known is counted. Promise 3: no
DATA starts after the answer to its unsubscription, except those that the answer named.

    mailing.py --database sqlite
"""
import collections
import contextlib
import email
import functools
import os
import random
import re
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kith import Client, Shop, databases, wait_until  # noqa: E402
from mailings import (click_path, ended, killed_until_done, mails, manners_off, one_click,  # noqa: E402
                      relay_mail, round_trip, send, sender_set)
from relay import Relay  # noqa: E402
from tap import case, is_long, main, note, want, want_true  # noqa: E402

LOT = random.Random(20261122)
PEOPLE = 10_000 if is_long() else 240
DRAFT = {"name": "News", "subject": "Hello {{ person.first_name | default: 'you' }}",
         "body": "# News\n\nSee [our shop](https://shop.example/new).", "rule": "everybody", "holdout": 0}


def fresh(function):
    """Every case has a shop of its own."""
    @functools.wraps(function)
    def run(kind):
        with Shop(kind) as shop:
            function(shop)
    return run


def people_make(shop, count):
    """People who said yes, by file."""
    people, answers = os.path.join(shop.home, "people.csv"), os.path.join(shop.home, "consents.csv")
    addresses = [f"p{number:05d}@kith.example" for number in range(count)]
    with open(people, "w", encoding="utf-8") as file:
        file.write("email,first_name\n" + "".join(f"{to},Kim {to[:6]}\n" for to in addresses))
    with open(answers, "w", encoding="utf-8") as file:
        file.write("email,status\n" + "".join(f"{to},subscribed\n" for to in addresses))
    shop.run("import", "customers", people)
    shop.run("import", "consents", answers)


def draft(shop):
    """A new mailing."""
    reply = shop.api.post("/api/campaigns", DRAFT)
    want(reply.status, 201)
    return reply.json["id"]


@case("a mail lands, one click refuses it, and the next leaves that address alone")
@fresh
def the_loop(shop):
    manners_off(shop)
    people_make(shop, 3)
    campaign = draft(shop)
    want(shop.api.post(f"/api/campaigns/{campaign}/send", {}).status, 409)
    sender_set(shop)
    round_trip(shop, campaign, lambda: next((m for m in mails(shop) if m["List-Unsubscribe"]), None))
    send(shop, campaign)
    want(ended(shop, campaign)["accepted"], 3)
    first = next(m for m in mails(shop) if "p00001@" in m["To"])
    want(first["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click")
    want_true(re.search(r"multipart/alternative", first["Content-Type"]), "both bodies")
    want(Client(shop.port).get(click_path(first)).status, 200)
    want(one_click(shop, click_path(first)).status, 200)
    again = draft(shop)
    send(shop, again)
    counts = ended(shop, again)
    want((counts["accepted"], counts["dropped"]), (2, 1))
    want(len([m for m in mails(shop) if "p00001@" in m["To"]]), 1)
    want(shop.run("verify").returncode, 0)


@case("killed again and again, everybody has it once in the local mailbox")
@fresh
def killed_mailbox(shop):
    manners_off(shop)
    sender_set(shop)
    people_make(shop, 150)
    campaign = draft(shop)
    round_trip(shop, campaign, lambda: next((m for m in mails(shop) if m["List-Unsubscribe"]), None))
    send(shop, campaign)
    counts = killed_until_done(shop, campaign, 6, LOT)
    got = collections.Counter(m["To"] for m in mails(shop) if m["List-Id"])
    want(counts["accepted"], 150)
    want((len(got), max(got.values())), (150, 1))


@case("killed again and again, nobody has it twice from the relay, and what is unknown is counted")
@fresh
def killed_relay(shop):
    with Relay() as relay:
        manners_off(shop)
        sender_set(shop, relay.port)
        people_make(shop, 150)
        campaign = draft(shop)
        round_trip(shop, campaign, lambda: relay_mail(relay, "owner@"))
        send(shop, campaign)
        counts = killed_until_done(shop, campaign, 6, LOT)
        got = collections.Counter(to for to, mail in relay.taken if b"List-Id:" in mail)
        want(max(got.values()), 1)
        want_true(counts["accepted"] <= len(got) <= counts["accepted"] + counts["unknown"],
                  f"{counts} and {len(got)} taken")
        want(counts["accepted"] + counts["unknown"], 150)
        note(f"{counts['unknown']} unknown after 6 kills")


@case("no DATA starts after the answer to its unsubscription, but for those it named")
@fresh
def race(shop):
    with Relay() as relay:
        manners_off(shop)
        sender_set(shop, relay.port)
        people_make(shop, PEOPLE)
        campaign = draft(shop)
        round_trip(shop, campaign, lambda: relay_mail(relay, "owner@"))
        send(shop, campaign)
        want(ended(shop, campaign, 900)["accepted"], PEOPLE)
        paths = {to: click_path(email.message_from_bytes(mail))
                 for to, mail in relay.taken if b"List-Id:" in mail}
        relay.begun.clear()
        again = draft(shop)
        send(shop, again)
        wait_until(lambda: relay.begun, "the second mailing begins")
        answers = refuse_all(shop, paths)
        ended(shop, again, 900)
        begun = {to: at for at, to in relay.begun}
        late = [to for to, (at, named) in answers.items() if begun.get(to, 0) > at and not named]
        between = [at for at, _ in answers.values() if min(begun.values()) < at < max(begun.values())]
        note(f"{len(answers)} refused, {len(between)} while mails went out, {len(begun)} mails begun, "
             f"{sum(named for _, named in answers.values())} named under way")
        want(late, [])
        want_true(not is_long() or len(between) >= 1000, f"{len(between)} answers between the first and last DATA")


def refuse_all(shop, paths):
    """Unsubscribes half of them (of many: all), in any order, by four at a time: address -> (time of answer, named)."""
    order = LOT.sample(sorted(paths), len(paths) if is_long() else len(paths) // 2)
    answers, threads = {}, []

    def some(part):
        for to in part:
            reply = one_click(shop, paths[to])
            want(reply.status, 200)
            answers[to] = (time.monotonic(), reply.headers.get("Kith-Under-Way") == "1")

    for number in range(4):
        threads.append(threading.Thread(target=some, args=(order[number::4],)))
        threads[-1].start()
    for thread in threads:
        thread.join()
    return answers


if __name__ == "__main__":
    ASKED = databases()
    main(lambda: contextlib.nullcontext(ASKED.database), only=ASKED.only)
