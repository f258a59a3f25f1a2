#!/usr/bin/env python3
"""Packs web/dist into a C file (GResource) that the binary carries; run by Meson.

    ui_bundle.py WEB-FOLDER MISSING.html BROTLI-LEVEL OUT.c DEPFILE

Each file lies under /ui as it is, and beside it as FILE.br and FILE.gz where that is smaller.
Without web/dist the bundle holds only MISSING.html as index.html, a page that says how to build it.
The depfile names every file and folder read, so that a new build of the UI makes a new bundle.
"""
import gzip
import os
import subprocess
import sys
import tempfile
from xml.sax.saxutils import escape

PACKED = (".js", ".css", ".html", ".svg", ".json", ".txt", ".wasm")
SMALL = 512


def dist_files(dist):
    """(name under dist, path) of every file, sorted, without source maps."""
    found = []
    for folder, folders, files in os.walk(dist):
        folders.sort()
        for name in sorted(files):
            if not name.endswith(".map"):
                path = os.path.join(folder, name)
                found.append((os.path.relpath(path, dist), path))
    return found


def pack(name, data, level, out):
    """Writes a file and its smaller forms below `out`; returns their names."""
    names = [name]
    target = os.path.join(out, name)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(target, "wb") as file:
        file.write(data)
    if not name.endswith(PACKED) or len(data) < SMALL or name == "index.html":
        return names
    with open(target + ".gz", "wb") as file:
        file.write(gzip.compress(data, 9, mtime=0))
    subprocess.run(["brotli", "-q", str(level), "-k", "-f", "-o", target + ".br", target], check=True)
    return names + [name + form for form in (".br", ".gz")
                    if os.path.getsize(target + form) < len(data)]


def main():
    """Packs, writes the description, compiles it, writes the depfile."""
    web, missing, level, out, depfile = sys.argv[1:]
    dist = os.path.join(web, "dist")
    files = dist_files(dist) or [("index.html", missing)]
    with tempfile.TemporaryDirectory() as folder:
        names = []
        for name, path in files:
            with open(path, "rb") as file:
                names += pack(name, file.read(), level, folder)
        description = os.path.join(folder, "ui.gresource.xml")
        with open(description, "w", encoding="utf-8") as file:
            file.write('<gresources><gresource prefix="/ui">')
            file.writelines(f"<file>{escape(name)}</file>" for name in names)
            file.write("</gresource></gresources>")
        subprocess.run(["glib-compile-resources", "--generate-source", "--manual-register",
                        "--internal", "--c-name=ui_bundle", "--sourcedir=" + folder,
                        "--target=" + out, description], check=True)
    read = [web, missing] + [path for _, path in files]
    read += [folder for folder, _, _ in os.walk(dist)]
    with open(depfile, "w", encoding="utf-8") as file:
        file.write(out + ": " + " ".join(path.replace(" ", "\\ ") for path in read) + "\n")


if __name__ == "__main__":
    main()
