/* messages/sender.h: what is given to the sender's thread from outside. Private to messages/. */
#pragma once
#include "messages/render.h"

enum { SENDER_TESTS_MAX = 20 /* test mails that may wait */ };

/* Sends one test mail soon; takes what is in `steal`. False when too many wait. Any thread. */
bool sender_test(Messages *messages, const char *address, Rendered *steal);
