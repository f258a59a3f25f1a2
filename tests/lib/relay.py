"""An SMTP server that does as it is told and writes down what it saw.

    with Relay() as relay:
        relay.behave = lambda to: "550 5.1.1 nobody" if "dead" in to else None
        ... relay.port ... relay.taken ...
"""
import socketserver
import threading
import time


class Handler(socketserver.StreamRequestHandler):
    """One connection."""

    def say(self, text):
        """One line of an answer."""
        self.wfile.write((text + "\r\n").encode())

    def content(self):
        """Everything up to the final dot; None when the connection was lost."""
        lines = []
        while True:
            line = self.rfile.readline()
            if not line:
                return None
            if line == b".\r\n":
                return b"".join(lines)
            lines.append(line)

    def handle(self):
        try:
            self.dialogue()
        except OSError:
            pass  # the client was killed

    def dialogue(self):
        """Until it quits or is gone."""
        relay, to = self.server.relay, ""
        self.say("220 relay.example ESMTP")
        while True:
            line = self.rfile.readline().decode(errors="replace").strip()
            word = line[:4].upper()
            if not line or word == "QUIT":
                return
            if word == "EHLO":
                self.say("250-relay.example")
                self.say("250 ENHANCEDSTATUSCODES")
            elif word == "RCPT":
                to = line.split("<", 1)[1].split(">", 1)[0]
                self.say(relay.behave(to) or "250 2.1.5 ok")
            elif word == "DATA":
                relay.begun.append((time.monotonic(), to))
                self.say("354 go on")
                mail = self.content()
                if mail is None:
                    return
                relay.taken.append((to, mail))
                if relay.lose(to):
                    return
                time.sleep(relay.pause_s)
                self.say("250 2.0.0 taken")
            else:
                self.say("250 2.0.0 ok")


class Server(socketserver.ThreadingTCPServer):
    """Many connections at once."""

    allow_reuse_address = True
    daemon_threads = True


class Relay:
    """The server and its log: `begun` (time, to) of each DATA, `taken` (to, mail)."""

    def __init__(self):
        self.begun, self.taken, self.pause_s = [], [], 0
        self.behave, self.lose = (lambda to: None), (lambda to: False)
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.relay = self
        self.port = self.server.server_address[1]

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
