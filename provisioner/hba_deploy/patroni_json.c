/* jansson's trees become small structs. */
#include "provisioner/hba_deploy/patroni_json.h"

#include <jansson.h>

#define LOOP_WAIT_DEFAULT 10
#define LOOP_WAIT_MAX     3600

G_DEFINE_AUTOPTR_CLEANUP_FUNC(json_t, json_decref)

const char *
patroni_json_role(Arena *arena, const GString *text)
{
    g_autoptr(json_t) document = json_loadb(text->str, text->len, 0, NULL);
    const char *role = json_string_value(json_object_get(document, "role"));

    return role == NULL ? NULL : arena_strdup(arena, role);
}

static bool
read_lines(Arena *arena, const json_t *rules, List *ret_lines)
{
    for (size_t i = 0; i < json_array_size(rules); i++) {
        const char *line = json_string_value(json_array_get(rules, i));

        if (line == NULL)
            return false;
        list_add(arena, ret_lines, arena_strdup(arena, line));
    }
    return true;
}

bool
patroni_json_config(Arena *arena, const GString *text, PatroniConfig *ret_config)
{
    g_autoptr(json_t) document = json_loadb(text->str, text->len, 0, NULL);
    const json_t *loop_wait = json_object_get(document, "loop_wait");
    const json_t *rules = json_object_get(json_object_get(document, "postgresql"), "pg_hba");
    PatroniConfig config = { .has_rules = json_is_array(rules), .loop_wait = LOOP_WAIT_DEFAULT };

    if (!json_is_object(document) ||
        !(rules == NULL || json_is_null(rules) || json_is_array(rules)) ||
        !read_lines(arena, rules, &config.lines))
        return false;
    if (json_is_integer(loop_wait))
        config.loop_wait = (int)CLAMP(json_integer_value(loop_wait), 1, LOOP_WAIT_MAX);
    *ret_config = config;
    return true;
}
