/* Reading rendered text back. */
#include <string.h>

#include "base/error.h"
#include "hba/read/line.h"
#include "hba/render/render.h"

/* The rules that a server must find, one after the other. */
typedef struct Expected {
    const List *groups;
    size_t group;
    size_t rule;
} Expected;

/*
 * Groups that are off and comments among raw lines are no rules for a server, so reading must not
 * find them either.
 */
static const HbaRule *
next_expected(Expected *expected)
{
    while (expected->group < expected->groups->count) {
        const HbaGroup *group = expected->groups->items[expected->group];

        while (group->enabled && expected->rule < group->rules.count) {
            const HbaRule *rule = group->rules.items[expected->rule++];

            if (!rule->is_comment)
                return rule;
        }
        expected->group++;
        expected->rule = 0;
    }
    return NULL;
}

static bool
fail(GError **error, size_t line, const char *what)
{
    g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_SAFETY,
                "line %zu of the rendered HBA file %s: nothing is written", line, what);
    return false;
}

/*
 * Read by the parser for existing files and not by anything the renderer knows: what it finds is
 * what a server would find.
 */
static bool
verify_line(const HbaCheck *check, const char *text, size_t number, Expected *expected,
            GError **error)
{
    HbaRule *rule = hba_line_parse(check, (SourcePos){ 0 }, text);
    const HbaRule *wanted = NULL;

    if (rule == NULL)
        return fail(error, number, "is not a rule");
    if (rule->is_comment)
        return true;
    wanted = next_expected(expected);
    if (wanted == NULL)
        return fail(error, number, "is not a declared rule");
    return hba_rule_equal(rule, wanted) || fail(error, number, "is not the declared rule");
}

/*
 * The law parse(render(rules)) = rules, checked on every text before it is written: a mistake in
 * quoting would be a mistake in access.
 */
bool
hba_render_verify(HbaProgram program, int version, const List *groups, const char *text,
                  GError **error)
{
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(Findings) findings = findings_new(arena);
    g_autoptr(GString) line = g_string_new(NULL);
    /* The newest PgBouncer: whether this one skips a rule was judged when it was expanded. */
    const HbaCheck check = { .arena = arena,
                             .findings = findings,
                             .program = program,
                             .version = program == HBA_PROGRAM_PGBOUNCER ? HBA_NEVER - 1 : version,
                             .server = "the server",
                             .enabled = true };
    Expected expected = { .groups = groups };
    size_t number = 0;

    while (*text != '\0') {
        size_t length = strcspn(text, "\n");

        number++;
        g_string_truncate(line, 0);
        g_string_append_len(line, text, (gssize)length);
        if (!verify_line(&check, line->str, number, &expected, error))
            return false;
        text += length;
        if (*text == '\n')
            text++;
    }
    return next_expected(&expected) == NULL ||
           fail(error, number, "is the last, and a rule is missing");
}
