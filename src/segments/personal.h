/* segments/personal.h: what segments/ keeps about a person, for export and erasure. */
#pragma once
#include "people/personal.h"

extern const PersonalTable segments_personal[];
