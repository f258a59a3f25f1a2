/* columns/event_fold.h: inside of columns/: base + delta - resets -> a new base.
 *
 * Two threads: one lays out by row, the other by time. The delta is distributed by counting, first
 * by row, then by time, so that what arrived nearly in order costs little: about 30 ns an
 * occurrence of the delta and 3 ns one of the base.
 */
#pragma once
#include "columns/event_image.h"

/* Folds what `name` shows. `rows`: above every row in it. `wide`: bit p set where the delta has a
 * cell of property p that is no code. NULL: no memory. */
EventImage *event_fold(const EventName *name, uint32_t rows, uint32_t wide);

/* Upper bound of what the result takes. */
uint64_t event_fold_bytes(const EventName *name, uint32_t rows);

/* Sets the bits of `used` for the codes of a property that occur in the image. */
void event_image_codes(const EventImage *image, unsigned property, uint64_t *used);
