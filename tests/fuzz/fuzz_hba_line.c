/* Raw HBA lines of a hostile inventory: never a crash; a line that is taken reads the same again,
 * and its names survive being rendered. */
#include <stdint.h>
#include <string.h>

#include "hba/read/line.h"
#include "hba/syntax/tokens.h"

static void
assert_names_survive(Arena *arena, HbaProgram program, int version, HbaFieldKind field,
                     const List *names)
{
    LIST_FOREACH (const HbaToken, name, names) {
        g_autoptr(GString) text = g_string_new(NULL);
        HbaLine line;
        const HbaToken *again = NULL;

        hba_token_render(name, text);
        line = hba_tokenize(arena, program, text->str);
        g_assert(line.problem == HBA_LINE_FINE && line.fields.count == 1);
        again = ((const List *)line.fields.items[0])->items[0];
        g_assert_cmpstr(again->text, ==, name->text);
        g_assert(hba_token_classify(program, version, field, again) == name->kind);
    }
}

static void
try_line(Arena *arena, HbaProgram program, int version, const char *text)
{
    g_autoptr(Findings) findings = findings_new(arena);
    const HbaCheck check = { .arena = arena,
                             .findings = findings,
                             .program = program,
                             .version = version,
                             .server = "the server",
                             .enabled = true };
    const HbaRule *rule = hba_line_parse(&check, (SourcePos){ 0 }, text);

    g_assert((rule == NULL) == findings_has_errors(findings));
    if (rule == NULL || rule->is_comment)
        return;
    g_assert(hba_rule_equal(rule, hba_line_parse(&check, (SourcePos){ 0 }, text)));
    assert_names_survive(arena, program, version, HBA_FIELD_DATABASE, &rule->databases);
    assert_names_survive(arena, program, version, HBA_FIELD_USER, &rule->users);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(Arena) arena = arena_new();
    const char *text = arena_strndup(arena, (const char *)data, size);

    for (int version = 13; version <= 18; version++)
        try_line(arena, HBA_PROGRAM_POSTGRESQL, version, text);
    try_line(arena, HBA_PROGRAM_PGBOUNCER, 118, text);
    try_line(arena, HBA_PROGRAM_PGBOUNCER, 125, text);
    return 0;
}
