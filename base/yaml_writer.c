/* libyaml's emitter, fed event by event. */
#include "base/yaml_writer.h"

#include <string.h>
#include <yaml.h>

struct YamlWriter {
    yaml_emitter_t emitter;
    bool failed;
};

static int
append_bytes(void *data, unsigned char *bytes, size_t size)
{
    g_string_append_len(data, (const char *)bytes, (gssize)size);
    return 1;
}

/*
 * libyaml takes the event over whether it succeeds or not. An emitter that has failed must not be
 * given more, or it would read a state that it never reached.
 */
static void
emit(YamlWriter *yaml, yaml_event_t *event, int was_made)
{
    if (yaml->failed || !was_made) {
        if (was_made)
            yaml_event_delete(event);
        yaml->failed = true;
        return;
    }
    yaml->failed = yaml_emitter_emit(&yaml->emitter, event) == 0;
}

YamlWriter *
yaml_writer_new(GString *out)
{
    YamlWriter *yaml = g_new0(YamlWriter, 1);
    yaml_event_t event;

    g_assert(yaml_emitter_initialize(&yaml->emitter) != 0);
    yaml_emitter_set_output(&yaml->emitter, append_bytes, out);
    /* Without this every letter beyond ASCII would be an escape that nobody can read. */
    yaml_emitter_set_unicode(&yaml->emitter, 1);
    /* No folding: a line that moves because its neighbour grew makes diffs that say nothing. */
    yaml_emitter_set_width(&yaml->emitter, -1);
    emit(yaml, &event, yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING));
    emit(yaml, &event, yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1));
    return yaml;
}

void
yaml_writer_free(YamlWriter *yaml)
{
    if (yaml == NULL)
        return;
    yaml_emitter_delete(&yaml->emitter);
    g_free(yaml);
}

static void
emit_scalar(YamlWriter *yaml, const char *text, size_t length, yaml_scalar_style_t style)
{
    yaml_event_t event;

    emit(yaml, &event,
         yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)text, (int)length, 1,
                                      1, style));
}

/* What a YAML 1.1 reader (PyYAML, and so Ansible) takes for a boolean or for null. */
static bool
is_reserved_word(const char *text)
{
    static const char *const words[] = { "y",     "n",  "yes", "no",   "true",
                                         "false", "on", "off", "null", NULL };
    g_autofree char *lower = g_ascii_strdown(text, -1);

    return g_strv_contains(words, lower);
}

/*
 * Plain only from a letter, an underscore or a dollar on: numbers, dates, signs and `=` and `<<`
 * begin otherwise. What else forbids a plain scalar (": ", " #", a trailing blank) libyaml knows.
 * Control characters go into double quotes, where they are escapes: a line break inside single
 * quotes would be folded.
 */
static yaml_scalar_style_t
style_of(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            return YAML_DOUBLE_QUOTED_SCALAR_STYLE;
    }
    if ((g_ascii_isalpha(*text) || *text == '_' || *text == '$') && !is_reserved_word(text))
        return YAML_PLAIN_SCALAR_STYLE;
    return YAML_SINGLE_QUOTED_SCALAR_STYLE;
}

static void
emit_text(YamlWriter *yaml, const char *text)
{
    size_t length = strlen(text);

    /* The server keeps names in the database's encoding, and SQL_ASCII checks none. */
    if (!g_utf8_validate(text, (gssize)length, NULL)) {
        yaml->failed = true;
        return;
    }
    emit_scalar(yaml, text, length, style_of(text, length));
}

static void
emit_key(YamlWriter *yaml, const char *key)
{
    if (key != NULL)
        emit_text(yaml, key);
}

void
yaml_begin_mapping(YamlWriter *yaml, const char *key, YamlStyle style)
{
    yaml_event_t event;

    emit_key(yaml, key);
    emit(yaml, &event,
         yaml_mapping_start_event_initialize(&event, NULL, NULL, 1,
                                             style == YAML_FLOW ? YAML_FLOW_MAPPING_STYLE
                                                                : YAML_BLOCK_MAPPING_STYLE));
}

void
yaml_end_mapping(YamlWriter *yaml)
{
    yaml_event_t event;

    emit(yaml, &event, yaml_mapping_end_event_initialize(&event));
}

void
yaml_begin_list(YamlWriter *yaml, const char *key, YamlStyle style)
{
    yaml_event_t event;

    emit_key(yaml, key);
    emit(yaml, &event,
         yaml_sequence_start_event_initialize(&event, NULL, NULL, 1,
                                              style == YAML_FLOW ? YAML_FLOW_SEQUENCE_STYLE
                                                                 : YAML_BLOCK_SEQUENCE_STYLE));
}

void
yaml_end_list(YamlWriter *yaml)
{
    yaml_event_t event;

    emit(yaml, &event, yaml_sequence_end_event_initialize(&event));
}

void
yaml_write_text(YamlWriter *yaml, const char *key, const char *value)
{
    emit_key(yaml, key);
    if (value == NULL)
        emit_scalar(yaml, "null", strlen("null"), YAML_PLAIN_SCALAR_STYLE);
    else
        emit_text(yaml, value);
}

void
yaml_write_int(YamlWriter *yaml, const char *key, int64_t value)
{
    g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, (gint64)value);

    emit_key(yaml, key);
    emit_scalar(yaml, text, strlen(text), YAML_PLAIN_SCALAR_STYLE);
}

void
yaml_write_bool(YamlWriter *yaml, const char *key, bool value)
{
    const char *text = value ? "true" : "false";

    emit_key(yaml, key);
    emit_scalar(yaml, text, strlen(text), YAML_PLAIN_SCALAR_STYLE);
}

bool
yaml_writer_finish(YamlWriter *yaml)
{
    yaml_event_t event;

    emit(yaml, &event, yaml_document_end_event_initialize(&event, 1));
    emit(yaml, &event, yaml_stream_end_event_initialize(&event));
    return !yaml->failed;
}
