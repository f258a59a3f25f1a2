/* people/verify.h: what `kith verify` can see of this folder's promises in a store.
 *
 *   - the look-up of identities and its mirror on the person's side say the same, and so does
 *     memory; each belongs to a person that exists and was not erased (promise 5);
 *   - a stem hangs on one person at most, nowhere in a ring; an ended merge has an ended link;
 *   - every summary row is what its traits and identities give; erased people have none;
 *   - a consent that names an address is also found by that address, and says the same there
 *     (promise 3); what an address alone says has a state and, when it is a no, a known reason;
 *   - what the business swore to rests on the law of the country it speaks of;
 *   - no erasure is open for more than a day (promise 5).
 *
 *     if (!people_verify(people, findings, error)) …
 */
#pragma once
#include "base/findings.h"
#include "people/people.h"

/* Scans in chunks; no unit of the writer may run meanwhile (a store of its own, or the server's
 * writer held), else changes between two chunks are reported. Findings bear ids, nothing personal.
 * False: the check itself failed. */
bool people_verify(People *people, Findings *findings, GError **error);
