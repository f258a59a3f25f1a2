/* columns/event_fold.h: inside of columns/: base + delta - resets -> a new base.
 *
 * From an empty base what came nearly in order is laid out directly (event_build.c); it takes,
 * beside the result, 4 bytes a row and 32 for each late occurrence, at most one in eight. Else two
 * threads: one lays out by row, the other by time. The delta is distributed by counting, first by
 * row, then by time, so that what arrived nearly in order costs little: about 30 ns an occurrence
 * of the delta and 3 ns one of the base.
 */
#pragma once
#include "columns/event_image.h"

/* Folds what `name` shows. `rows`: above every row in it. `wide`: bit p set where the delta has a
 * cell of property p that is no code. NULL: no memory. */
EventImage *event_fold(const EventName *name, uint32_t rows, uint32_t wide);

/* The same from an empty base without resets; false: too much of it came late, use event_fold. */
bool event_build(const EventName *name, uint32_t rows, uint32_t wide, EventImage **ret_image);

/* Upper bound of what the result takes. */
uint64_t event_fold_bytes(const EventName *name, uint32_t rows);

/* Sets the bits of `used` for the codes of a property that occur in the image. */
void event_image_codes(const EventImage *image, unsigned property, uint64_t *used);
