"""A temporary PostgreSQL cluster for tests: in its own folder, on a free port, gone afterwards.

    with Cluster(folder) as postgres:
        url = postgres.database("shop")     # a fresh, empty database

As root the server runs as user `postgres`, who owns a folder below `folder`; otherwise as ourselves.
Durability is off (fsync, full_page_writes) unless `durable` is asked for: what is tested is what a
client sees, and the kill loops kill Kith, not PostgreSQL.
"""
import glob
import os
import secrets
import shutil
import socket
import subprocess


def port_free():
    """A TCP port on 127.0.0.1 that nobody listens on now: below those that the kernel hands out to
    connections, so that none takes it before it is used."""
    while True:
        port = secrets.randbelow(20000) + 12000
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def binaries():
    """Folder of the newest installed PostgreSQL server."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda at: int(at.split("/")[-2]))
    if not found:
        raise RuntimeError("no PostgreSQL server installed: ./dev check installs it")
    return found[-1]


class Cluster:
    """One running server."""

    def __init__(self, folder, durable=False):
        self.home = os.path.join(folder, "postgres")
        self.durable = durable
        self.port = port_free()
        self.url = ""

    def _run(self, *command):
        prefix = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        done = subprocess.run([*prefix, *command], cwd=self.home, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{command[0]}: {done.stdout[-2000:]}")
        return done.stdout

    def __enter__(self):
        os.makedirs(self.home)
        if os.getuid() == 0:
            os.chmod(os.path.dirname(self.home), 0o711)
            shutil.chown(self.home, "postgres")
        data = os.path.join(self.home, "data")
        self._run(f"{binaries()}/initdb", "--no-sync", "-U", "postgres", "-A", "trust",
                  "-E", "UTF8", "--locale=C.UTF-8", "-D", data)
        flags = f"-h 127.0.0.1 -p {self.port} -k {self.home} -c max_connections=300 -c jit=off"
        if not self.durable:
            flags += " -c fsync=off -c full_page_writes=off -c synchronous_commit=off"
        # pg_ctl's own output must not be our pipe: the server would keep it open.
        self._run("sh", "-c", f"{binaries()}/pg_ctl -w -D {data} -o '{flags}' "
                              f"-l {self.home}/log start >{self.home}/start 2>&1")
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/postgres"
        return self

    def __exit__(self, *_):
        self._run(f"{binaries()}/pg_ctl", "-m", "immediate", "-D", f"{self.home}/data", "stop")

    def database(self, name):
        """Makes a fresh, empty database and returns its URL."""
        return database_make(self.url, name)


def sql(url, statement):
    """What one statement prints (unaligned, without headings)."""
    done = subprocess.run([f"{binaries()}/psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", statement,
                           url], text=True, capture_output=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{statement[:80]}: {done.stderr.strip()}")
    return done.stdout.strip()


def database_make(url, name):
    """A fresh, empty database beside the one of `url`; returns its URL."""
    sql(url, f'DROP DATABASE IF EXISTS "{name}"')
    sql(url, f'CREATE DATABASE "{name}"')
    return url.rsplit("/", 1)[0] + "/" + name
