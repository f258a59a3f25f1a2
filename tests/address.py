#!/usr/bin/env python3
"""The address checks: a domain's records, the public address seen from outside, a mail's signature.

Against a name server and an HTTPS proxy of our own on loopback; keys and certificates are made with
openssl as the suite starts. Which records providers ask for: their pages, named in sender.c.

    address.py --database sqlite
"""
import base64
import contextlib
import hashlib
import http.client
import http.server
import os
import re
import ssl
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kith import Shop, databases, wait_until  # noqa: E402
from names import Names  # noqa: E402
from tap import case, main, want, want_true  # noqa: E402

HOST = "mail.shop.example"
GOOGLE = {"transport": "smtp", "preset": "google", "host": "smtp.gmail.com", "port": 587,
          "security": "starttls", "user": "", "from_address": "hello@shop.example",
          "dkim_selector": "", "postal_address": "Test Shop\n1 High Street"}


def openssl(*arguments, stdin=b""):
    """Runs openssl; returns what it printed."""
    return subprocess.run(["openssl", *arguments], input=stdin, capture_output=True, check=True).stdout


class World:
    """Names, certificates, keys, and a proxy that speaks TLS before Kith. `leads`: to "kith", to an
    "other" page, or it has "moved"; `shows`: the certificate, "trusted" or a "stranger"'s."""

    def __init__(self, folder):
        self.folder, self.names, self.kith = folder, Names(), 0
        self.leads, self.shows = "kith", "trusted"
        self.certificate("trusted")
        self.certificate("stranger")
        for kind, how in (("rsa", ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"]), ("ed25519", ["ED25519"])):
            openssl("genpkey", "-algorithm", *how, "-out", self.path(f"{kind}.pem"))
        self.contexts = {name: self.context(name) for name in ("trusted", "stranger")}
        self.proxy = self.proxy_make()

    def path(self, name):
        """A file of the suite."""
        return os.path.join(self.folder, name)

    def certificate(self, name):
        """One that is its own authority, for all hosts."""
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-days", "3", "-subj", f"/CN={name}", "-keyout", self.path(f"{name}.key"),
                "-out", self.path(f"{name}.crt"), "-addext", f"subjectAltName=DNS:{HOST}")

    def context(self, name):
        """TLS with one of the certificates; which one is decided when a client greets."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path(f"{name}.crt"), self.path(f"{name}.key"))

        def chosen(sock, _name, _context):
            sock.context = self.contexts[self.shows]

        context.sni_callback = chosen
        return context

    def proxy_make(self):
        """The proxy."""
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            """One request."""

            def do_GET(self):  # pylint: disable=invalid-name
                """As it leads."""
                if outer.leads == "moved":
                    self.send_response(301)
                    self.send_header("Location", "https://mail.shop.example" + self.path)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                status, body = 200, b"<h1>Another shop</h1>" * 100
                if outer.leads == "kith":
                    inner = http.client.HTTPConnection("127.0.0.1", outer.kith, timeout=60)
                    inner.request("GET", self.path, headers={"Host": self.headers["Host"]})
                    reply = inner.getresponse()
                    status, body = reply.status, reply.read()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):  # pylint: disable=arguments-differ
                """Says nothing."""

        class Quiet(http.server.ThreadingHTTPServer):
            """Handshakes are refused here, and that is no news."""

            def handle_error(self, *_):
                """Says nothing."""

        server = Quiet(("127.0.0.1", 0), Handler)
        server.socket = self.contexts["trusted"].wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server

    def key_record(self, kind):
        """What belongs under the selector."""
        der = openssl("pkey", "-in", self.path(f"{kind}.pem"), "-pubout", "-outform", "DER")
        raw = der[-32:] if kind == "ed25519" else der
        return f"v=DKIM1; k={kind}; p={base64.b64encode(raw).decode()}"


@contextlib.contextmanager
def world_of(kind):
    """A shop whose questions about names come to us."""
    with tempfile.TemporaryDirectory(prefix="kith-address-") as folder:
        world = World(folder)
        os.environ["SSL_CERT_FILE"] = world.path("trusted.crt")
        with world.names, Shop(kind, options=["--resolver", f"127.0.0.1:{world.names.port}"]) as shop:
            shop.world = world
            yield shop
        world.proxy.shutdown()
        world.proxy.server_close()


def sender(shop, **change):
    """Sets the sender."""
    want(shop.owner.put("/api/sender", {**GOOGLE, **change}).status, 200)


def finished(shop):
    """The findings once the check is over."""
    wait_until(lambda: shop.owner.get("/api/address").json["state"] == "done", "the check's end")
    return shop.owner.get("/api/address").json


def check(shop):
    """Checks; the whole answer and the findings by name."""
    want(shop.owner.post("/api/address/check").status, 202)
    address = finished(shop)
    return address, {one["name"]: one for one in address["findings"]}


def publish(shop, domain="shop.example", spf="v=spf1 include:_spf.google.com ~all"):
    """All that Google's users publish (support.google.com/a/answer/33786, 174124, 2466580)."""
    names = shop.world.names
    names.put("_spf.google.com", "TXT", "v=spf1 ip4:192.0.2.0/24 ~all")
    names.put(domain, "TXT", "unrelated=" + "x" * 700, spf)
    names.put(f"google._domainkey.{domain}", "TXT", shop.world.key_record("rsa"))
    names.put(f"_dmarc.{domain}", "TXT", "v=DMARC1; p=none; rua=mailto:d@shop.example")


@case("what stays on this machine needs a postal address and a round trip, nothing else")
def local(shop):
    want(shop.owner.get("/api/address").json["state"], "none")
    want(shop.owner.post("/api/address/check").status, 409)
    ready = shop.api.get("/api/mail/readiness").json
    want((ready["local"], ready["sender_test"], ready["address"]), (True, True, True))
    want((ready["postal_address"], ready["round_trip"], ready["ready"]), (False, False, False))


@case("a domain that says nothing: each record that is missing, ready to copy")
def nothing(shop):
    sender(shop)
    address, found = check(shop)
    want((address["domain"], address["good"], address["stale"], address["local"]),
         ("shop.example", False, False, False))
    want({name: one["state"] for name, one in found.items()},
         {"url": "wrong", "spf": "missing", "dkim": "missing", "dmarc": "missing"})
    want(found["url"]["code"], "loopback")
    want(found["spf"]["records"], [{"type": "TXT", "name": "shop.example",
                                    "value": "v=spf1 include:_spf.google.com ~all"}])
    want(found["dkim"]["records"][0]["name"], "google._domainkey.shop.example")
    want(found["dkim"]["records"][0]["value"], None)
    want(found["dmarc"]["records"], [{"type": "TXT", "name": "_dmarc.shop.example",
                                      "value": "v=DMARC1; p=none"}])
    want_true(address["dkim_page"].startswith("https://support.google.com/"), "the provider's page")


@case("published, they are found, over TCP when they are long; a mailing still waits for the rest")
def published(shop):
    publish(shop)
    address, found = check(shop)
    want([found[name]["state"] for name in ("spf", "dkim", "dmarc")], ["ok", "ok", "ok"])
    want((found["dkim"]["detail"], found["dmarc"]["detail"]), ("2048", "none"))
    want_true(("shop.example", "tcp") in shop.world.names.asked, "a long answer is asked for again by TCP")
    want(address["good"], False)
    ready = shop.api.get("/api/mail/readiness").json
    want((ready["local"], ready["address"], ready["ready"]), (False, False, False))
    draft = {"name": "N", "subject": "S", "body": "B", "rule": "everybody"}
    campaign = shop.api.post("/api/campaigns", draft).json["id"]
    refused = shop.api.post(f"/api/campaigns/{campaign}/send", {})
    want(refused.status, 409)
    want_true("sender" in refused.json["error"]["message"], refused.body)


@case("another sender makes the findings stale; providers differ in what they need")
def presets(shop):
    sender(shop, preset="ses", host="email-smtp.eu-west-1.amazonaws.com", dkim_selector="abc123")
    want(shop.owner.get("/api/address").json["stale"], True)
    shop.world.names.put("shop.example", "TXT")
    _, found = check(shop)
    want(found["spf"]["state"], "not_needed")
    want(found["dkim"]["records"], [{"type": "CNAME", "name": "abc123._domainkey.shop.example",
                                     "value": "abc123.dkim.amazonses.com"}])
    shop.world.names.put("abc123._domainkey.shop.example", "CNAME", "abc123.dkim.amazonses.com")
    want(check(shop)[1]["dkim"]["code"], "alias_empty")
    shop.world.names.put("abc123.dkim.amazonses.com", "TXT", shop.world.key_record("rsa"))
    _, found = check(shop)
    want((found["dkim"]["state"], found["dkim"]["found"][1]), ("ok", "abc123.dkim.amazonses.com"))
    sender(shop, preset="brevo", host="smtp-relay.brevo.com")
    want(check(shop)[1]["dkim"]["code"], "no_selector")


@case("answers that make no sense are no answers")
def hostile(shop):
    sender(shop)
    one = b"\x81\x80\0\1\0\1\0\0\0\0"
    for spoilt in ((b"\x81\x82\0\1" + b"\0" * 6, b""), (one, b""), (one, b"\xc0\xff\0\x10\0\1"),
                   (one, b"\xc0\x0c\0\x10\0\1\0\0\0\1\xff\xff\3abc"),
                   (b"\x81\x80\0\1\xff\xff\0\0\0\0", b"\xc0\x0c\0\5\0\1\0\0\0\1\0\2\xc0\x0c")):
        shop.world.names.spoil = lambda name, spoilt=spoilt: spoilt
        _, found = check(shop)
        want({found[name]["state"] for name in ("spf", "dkim", "dmarc")}, {"unknown"})
    shop.world.names.spoil = lambda name: None
    publish(shop, spf="v=spf1 " + " ".join(f"include:i{n}.example" for n in range(200)) + " -all")
    for number in range(200):
        shop.world.names.put(f"i{number}.example", "TXT", "v=spf1 -all")
    shop.world.names.asked.clear()
    want(check(shop)[1]["spf"]["code"], "too_many_lookups")
    want_true(len(shop.world.names.asked) < 60, f"{len(shop.world.names.asked)} questions")
    publish(shop)


@case("the public address: ours, somebody else's, moved, untrusted, unknown")
def public_address(shop):
    world = shop.world
    url = f"https://{HOST}:{world.proxy.server_address[1]}"
    shop.stop()
    shop.start(["--public-url", url])
    world.kith = shop.port
    for leads, shows, ip, code in (("kith", "trusted", "127.0.0.1", "loopback"),
                                   ("other", "trusted", "127.0.0.1", "someone_else"),
                                   ("moved", "trusted", "127.0.0.1", "redirects"),
                                   ("kith", "stranger", "127.0.0.1", "certificate"),
                                   ("kith", "trusted", None, "no_name")):
        world.leads, world.shows = leads, shows
        world.names.put(HOST, "A", *([ip] if ip else []))
        address, found = check(shop)
        want((found["url"]["state"], found["url"]["code"], address["url"]), ("wrong", code, url))
    nonce = "0" * 32
    want(shop.nobody.get(f"/p/here/{nonce}").status, 404)


# ---- signatures, made here ----

MAIL = [("From", "Test Shop <hello@shop.example>"), ("To", "owner@home.example"),
        ("Subject", "A  test\r\n of words"), ("Date", "Sun, 22 Nov 2026 04:00:00 +0000"),
        ("Message-ID", "<1@shop.example>"), ("List-Unsubscribe", "<https://mail.shop.example/p/u/x>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")]
BODY = "Dear  owner, \r\n\r\nthis is a test.\t\r\n\r\n\r\n"


def head_form(name, value, relaxed):
    """RFC 6376 3.4.1 and 3.4.2."""
    if not relaxed:
        return f"{name}: {value}"
    return name.lower() + ":" + re.sub(r"[ \t]+", " ", value.replace("\r\n", "")).strip()


def body_form(body, relaxed):
    """RFC 6376 3.4.3 and 3.4.4."""
    if relaxed:
        body = "\r\n".join(re.sub(r"[ \t]+", " ", line).rstrip(" ") for line in body.split("\r\n"))
    return re.sub(r"(\r\n)*$", "", body) + "\r\n"


def signed(world, kind="rsa", form="relaxed/relaxed", domain="shop.example", selector="google", skip=()):
    """The mail with a signature before it."""
    head_relaxed, body_relaxed = (part == "relaxed" for part in form.split("/"))
    fields = [pair for pair in MAIL if pair[0] not in skip]
    digest = hashlib.sha256(body_form(BODY, body_relaxed).encode()).digest()
    value = (f"v=1; a={kind}-sha256; c={form}; d={domain}; s={selector};\r\n\th="
             f"{':'.join(name for name, _ in fields)};\r\n\tbh={base64.b64encode(digest).decode()};\r\n\tb=")
    text = "".join(head_form(*pair, head_relaxed) + "\r\n" for pair in fields)
    text += head_form("DKIM-Signature", value, head_relaxed)
    key, data = world.path(f"{kind}.pem"), world.path("data")
    with open(data, "wb") as file:
        file.write(text.encode() if kind == "rsa" else hashlib.sha256(text.encode()).digest())
    made = (openssl("dgst", "-sha256", "-sign", key, data) if kind == "rsa"
            else openssl("pkeyutl", "-sign", "-rawin", "-inkey", key, "-in", data))
    b64 = base64.b64encode(made).decode()
    head = f"DKIM-Signature: {value}{b64[:60]}\r\n\t {b64[60:]}\r\n"
    return head + "".join(f"{name}: {text}\r\n" for name, text in MAIL) + "\r\n" + BODY


def verdict(shop, source):
    """What is said about a mail."""
    want(shop.owner.post("/api/address/mail", {"source": source}).status, 202)
    return finished(shop)["mail"]


@case("the signature of a mail that arrived: both forms, both algorithms, pasted with LF")
def signatures(shop):
    sender(shop)
    publish(shop)
    shop.world.names.put("ed._domainkey.shop.example", "TXT", shop.world.key_record("ed25519"))
    for kind, selector in (("rsa", "google"), ("ed25519", "ed")):
        for form in ("relaxed/relaxed", "relaxed/simple", "simple/simple"):
            source = signed(shop.world, kind, form, selector=selector)
            for text in (source, source.replace("\r\n", "\n")):
                got = verdict(shop, text)
                want((got["state"], got["code"], got["signer"], got["selector"]),
                     ("ok", "ok", "shop.example", selector), f"{kind} {form}")
    want(shop.owner.post("/api/address/mail", {"source": "hello"}).status, 400)


@case("signatures that do not hold, and what is wrong with them")
def bad_signatures(shop):
    world = shop.world
    good = signed(world)
    cases = [(good.replace("a test", "a trick"), "body_changed"),
             (good.replace("<hello@", "<hallo@"), "head_changed"),
             (signed(world, domain="provider.example"), "other_domain"),
             (signed(world, selector="gone"), "no_key"),
             (signed(world, selector="ed"), "wrong_key"),
             (signed(world, skip=("From",)), "from_unsigned"),
             (good.split("\r\n", 4)[4], "no_signature"),
             (good.replace("hello@shop.example", "hello@else.example"), "other_sender")]
    for source, code in cases:
        got = verdict(shop, source)
        want(got["code"], code)
        want_true(got["state"] in ("wrong", "missing"), got)
    unsigned = verdict(shop, signed(world, skip=("List-Unsubscribe", "List-Unsubscribe-Post")))
    want((unsigned["state"], unsigned["code"]), ("ok", "no_unsigned"))


@case("a signature that holds says where the key of an unknown provider is")
def learned(shop):
    sender(shop, preset="other", host="smtp.provider.example")
    want(check(shop)[1]["dkim"]["code"], "no_selector")
    shop.world.names.put("own7._domainkey.shop.example", "TXT", shop.world.key_record("rsa"))
    want(verdict(shop, signed(shop.world, selector="own7"))["state"], "ok")
    want(check(shop)[1]["dkim"]["state"], "ok")


if __name__ == "__main__":
    ASKED = databases()
    main(lambda: world_of(ASKED.database), only=ASKED.only)
