/* Making statements of parts, and the two ways to write them out. */
#include "provisioner/plan/sql_statement.h"

static SqlStatement *
statement_of_text(Arena *arena, const char *text)
{
    SqlPart *part = ARENA_NEW(arena, SqlPart);
    SqlStatement *statement = ARENA_NEW(arena, SqlStatement);

    *part = (SqlPart){ .kind = SQL_PART_TEXT, .text = text };
    *statement = (SqlStatement){ .parts = part, .count = 1 };
    return statement;
}

const SqlStatement *
sql_statement_new(Arena *arena, const char *text)
{
    return statement_of_text(arena, text);
}

const SqlStatement *
sql_statement_new_helper(Arena *arena, const char *text)
{
    SqlStatement *statement = statement_of_text(arena, text);

    statement->is_helper = true;
    return statement;
}

const SqlStatement *
sql_statement_around(Arena *arena, SqlHalves halves, SqlPart secret)
{
    const SqlPart all[] = { { .kind = SQL_PART_TEXT, .text = halves.before },
                            secret,
                            { .kind = SQL_PART_TEXT, .text = halves.after } };
    SqlPart *parts = ARENA_NEW_ARRAY(arena, SqlPart, G_N_ELEMENTS(all));
    SqlStatement *statement = ARENA_NEW(arena, SqlStatement);

    for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
        parts[i] = all[i];
    *statement = (SqlStatement){ .parts = parts, .count = G_N_ELEMENTS(all) };
    return statement;
}

bool
sql_statement_has_secret(const SqlStatement *statement)
{
    for (size_t i = 0; i < statement->count; i++) {
        if (statement->parts[i].kind != SQL_PART_TEXT)
            return true;
    }
    return false;
}

typedef const char *PartText(Arena *arena, const SqlPart *part);

static const char *
shown_text(Arena *arena, const SqlPart *part)
{
    (void)arena;
    return part->kind == SQL_PART_TEXT ? part->text : "<secret>";
}

static const char *
text_to_run(Arena *arena, const SqlPart *part)
{
    return part->kind == SQL_PART_DEFERRED
               ? sql_literal(arena, deferred_verifier_wait(part->deferred))
               : part->text;
}

static const char *
join(Arena *arena, const SqlStatement *statement, PartText *text_of)
{
    g_autoptr(GString) out = NULL;

    /* Most statements are one part, and a plan may have a million of them: no copy is made. */
    if (statement->count == 1)
        return text_of(arena, &statement->parts[0]);
    out = g_string_new(NULL);
    for (size_t i = 0; i < statement->count; i++)
        g_string_append(out, text_of(arena, &statement->parts[i]));
    return arena_strdup(arena, out->str);
}

/*
 * The one way in which statements reach output: a secret is replaced before anybody can print it.
 */
const char *
sql_statement_shown(Arena *arena, const SqlStatement *statement)
{
    return join(arena, statement, shown_text);
}

const char *
sql_statement_to_run(Arena *arena, const SqlStatement *statement)
{
    return join(arena, statement, text_to_run);
}
