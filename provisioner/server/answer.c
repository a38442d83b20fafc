/* Columns, NULLs and values are checked once, so that readers of rows need not. */
#include "provisioner/server/answer.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "inventory/model/grant.h"
#include "templates.h"

static bool
is_bool(const char *text)
{
    return strcmp(text, "t") == 0 || strcmp(text, "f") == 0;
}

static bool
is_integer(const char *text)
{
    char *end = NULL;

    errno = 0;
    g_ascii_strtoll(text, &end, 10);
    return (*text == '-' || g_ascii_isdigit(*text)) && *end == '\0' && errno == 0;
}

/* float8 also prints Infinity and NaN. */
static bool
is_number(const char *text)
{
    char *end = NULL;

    g_ascii_strtod(text, &end);
    return end != text && *end == '\0';
}

static bool
is_hex(const char *text)
{
    return strspn(text, "0123456789abcdef") == strlen(text) && strlen(text) % 2 == 0;
}

/* Keywords of SQL, which enter statements as they are. */
static bool
is_keywords(const char *text)
{
    return *text != '\0' && strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ, ") == strlen(text);
}

static bool
is_kind(const char *text)
{
    bool is_plural = false;

    return grant_kind_from_word(text, &is_plural) != GRANT_KIND_COUNT && !is_plural;
}

typedef struct ValueType {
    const char *word;
    const char *noun;
    bool (*accepts)(const char *text);
} ValueType;

static const ValueType value_types[] = {
    { "bool", "a boolean", is_bool },
    { "integer", "an integer", is_integer },
    { "number", "a number", is_number },
    { "hex", "hexadecimal digits", is_hex },
    { "kind", "a kind of object", is_kind },
    { "keywords", "keywords of SQL", is_keywords },
    { "signature", "the signature of a function", sql_is_signature },
};

/* "name", "name type", either with a question mark. */
typedef struct Column {
    char *name;
    const ValueType *type; /* NULL: text */
    bool may_be_null;
} Column;

static void
clear_column(Column *column)
{
    g_free(column->name);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Column, clear_column)

static const ValueType *
type_of_word(const char *word)
{
    for (size_t i = 0; i < G_N_ELEMENTS(value_types); i++) {
        if (strcmp(value_types[i].word, word) == 0)
            return &value_types[i];
    }
    g_error("a query promises a column of the unknown type %s", word);
}

static Column
read_column(const char *words)
{
    g_autofree char *text = g_strstrip(g_strdup(words));
    size_t length = strlen(text);
    Column column = { 0 };
    char *blank = NULL;

    if (length > 0 && text[length - 1] == '?') {
        column.may_be_null = true;
        text[length - 1] = '\0';
    }
    blank = strchr(text, ' ');
    if (blank != NULL) {
        *blank = '\0';
        column.type = type_of_word(blank + 1);
    }
    column.name = g_steal_pointer(&text);
    return column;
}

typedef struct Answer {
    const char *label;
    PGresult *result;
    GError **error;
} Answer;

/* The value itself is not quoted: a verifier may be in the wrong column. */
static bool refuse(const Answer *answer, const char *format, ...) G_GNUC_PRINTF(2, 3);

static bool
refuse(const Answer *answer, const char *format, ...)
{
    g_autofree char *reason = NULL;
    va_list arguments;

    va_start(arguments, format);
    reason = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_set_error(answer->error, PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD,
                "%s: the server does not answer as PostgreSQL does: %s", answer->label, reason);
    return false;
}

#define REPLACEMENT_CHARACTER "\xef\xbf\xbd"

/* Readers print, compare and measure texts as UTF-8, so nothing else may reach them. */
static bool
make_valid(const Answer *answer, int row, int index)
{
    const char *text = PQgetvalue(answer->result, row, index);
    g_autofree char *valid = NULL;

    if (g_utf8_validate(text, -1, NULL))
        return true;
    valid = g_utf8_make_valid(text, -1);
    return PQsetvalue(answer->result, row, index, valid, (int)strlen(valid)) == 1 ||
           refuse(answer, "out of memory");
}

bool
answer_is_exact(const char *text)
{
    return text == NULL || strstr(text, REPLACEMENT_CHARACTER) == NULL;
}

static bool
check_column(const Answer *answer, const Column *column)
{
    int index = PQfnumber(answer->result, column->name);

    if (index < 0)
        return refuse(answer, "the column \"%s\" is missing", column->name);
    for (int row = 0; row < PQntuples(answer->result); row++) {
        bool is_null = PQgetisnull(answer->result, row, index) == 1;

        if (is_null && !column->may_be_null)
            return refuse(answer, "the column \"%s\" is NULL", column->name);
        if (!is_null && column->type == NULL && !make_valid(answer, row, index))
            return false;
        if (!is_null && column->type != NULL &&
            !column->type->accepts(PQgetvalue(answer->result, row, index)))
            return refuse(answer, "the column \"%s\" is not %s", column->name, column->type->noun);
    }
    return true;
}

static bool
check_columns(const Answer *answer, const char *words)
{
    g_auto(GStrv) each = g_strsplit(words, ",", -1);

    for (char **one = each; *one != NULL; one++) {
        g_auto(Column) column = read_column(*one);

        /* A line that goes on ends with a comma. */
        if (*column.name != '\0' && !check_column(answer, &column))
            return false;
    }
    return true;
}

/* One line of a head, without its dashes; other lines are for the reader. */
static bool
check_line(const Answer *answer, const char *line)
{
    bool is_one = g_str_has_prefix(line, "row: ");

    if (!is_one && !g_str_has_prefix(line, "rows: "))
        return true;
    if (is_one && PQntuples(answer->result) != 1)
        return refuse(answer, "%d rows instead of one", PQntuples(answer->result));
    return check_columns(answer, strchr(line, ' '));
}

bool
answer_check(PGresult *result, const char *head, const char *label, GError **error)
{
    const Answer answer = { .label = label, .result = result, .error = error };
    g_auto(GStrv) lines = g_strsplit(head, "\n", -1);

    for (char **line = lines; *line != NULL; line++) {
        if (!check_line(&answer, *line))
            return false;
    }
    return true;
}

/* The comment at the head of a template, without dashes. */
static char *
head_of(const char *path)
{
    GString *head = g_string_new(NULL);

    for (const char *at = template_text(path); g_str_has_prefix(at, "-- ");) {
        size_t length = strcspn(at, "\n");

        g_string_append_len(head, at + 3, (gssize)length - 3);
        g_string_append_c(head, '\n');
        at += length + 1;
    }
    return g_string_free(head, FALSE);
}

bool
answer_check_query(PGresult *result, const char *path, const char *label, GError **error)
{
    g_autofree char *head = head_of(path);

    g_assert(g_strstr_len(head, -1, "row") != NULL);
    return answer_check(result, head, label, error);
}

PGresult *
answer_query(Session *session, const char *sql, const char *head, GError **error)
{
    g_autoptr(PGresult) result = session_query(session, sql, error);

    if (result == NULL || !answer_check(result, head, session->label, error))
        return NULL;
    return g_steal_pointer(&result);
}

PGresult *
answer_ask(Arena *arena, Session *session, const char *path, const SqlValue *values, GError **error)
{
    static const SqlValue no_values[] = { { 0 } };
    const char *sql = sql_render(arena, path, values != NULL ? values : no_values);
    g_autoptr(PGresult) result = session_query(session, sql, error);

    if (result == NULL || !answer_check_query(result, path, session->label, error))
        return NULL;
    return g_steal_pointer(&result);
}
