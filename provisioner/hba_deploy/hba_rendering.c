/* Expanding and rendering, each remembered by instance, role and program. */
#include "provisioner/hba_deploy/hba_rendering.h"

#include <string.h>

#include "hba/expand/expand.h"
#include "hba/render/render.h"

typedef struct EntryKey {
    const Instance *instance;
    PgRole role;
    HbaProgram program;
} EntryKey;

typedef struct Entry {
    EntryKey key;
    const Instance *as_role; /* the instance itself, or a copy that has the role */
    const HbaRules *rules;
    const HbaRendering *rendering; /* NULL: not made yet */
} Entry;

struct HbaRenderings {
    GMutex lock; /* targets are planned in parallel, and what they share is here */
    Arena *arena;
    HbaExpander *expander;
    HbaRenderer *renderer;
    GHashTable *entries; /* EntryKey -> Entry */
};

/*
 * Role and program belong to the key: an instance can be rendered for a role that it does not have
 * in the inventory, when the server has another.
 */
static guint
hash_key(gconstpointer pointer)
{
    const EntryKey *key = pointer;

    return g_direct_hash(key->instance) * 31 + (guint)key->role * 2 + (guint)key->program;
}

static gboolean
keys_equal(gconstpointer a, gconstpointer b)
{
    const EntryKey *left = a;
    const EntryKey *right = b;

    return left->instance == right->instance && left->role == right->role &&
           left->program == right->program;
}

/*
 * Renderings are kept for the run: check, plan, install and render all need the same rules, and
 * each expansion would report its findings again.
 */
HbaRenderings *
hba_renderings_new(Findings *findings)
{
    HbaRenderings *renderings = g_new0(HbaRenderings, 1);

    g_mutex_init(&renderings->lock);
    renderings->arena = arena_new();
    renderings->expander = hba_expander_new(renderings->arena, findings);
    renderings->renderer = hba_renderer_new(renderings->arena);
    renderings->entries = g_hash_table_new(hash_key, keys_equal);
    return renderings;
}

void
hba_renderings_free(HbaRenderings *renderings)
{
    if (renderings == NULL)
        return;
    g_hash_table_destroy(renderings->entries);
    hba_renderer_free(renderings->renderer);
    hba_expander_free(renderings->expander);
    arena_free(renderings->arena);
    g_mutex_clear(&renderings->lock);
    g_free(renderings);
}

/* Under the lock. */
static Entry *
entry_of(HbaRenderings *renderings, const Instance *instance, PgRole role, HbaProgram program)
{
    const EntryKey key = { .instance = instance, .role = role, .program = program };
    Entry *entry = g_hash_table_lookup(renderings->entries, &key);
    Instance *copy = NULL;

    if (entry != NULL)
        return entry;
    entry = ARENA_NEW(renderings->arena, Entry);
    *entry = (Entry){ .key = key, .as_role = instance };
    if (role != instance->role) {
        copy = ARENA_NEW(renderings->arena, Instance);
        *copy = *instance;
        copy->role = role;
        entry->as_role = copy;
    }
    entry->rules = hba_expand(renderings->expander, entry->as_role, program);
    g_hash_table_insert(renderings->entries, &entry->key, entry);
    return entry;
}

/*
 * All instances, not only the selected ones: findings of an inventory do not depend on a selector.
 */
void
hba_renderings_check(HbaRenderings *renderings, const Inventory *inventory)
{
    g_mutex_lock(&renderings->lock);
    LIST_FOREACH (const Cluster, cluster, &inventory->clusters) {
        LIST_FOREACH (const Instance, instance, &cluster->instances) {
            entry_of(renderings, instance, instance->role, HBA_PROGRAM_POSTGRESQL);
            entry_of(renderings, instance, instance->role, HBA_PROGRAM_PGBOUNCER);
        }
    }
    g_mutex_unlock(&renderings->lock);
}

static List
rules_that_are_on(Arena *arena, const HbaRules *rules)
{
    List on = { 0 };

    LIST_FOREACH (const HbaGroup, group, &rules->groups) {
        for (size_t i = 0; group->enabled && i < group->rules.count; i++)
            list_add(arena, &on, group->rules.items[i]);
    }
    return on;
}

List
hba_renderings_rules(HbaRenderings *renderings, const Instance *instance, HbaProgram program)
{
    List on = { 0 };

    g_mutex_lock(&renderings->lock);
    on = rules_that_are_on(renderings->arena,
                           entry_of(renderings, instance, instance->role, program)->rules);
    g_mutex_unlock(&renderings->lock);
    return on;
}

/* The one place that renders. */
static bool
append(HbaRenderings *renderings, const Entry *entry, GString *out, GError **error)
{
    return hba_render(renderings->renderer, entry->as_role, entry->key.program, entry->rules, out,
                      error);
}

bool
hba_renderings_append(HbaRenderings *renderings, const Instance *instance, HbaProgram program,
                      GString *out, GError **error)
{
    bool ok = false;

    g_mutex_lock(&renderings->lock);
    ok = append(renderings, entry_of(renderings, instance, instance->role, program), out, error);
    g_mutex_unlock(&renderings->lock);
    return ok;
}

/*
 * Comments and empty lines are dropped, because Patroni writes a header of its own above the rules.
 */
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

static const HbaRendering *
make(HbaRenderings *renderings, Entry *entry, GError **error)
{
    Arena *arena = renderings->arena;
    g_autoptr(GString) text = g_string_new(NULL);
    HbaRendering *rendering = NULL;

    if (!append(renderings, entry, text, error))
        return NULL;
    rendering = ARENA_NEW(arena, HbaRendering);
    *rendering = (HbaRendering){
        .role = entry->key.role,
        .rules = rules_that_are_on(arena, entry->rules),
        .lines = hba_file_rule_lines(arena, text->str),
        .bytes = arena_strndup(arena, text->str, text->len),
        .length = text->len,
    };
    return rendering;
}

bool
hba_renderings_make(HbaRenderings *renderings, const Instance *instance, PgRole role,
                    HbaRendering *ret_rendering, GError **error)
{
    Entry *entry = NULL;

    g_mutex_lock(&renderings->lock);
    entry = entry_of(renderings, instance, role, HBA_PROGRAM_POSTGRESQL);
    if (entry->rendering == NULL)
        entry->rendering = make(renderings, entry, error);
    if (entry->rendering != NULL)
        *ret_rendering = *entry->rendering;
    g_mutex_unlock(&renderings->lock);
    return entry->rendering != NULL;
}
