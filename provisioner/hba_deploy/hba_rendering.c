/* Expansion and rendering of one instance under a given role. */
#include "provisioner/hba_deploy/hba_rendering.h"

#include <string.h>

#include "hba/expand/expand.h"
#include "hba/render/render.h"

struct HbaRenderings {
    GMutex lock; /* targets are planned side by side */
    Arena *arena;
    Findings *unheard; /* the check of the inventory told all of it */
    HbaExpander *expander;
    HbaRenderer *renderer;
};

HbaRenderings *
hba_renderings_new(Arena *arena)
{
    HbaRenderings *renderings = g_new0(HbaRenderings, 1);

    g_mutex_init(&renderings->lock);
    renderings->arena = arena;
    renderings->unheard = findings_new(arena);
    renderings->expander = hba_expander_new(arena, renderings->unheard);
    renderings->renderer = hba_renderer_new(arena);
    return renderings;
}

void
hba_renderings_free(HbaRenderings *renderings)
{
    if (renderings == NULL)
        return;
    hba_renderer_free(renderings->renderer);
    hba_expander_free(renderings->expander);
    findings_free(renderings->unheard);
    g_mutex_clear(&renderings->lock);
    g_free(renderings);
}

List
hba_file_rule_lines(Arena *arena, const char *bytes)
{
    g_auto(GStrv) lines = g_strsplit(bytes, "\n", -1);
    List rules = { 0 };

    for (char **line = lines; *line != NULL; line++) {
        const char *text = g_strstrip(*line);

        if (*text != '\0' && *text != '#')
            list_add(arena, &rules, arena_strdup(arena, text));
    }
    return rules;
}

size_t
hba_lines_differ_at(const List *a, const List *b)
{
    size_t at = 0;

    while (at < a->count && at < b->count && strcmp(a->items[at], b->items[at]) == 0)
        at++;
    return at;
}

bool
hba_lines_equal(const List *a, const List *b)
{
    return a->count == b->count && hba_lines_differ_at(a, b) == a->count;
}

static bool
make(HbaRenderings *renderings, const Instance *instance, PgRole role, HbaRendering *ret_rendering,
     GError **error)
{
    Arena *arena = renderings->arena;
    Instance *as_role = ARENA_NEW(arena, Instance);
    g_autoptr(GString) text = g_string_new(NULL);
    const HbaRules *rules = NULL;

    *as_role = *instance;
    as_role->role = role;
    rules = hba_expand(renderings->expander, as_role, HBA_PROGRAM_POSTGRESQL);
    if (!hba_render(renderings->renderer, as_role, HBA_PROGRAM_POSTGRESQL, rules, text, error))
        return false;
    *ret_rendering = (HbaRendering){
        .role = role,
        .lines = hba_file_rule_lines(arena, text->str),
        .bytes = arena_strndup(arena, text->str, text->len),
        .length = text->len,
    };
    LIST_FOREACH (const HbaGroup, group, &rules->groups) {
        for (size_t i = 0; group->enabled && i < group->rules.count; i++)
            list_add(arena, &ret_rendering->rules, group->rules.items[i]);
    }
    return true;
}

bool
hba_renderings_make(HbaRenderings *renderings, const Instance *instance, PgRole role,
                    HbaRendering *ret_rendering, GError **error)
{
    bool ok = false;

    g_mutex_lock(&renderings->lock);
    ok = make(renderings, instance, role, ret_rendering, error);
    g_mutex_unlock(&renderings->lock);
    return ok;
}
