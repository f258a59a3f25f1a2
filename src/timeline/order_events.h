/* timeline/order_events.h: puts what orders want onto the timeline. Writer thread. */
#pragma once
#include "timeline/orders.h"
#include "timeline/timeline.h"

/* The events of orders on a real timeline; the context of the calls is the Timeline. */
extern const OrderEvents order_events;
