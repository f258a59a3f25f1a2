/* messages/verify.h: what a store can show of promises 2 and 3. */
#pragma once
#include "base/findings.h"
#include "messages/messages.h"

/* Every message has a state that its columns agree with; every one that was handed over holds its
 * address in address_sent, alone, and rests on a permission; nothing is held without an owner. Any
 * thread but the writer's. */
bool messages_verify(Messages *messages, Findings *findings, GError **error);
