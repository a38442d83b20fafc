/* aclitem[] text from a hostile server: never a crash, and what is read can be written and read
 * again. */
#include <stdint.h>
#include <string.h>

#include "roles/acl/acl.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(Names) names = names_new(arena);
    const char *text = arena_strndup(arena, (const char *)data, size);
    Acl acl = { 0 };
    Acl again = { 0 };

    if (acl_parse(arena, names, text, &acl) == ACL_TEXT_MALFORMED)
        return 0;
    if (acl_parse(arena, names, acl_render(arena, names, &acl), &again) != ACL_TEXT_OK ||
        !acl_equal(&acl, &again))
        g_error("an ACL did not survive being written and read");
    return 0;
}
