/* timeline/order_basis.h: who bought last when, for people/permission.h. */
#pragma once
#include "people/permission.h"
#include "timeline/orders.h"

/* For people_set_orders; `orders` must outlive its use. */
PeopleOrders orders_basis(Orders *orders);
