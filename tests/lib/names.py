"""A small name server on loopback, UDP and TCP on one port, that knows what it is told.

    with Names() as names:
        names.put("shop.example", "TXT", "v=spf1 -all")
        ... --resolver 127.0.0.1:PORT ... names.port ... names.asked ...
"""
import socket
import socketserver
import struct
import threading

TYPES = {"A": 1, "CNAME": 5, "TXT": 16}
UDP_BYTES = 512


def encoded(name):
    """A name as labels."""
    return b"".join(bytes([len(part)]) + part.encode() for part in name.split(".")) + b"\0"


def data_of(kind, text):
    """A record's data."""
    if kind == "A":
        return socket.inet_aton(text)
    if kind == "CNAME":
        return encoded(text)
    raw = text.encode()
    return b"".join(bytes([len(part)]) + part for part in
                    (raw[at:at + 255] for at in range(0, max(len(raw), 1), 255)))


class Names:
    """The server. `spoil` (a function from the question's name to what stands before and behind the
    question, or None) answers instead; `asked` counts (name, "udp" or "tcp")."""

    def __init__(self):
        self.records, self.asked, self.spoil = {}, [], lambda name: None
        self.udp, self.tcp = self.sockets()
        self.port = self.udp.server_address[1]

    def sockets(self):
        """Both on one port; another one when TCP's is taken."""
        outer = self

        class Datagram(socketserver.BaseRequestHandler):
            """One question by UDP."""

            def handle(self):
                data, sock = self.request
                reply = outer.answer(data, "udp")
                if reply:
                    sock.sendto(reply, self.client_address)

        class Stream(socketserver.StreamRequestHandler):
            """Questions by TCP, each with its length."""

            def handle(self):
                while len(head := self.rfile.read(2)) == 2:
                    data = self.rfile.read(struct.unpack(">H", head)[0])
                    reply = outer.answer(data, "tcp")
                    self.wfile.write(struct.pack(">H", len(reply)) + reply)

        class Tcp(socketserver.ThreadingTCPServer):
            """May take the port again at once."""

            allow_reuse_address = True
            daemon_threads = True

        for _ in range(50):
            udp = socketserver.ThreadingUDPServer(("127.0.0.1", 0), Datagram)
            udp.daemon_threads = True
            try:
                return udp, Tcp(("127.0.0.1", udp.server_address[1]), Stream)
            except OSError:
                udp.server_close()
        raise OSError("no port that is free for UDP and TCP")

    def put(self, name, kind, *texts):
        """Sets the records of a name; none takes them away."""
        self.records[(name.lower(), kind)] = list(texts)

    def found(self, name, kind):
        """(name, kind, text) of the answer, with the alias on the way."""
        alias = self.records.get((name, "CNAME"), [])
        if alias and kind != "CNAME":
            return [(name, "CNAME", alias[0]), *self.found(alias[0], kind)]
        return [(name, kind, text) for text in self.records.get((name, kind), [])]

    def answer(self, data, way):
        """The reply to one question."""
        at, labels = 12, []
        while data[at]:
            labels.append(data[at + 1:at + 1 + data[at]].decode())
            at += 1 + data[at]
        question, number = data[12:at + 5], struct.unpack(">H", data[at + 1:at + 3])[0]
        name = ".".join(labels).lower()
        self.asked.append((name, way))
        spoilt = self.spoil(name)
        if spoilt is not None:
            return data[:2] + spoilt[0] + question + spoilt[1]
        kind = next((kind for kind, one in TYPES.items() if one == number), "")
        rows = self.found(name, kind)
        known = rows or any(one == name for one, _ in self.records)
        head = data[:2] + struct.pack(">BBHHHH", 0x81, 0x80 if known else 0x83, 1, len(rows), 0, 0)
        body = b"".join(encoded(who) + struct.pack(">HHIH", TYPES[kind], 1, 60, len(raw)) + raw
                        for who, kind, text in rows for raw in [data_of(kind, text)])
        if way == "udp" and len(head + question + body) > UDP_BYTES:
            return data[:2] + struct.pack(">BBHHHH", 0x83, 0x80, 1, 0, 0, 0) + question
        return head + question + body

    def __enter__(self):
        for server in (self.udp, self.tcp):
            threading.Thread(target=server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        for server in (self.udp, self.tcp):
            server.shutdown()
            server.server_close()
