/* delivery/inbound_state.h: what reading leaves of how it went; shared by the files of inbound. */
#pragma once
#include "delivery/inbound.h"

/* Keeps how a look went. Writer thread. */
bool inbound_state_save(Store *store, Db *db, const InboundState *state, GError **error);
