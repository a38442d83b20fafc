/* Which identifiers the server would quote: PostgreSQL's own grammar knows the keywords. */
#include <pg_query.h>
#include <string.h>

#include "base/doubled_quotes.h"
#include "inventory/sql/sql_fragment.h"

/*
 * quote_identifier() leaves alone what looks like an identifier and is not a keyword, or an
 * unreserved one: exactly the words that may stand both where the grammar takes a column's name and
 * where it takes a function's.
 */
static bool
needs_quotes(const char *identifier)
{
    g_autofree char *sql = NULL;
    PgQueryParseResult result;
    bool refused = false;

    if (!g_ascii_islower(*identifier) && *identifier != '_')
        return true;
    for (const char *at = identifier; *at != '\0'; at++) {
        if (!g_ascii_islower(*at) && !g_ascii_isdigit(*at) && *at != '_')
            return true;
    }
    sql = g_strdup_printf("CREATE TABLE %s (); CREATE FUNCTION %s() RETURNS int", identifier,
                          identifier);
    result = pg_query_parse(sql);
    refused = result.error != NULL;
    pg_query_free_parse_result(result);
    return refused;
}

/*
 * The server's own rule, because pg_db_role_setting contains identifiers in the server's spelling.
 */
const char *
sql_quote_identifier(Arena *arena, const char *identifier)
{
    g_autoptr(GString) quoted = NULL;

    if (!needs_quotes(identifier))
        return arena_strdup(arena, identifier);
    quoted = g_string_new(NULL);
    doubled_quotes_append(quoted, identifier, '"');
    return arena_strdup(arena, quoted->str);
}
