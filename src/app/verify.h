/* app/verify.h: `kith verify`: every invariant of the promises that a store can show. */
#pragma once
#include "app/app.h"
#include "base/findings.h"

/* Runs every check. False only when a check could not be made. */
bool verify_all(App *app, Findings *findings, GError **error);
