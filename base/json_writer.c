/* Streaming JSON. */
#include "base/json_writer.h"

#include <inttypes.h>

#include "base/printable.h"

void
json_writer_init(JsonWriter *json, GString *out)
{
    *json = (JsonWriter){ .out = out };
}

void
json_writer_init_line(JsonWriter *json, GString *out)
{
    *json = (JsonWriter){ .out = out, .is_line = true };
}

/*
 * Bytes that are not UTF-8 are replaced, because JSON has no other encoding (RFC 8259, section
 * 8.1). What a terminal would act on is escaped although JSON does not demand it: the output is
 * often read in one.
 */
static void
append_quoted(GString *out, const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);

    g_string_append_c(out, '"');
    for (const char *at = valid; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar character = g_utf8_get_char(at);

        if (character == '"' || character == '\\')
            g_string_append_printf(out, "\\%c", *at);
        else if (character == '\n')
            g_string_append(out, "\\n");
        else if (character == '\t')
            g_string_append(out, "\\t");
        else if (printable_is_hidden(character))
            g_string_append_printf(out, "\\u%04x", character);
        else
            g_string_append_unichar(out, character);
    }
    g_string_append_c(out, '"');
}

/* Two blanks a level, so that a saved plan can be reviewed as a diff. */
static void
indent(JsonWriter *json)
{
    g_string_append_c(json->out, '\n');
    for (unsigned i = 0; i < json->depth; i++)
        g_string_append(json->out, "  ");
}

/* Commas come before values, so that nobody has to know which value is the last. */
static void
begin_value(JsonWriter *json, const char *key)
{
    if (json->depth > 0) {
        bool is_first = !json->has_items[json->depth];

        if (!is_first)
            g_string_append_c(json->out, ',');
        json->has_items[json->depth] = true;
        if (!json->is_line)
            indent(json);
        else if (!is_first)
            g_string_append_c(json->out, ' ');
    }
    if (key != NULL) {
        append_quoted(json->out, key);
        g_string_append(json->out, ": ");
    }
}

static void
begin_collection(JsonWriter *json, const char *key, char bracket)
{
    begin_value(json, key);
    g_string_append_c(json->out, bracket);
    json->depth++;
    g_assert(json->depth < JSON_DEPTH_MAX);
    json->has_items[json->depth] = false;
}

/* The document ends with a newline, as text files do. */
static void
end_collection(JsonWriter *json, char bracket)
{
    bool had_items = json->has_items[json->depth];

    json->depth--;
    if (had_items && !json->is_line)
        indent(json);
    g_string_append_c(json->out, bracket);
    if (json->depth == 0)
        g_string_append_c(json->out, '\n');
}

void
json_begin_object(JsonWriter *json, const char *key)
{
    begin_collection(json, key, '{');
}

void
json_end_object(JsonWriter *json)
{
    end_collection(json, '}');
}

void
json_begin_array(JsonWriter *json, const char *key)
{
    begin_collection(json, key, '[');
}

void
json_end_array(JsonWriter *json)
{
    end_collection(json, ']');
}

/*
 * NULL is JSON's null: a missing place or hint is said explicitly, so that consumers see one shape.
 */
void
json_write_string(JsonWriter *json, const char *key, const char *value)
{
    begin_value(json, key);
    if (value == NULL)
        g_string_append(json->out, "null");
    else
        append_quoted(json->out, value);
}

void
json_write_int(JsonWriter *json, const char *key, int64_t value)
{
    begin_value(json, key);
    g_string_append_printf(json->out, "%" PRId64, value);
}

void
json_write_bool(JsonWriter *json, const char *key, bool value)
{
    begin_value(json, key);
    g_string_append(json->out, value ? "true" : "false");
}

void
json_write_null(JsonWriter *json, const char *key)
{
    begin_value(json, key);
    g_string_append(json->out, "null");
}
