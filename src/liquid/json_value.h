/* liquid/json_value.h: data of templates from jansson. */
#pragma once
#include <jansson.h>

#include "liquid/value.h"

/* The value of a JSON value, which is borrowed and must not change while it is in use. Objects keep
 * the order of their members. NULL gives nil. */
LiquidValue liquid_json(json_t *json);
