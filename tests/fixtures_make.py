#!/usr/bin/env python3
"""Makes tests/fixtures/migration-N.tar.gz: a small data folder as the release with migration N left it.

Run once for each release that adds a migration, with that release's binary, and kept for ever: every
later Kith must open it. The invented shop in it has orders, a refund, visitors, a merge, notes, consents
and an erased person. Beside it lie the figures that it must show.

    tests/fixtures_make.py 1
"""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from kith import Shop, wait_until  # noqa: E402
from tap import root, want  # noqa: E402

KEPT = ("customers", "orders", "revenue", "refunds", "net_revenue")


def fill(shop):
    """A year of a very small shop."""
    for at in range(60):
        who = f"guest{at % 12:02d}"
        shop.ingest.identify(userId=who, traits={"email": f"{who}@shop.example", "name": who.title()})
        shop.track.send("page", anonymousId=f"browser-{at}", name="Home")
        want(shop.ingest.track(userId=who, event="Order Completed", timestamp=f"2025-{at % 12 + 1:02d}-03T10:00:00Z",
                               properties={"order_id": f"F-{at}", "revenue": 10 + at, "currency": "GBP",
                                           "products": [{"product_id": f"p{at % 5}", "price": 10 + at,
                                                         "quantity": 1}]}).status, 200)
    shop.ingest.track(userId="guest03", event="Order Refunded", timestamp="2025-11-10T10:00:00Z",
                      properties={"order_id": "F-3", "total": 5, "currency": "GBP"})
    first, second = (shop.person(f"guest{at:02d}@shop.example")["id"] for at in (0, 1))
    shop.owner.post(f"/api/people/{first}/merge", {"other": second})
    shop.owner.post(f"/api/people/{first}/notes", {"body": "prefers tea"})
    shop.owner.post(f"/api/people/{first}/consents", {"channel": "email", "topic": "newsletter", "state": "granted",
                                                      "basis": "consent", "text": "asked at the till"})
    gone = shop.owner.post("/api/people", {"name": "Gone", "email": "gone@shop.example"}).json["id"]
    shop.owner.delete(f"/api/people/{gone}")


def main():
    """Writes the archive and the figures."""
    number = sys.argv[1]
    folder = os.path.join(root(), "tests", "fixtures")
    os.makedirs(folder, exist_ok=True)
    with Shop("sqlite") as shop:
        fill(shop)
        wait_until(lambda: shop.owner.get("/api/attention").status == 200, "answers")
        want(shop.stop(), 0)
        kpis = {kpi["name"]: kpi["value"] for kpi in json.loads(shop.run("kpi", "--json").stdout)["kpis"]}
        shop.verify()
        subprocess.run(["tar", "-czf", os.path.join(folder, f"migration-{number}.tar.gz"), "-C", shop.home, "data"],
                       check=True)
        with open(os.path.join(folder, f"migration-{number}.json"), "w", encoding="utf-8") as out:
            json.dump({"kpis": {name: kpis[name] for name in KEPT}}, out, indent=1)
            out.write("\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
