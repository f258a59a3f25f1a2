"""A mailbox for tests: a Maildir that Dovecot's `imap` serves, behind a door that asks for a password.

    with Mailbox() as mailbox:
        mailbox.put(b"From: ann@…")
        ... mailbox.port ...            user "shop", password "secret"

The door listens on a port that the system gives, checks LOGIN or AUTHENTICATE PLAIN, and then leaves
the connection to one `imap` process; no daemon, no fixed port, no rights but our own. As root the
process runs as `nobody`, whom the folder then belongs to.
"""
import base64
import os
import pathlib
import shutil
import socketserver
import subprocess
import tempfile
import threading

IMAP = "/usr/lib/dovecot/imap"
CONFIG = """
base_dir = {home}/run
state_dir = {home}/run
log_path = {home}/log
mail_location = maildir:{home}/Mail
first_valid_uid = 0
first_valid_gid = 0
mail_fsync = never
ssl = no
protocols = imap
"""


class Door(socketserver.StreamRequestHandler):
    """One connection."""

    def say(self, line):
        """One line of an answer."""
        self.wfile.write(line.encode() + b"\r\n")

    def may_in(self, word, rest):
        """Whether a LOGIN or AUTHENTICATE is right."""
        mailbox = self.server.mailbox
        if word == "LOGIN":
            return rest == f'"{mailbox.user}" "{mailbox.password}"'
        secret = base64.b64decode(rest.partition(" ")[2]).decode()
        return secret == f"\0{mailbox.user}\0{mailbox.password}"

    def handle(self):
        mailbox = self.server.mailbox
        try:
            self.say("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready")
            while True:
                line = self.rfile.readline().decode(errors="replace").strip()
                tag, _, text = line.partition(" ")
                word, _, rest = text.partition(" ")
                if not line or word == "LOGOUT":
                    return
                if word == "CAPABILITY":
                    self.say("* CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN")
                    self.say(f"{tag} OK done")
                elif self.may_in(word, rest):
                    self.say(f"{tag} OK signed in")
                    mailbox.serve(self)
                    return
                else:
                    self.say(f"{tag} NO [AUTHENTICATIONFAILED] wrong user or password")
        except OSError:
            pass  # the client was killed


class Server(socketserver.ThreadingTCPServer):
    """Many connections at once."""

    allow_reuse_address = True
    daemon_threads = True


class Mailbox:
    """The door, the Maildir and what is asked of it."""

    def __init__(self):
        self.user, self.password = "shop", "secret"
        self.home = tempfile.mkdtemp(prefix="kith-mailbox-")
        self.folder = os.path.join(self.home, "Mail")
        self.count = 0
        self.children = []
        self.server = Server(("127.0.0.1", 0), Door)
        self.server.mailbox = self
        self.port = self.server.server_address[1]

    def __enter__(self):
        for name in ("cur", "new", "tmp"):
            os.makedirs(os.path.join(self.folder, name))
        with open(os.path.join(self.home, "conf"), "w", encoding="utf-8") as file:
            file.write(CONFIG.format(home=self.home))
        self.own()
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        for child in self.children:
            child.kill()
            child.wait()
        shutil.rmtree(self.home, ignore_errors=True)

    def own(self):
        """As root: everything belongs to who serves it."""
        if os.getuid() != 0:
            return
        for at, folders, files in os.walk(self.home):
            for name in [".", *folders, *files]:
                shutil.chown(os.path.join(at, name), "nobody", "nogroup")

    def serve(self, door):
        """Leaves a connection to Dovecot, until either is gone."""
        who = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.getuid() == 0 else {}
        child = subprocess.Popen([IMAP, "-c", os.path.join(self.home, "conf")],
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                 stderr=subprocess.DEVNULL, cwd=self.home,
                                 env={"HOME": self.home, "USER": self.user}, **who)
        self.children.append(child)
        child.stdout.readline()  # "* PREAUTH …": who is signed in was greeted before
        back = threading.Thread(target=self.pump, args=(child.stdout, door.wfile), daemon=True)
        back.start()
        self.pump(door.rfile, child.stdin)
        child.stdin.close()
        back.join(60)
        child.kill()
        child.wait()

    @staticmethod
    def pump(source, target):
        """Everything from one to the other."""
        try:
            while data := source.read1(65536):
                target.write(data)
                target.flush()
        except (OSError, ValueError):
            pass

    def put(self, raw, at=None):
        """A mail comes in; `at`: when, in seconds since 1970."""
        self.count += 1
        name = f"{1000000 + self.count}.M{self.count}.test"
        waits = os.path.join(self.folder, "tmp", name)
        pathlib.Path(waits).write_bytes(raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
        if at is not None:
            os.utime(waits, (at, at))
        if os.getuid() == 0:
            shutil.chown(waits, "nobody", "nogroup")
        os.rename(waits, os.path.join(self.folder, "new", name))

    def names(self):
        """The files of the mails, with their flags."""
        return sorted(os.listdir(os.path.join(self.folder, "new")) +
                      os.listdir(os.path.join(self.folder, "cur")))

    def number_anew(self):
        """Dovecot forgets its numbers: another UIDVALIDITY, and all UIDs from 1."""
        for name in os.listdir(self.folder):
            if name.startswith("dovecot"):
                os.unlink(os.path.join(self.folder, name))
        path = os.path.join(self.folder, "dovecot-uidvalidity")
        for name in ("dovecot-uidlist", "dovecot-uidvalidity"):
            with open(os.path.join(self.folder, name), "w", encoding="ascii") as file:
                if name == "dovecot-uidlist":
                    file.write("3 V77 N1 G0123456789abcdef0123456789abcdef\n")
        os.unlink(path)
        self.own()


class Nonsense:
    """A server that says some bytes to whoever comes, and then nothing."""

    def __init__(self, says):
        class Talker(socketserver.BaseRequestHandler):
            """One connection."""

            def handle(self):
                try:
                    self.request.sendall(says)
                except OSError:
                    pass
        self.server = Server(("127.0.0.1", 0), Talker)
        self.port = self.server.server_address[1]

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
