/* messages/personal.h: what of this folder is personal (people/personal.h). */
#pragma once
#include "people/personal.h"

extern const PersonalTable messages_personal[];
