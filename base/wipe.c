/* memset, and a barrier behind it. */
#include "base/wipe.h"

#include <glib.h>
#include <string.h>

void
wipe(void *memory, size_t size)
{
    if (memory == NULL)
        return;
    memset(memory, 0, size);
    /* The barrier keeps the compiler from dropping a store to memory that is freed next. */
    __asm__ __volatile__("" : : "r"(memory) : "memory");
}

/* The length is taken before the bytes are gone. */
void
wipe_free(char *text)
{
    if (text != NULL)
        wipe(text, strlen(text));
    g_free(text);
}
