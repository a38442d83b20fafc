/* The program and version that a rule is checked against, and the words that name both. */
#include "hba/syntax/check_context.h"

#include <stdarg.h>
#include <stdlib.h>

/*
 * PgBouncer's 1.18 becomes 118, so that one integer compares with the version columns of both
 * programs. The minor number is clamped, or 1.100 would read as 2.0.
 */
HbaCheck
hba_check_new(Arena *arena, Findings *findings, const Instance *instance, HbaProgram program)
{
    HbaCheck check = { .arena = arena, .findings = findings, .program = program };

    if (program == HBA_PROGRAM_POSTGRESQL) {
        check.version = instance->version;
        check.server = arena_printf(arena, "PostgreSQL %d", instance->version);
    } else {
        char *end = NULL;
        long major = strtol(instance->pgbouncer_version, &end, 10);
        long minor = *end == '.' ? strtol(end + 1, NULL, 10) : 0;

        check.version = (int)(major * 100 + CLAMP(minor, 0, 99));
        check.server = arena_printf(arena, "PgBouncer %s", instance->pgbouncer_version);
    }
    return check;
}

const char *
hba_check_rule_name(const HbaCheck *check)
{
    if (check->rule_title == NULL || *check->rule_title == '\0')
        return "this rule";
    return arena_printf(check->arena, "rule \"%s\"", check->rule_title);
}

/*
 * PostgreSQL's own words help to find the message in the server's log. PgBouncer's log says little
 * more than the number of the line, so there is nothing to quote.
 */
const char *
hba_check_hint(const HbaCheck *check, const char *hint, const char *says)
{
    if (check->program == HBA_PROGRAM_PGBOUNCER)
        says = NULL;
    if (says == NULL)
        return hint;
    return arena_printf(check->arena, "%s%s%s says: %s", hint == NULL ? "" : hint,
                        hint == NULL ? "" : "; ", check->server, says);
}

/*
 * PgBouncer skips a line that it cannot parse and loads the rest (hba_load_rules()). In a file
 * where the first match decides, a lost reject rule becomes access: that is why these are errors. A
 * rule that is off is written as a comment and cannot do harm yet.
 */
void
hba_check_add_pgbouncer(const HbaCheck *check, const FindingKind *kind, SourcePos pos,
                        const char *hint, const char *format, ...)
{
    g_autofree char *message = NULL;
    va_list args;

    va_start(args, format);
    message = g_strdup_vprintf(format, args);
    va_end(args);
    findings_add(check->findings, check->enabled ? kind : &FINDING_HBA_PGB_OFF, pos, hint, "%s",
                 message);
}
