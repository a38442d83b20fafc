/* Wiping what held a secret, in a way that no compiler leaves out. */
#pragma once

#include <stddef.h>

/* NULL is fine. */
void wipe(void *memory, size_t size);
/* Wipes a text up to its NUL and frees it with g_free(); NULL is fine. */
void wipe_free(char *text);
