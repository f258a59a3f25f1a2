/* app/groups.h: the groups of segments/ as messages/ asks for them. */
#pragma once
#include "messages/messages.h"
#include "segments/segments.h"

MessageGroups groups_of(Segments *segments);
