/* Rules to text. */
#include "hba/render/render.h"

#include <string.h>

#include "hba/syntax/header.h"
#include "hba/syntax/tokens.h"

enum {
    COLUMN_TYPE,
    COLUMN_DATABASE,
    COLUMN_USER,
    COLUMN_ADDRESS,
    COLUMN_COUNT,
};

/* Wide enough that most groups of a file share their columns; a long list does not push the rest
 * off the page. */
static const size_t column_min[COLUMN_COUNT] = { 8, 16, 18, 18 };
#define COLUMN_MAX ((size_t)48)

typedef struct RunText {
    const char *bytes;
    size_t length;
} RunText;

struct HbaRenderer {
    Arena *arena;
    GHashTable *texts;            /* HbaRun -> its RunText */
    GString *cells[COLUMN_COUNT]; /* of one rule */
    size_t widths[COLUMN_COUNT];  /* of the cells, in characters */
    void **databases;             /* the names that the cells hold: lines of one rule share them */
    void **users;
    GString *scratch;
    HbaHeaders *headers;
};

HbaRenderer *
hba_renderer_new(Arena *arena)
{
    HbaRenderer *renderer = g_new0(HbaRenderer, 1);

    renderer->arena = arena;
    renderer->texts = g_hash_table_new(g_direct_hash, g_direct_equal);
    renderer->headers = hba_headers_new();
    renderer->scratch = g_string_sized_new(4096);
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        renderer->cells[i] = g_string_sized_new(64);
    return renderer;
}

void
hba_renderer_free(HbaRenderer *renderer)
{
    if (renderer == NULL)
        return;
    g_hash_table_destroy(renderer->texts);
    hba_headers_free(renderer->headers);
    g_string_free(renderer->scratch, TRUE);
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        g_string_free(renderer->cells[i], TRUE);
    g_free(renderer);
}

static void
append_blanks(GString *out, size_t count)
{
    while (count-- > 0)
        g_string_append_c(out, ' ');
}

/* In characters and not in bytes, so that names in UTF-8 line up. */
static void
measure_cell(HbaRenderer *renderer, unsigned column)
{
    renderer->widths[column] = (size_t)g_utf8_strlen(renderer->cells[column]->str, -1);
}

/*
 * The lines of localhost and world share their lists of names, so a cell stays valid as long as the
 * list is the same object.
 */
static void
render_names(HbaRenderer *renderer, unsigned column, const List *names, void ***rendered)
{
    GString *cell = renderer->cells[column];

    if (*rendered == names->items)
        return;
    *rendered = names->items;
    g_string_truncate(cell, 0);
    LIST_FOREACH (const HbaToken, name, names) {
        if (cell->len > 0)
            g_string_append_c(cell, ',');
        hba_token_render(name, cell);
    }
    measure_cell(renderer, column);
}

/*
 * Only rules made from aliases come here. Their addresses are numbers, keywords or host names, none
 * of which needs quotes (hba/expand/alias.c).
 */
static void
render_address(const HbaAddress *address, GString *out)
{
    g_string_assign(out, address->text == NULL ? "" : address->text);
    if (address->mask_text != NULL) {
        g_string_append_c(out, ' ');
        g_string_append(out, address->mask_text);
    }
}

static void
render_cells(HbaRenderer *renderer, const HbaRule *rule)
{
    g_string_assign(renderer->cells[COLUMN_TYPE], hba_types[rule->type].keyword);
    measure_cell(renderer, COLUMN_TYPE);
    render_names(renderer, COLUMN_DATABASE, &rule->databases, &renderer->databases);
    render_names(renderer, COLUMN_USER, &rule->users, &renderer->users);
    render_address(&rule->address, renderer->cells[COLUMN_ADDRESS]);
    measure_cell(renderer, COLUMN_ADDRESS);
}

/*
 * A raw line keeps its author's spacing and has no part in this. A cell wider than COLUMN_MAX
 * shifts its own line only.
 */
static void
measure_columns(HbaRenderer *renderer, const HbaGroup *group, size_t widths[COLUMN_COUNT])
{
    memcpy(widths, column_min, sizeof column_min);
    LIST_FOREACH (const HbaRule, rule, &group->rules) {
        if (rule->raw != NULL)
            continue;
        render_cells(renderer, rule);
        for (size_t i = 0; i < COLUMN_COUNT; i++) {
            if (renderer->widths[i] <= COLUMN_MAX)
                widths[i] = MAX(widths[i], renderer->widths[i]);
        }
    }
}

/*
 * Raw lines go out byte for byte: they have been parsed and checked, and rendering them again would
 * lose spacing and comments.
 */
static void
render_rule(HbaRenderer *renderer, const HbaRule *rule, const size_t widths[COLUMN_COUNT],
            GString *out)
{
    if (rule->raw != NULL) {
        g_string_append(out, rule->raw);
        g_string_append_c(out, '\n');
        return;
    }
    render_cells(renderer, rule);
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        const GString *cell = renderer->cells[i];
        size_t width = renderer->widths[i];

        g_string_append_len(out, cell->str, (gssize)cell->len);
        append_blanks(out, (width < widths[i] ? widths[i] - width : 0) + 1);
    }
    g_string_append(out, hba_methods[rule->method].keyword);
    g_string_append_c(out, '\n');
}

/*
 * A group that is off stays visible as a comment: the groups in the files of a primary and its
 * replica then differ only in being commented out.
 */
static void
render_group(HbaRenderer *renderer, const HbaGroup *group, GString *out)
{
    size_t widths[COLUMN_COUNT];

    g_string_append(out, "\n# ");
    if (group->title != NULL && *group->title != '\0') {
        g_string_append(out, group->title);
        g_string_append_c(out, ' ');
    }
    g_string_append_c(out, '[');
    g_string_append(out, hba_rule_roles[group->role].keyword);
    g_string_append(out, group->enabled ? "]\n" : "] (off)\n");
    measure_columns(renderer, group, widths);
    LIST_FOREACH (const HbaRule, rule, &group->rules) {
        if (!group->enabled)
            g_string_append_c(out, '#');
        render_rule(renderer, rule, widths, out);
    }
}

/*
 * Rendered and verified once for all instances that share the run. Program and version need not be
 * part of the key, since a run belongs to one set of facts, which contains both
 * (hba/expand/expand.c).
 */
static const RunText *
find_run_text(HbaRenderer *renderer, const HbaRun *run, HbaProgram program, int version,
              GError **error)
{
    GString *scratch = renderer->scratch;
    RunText *text = g_hash_table_lookup(renderer->texts, run);

    if (text != NULL)
        return text;
    g_string_truncate(scratch, 0);
    LIST_FOREACH (const HbaGroup, group, &run->groups)
        render_group(renderer, group, scratch);
    if (!hba_render_verify(program, version, &run->groups, scratch->str, error))
        return NULL;
    text = ARENA_NEW(renderer->arena, RunText);
    text->bytes = arena_strndup(renderer->arena, scratch->str, scratch->len);
    text->length = scratch->len;
    g_hash_table_insert(renderer->texts, (gpointer)run, text);
    return text;
}

bool
hba_render(HbaRenderer *renderer, const Instance *instance, HbaProgram program,
           const HbaRules *rules, GString *out, GError **error)
{
    hba_headers_append(renderer->headers, instance, program, out);
    LIST_FOREACH (const HbaRun, run, &rules->runs) {
        const RunText *text = find_run_text(renderer, run, program, instance->version, error);

        if (text == NULL)
            return false;
        g_string_append_len(out, text->bytes, (gssize)text->length);
    }
    return true;
}
