/*
 * Interrupt: SIGINT and SIGTERM while servers are asked and steps are run. The first one asks for
 * an orderly end: the statement at work is cancelled and its transaction rolled back. The second
 * one ends the program at once, as without this module.
 */
#pragma once

#include <stdbool.h>

/* From now on; more calls change nothing. */
void interrupt_watch(void);
bool interrupt_requested(void);
