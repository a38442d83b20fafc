/*
 * YamlWriter: writes one YAML document into a GString, through libyaml's emitter. Keys are given
 * inside mappings and NULL inside lists and at the top, as for JsonWriter. A text is written plain
 * only where every YAML 1.1 reader takes it for a text, so that `no` or 1.10 come back as written.
 *
 *     g_autoptr(YamlWriter) yaml = yaml_writer_new(out);
 *
 *     yaml_begin_mapping(yaml, NULL, YAML_BLOCK);
 *     yaml_write_text(yaml, "name", "app");
 *     yaml_end_mapping(yaml);
 *     if (!yaml_writer_finish(yaml))
 *         ... a text was not valid UTF-8
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct YamlWriter YamlWriter;

/* How a list or mapping is laid out: an entry a line, or all of it on one line. */
typedef enum YamlStyle {
    YAML_BLOCK,
    YAML_FLOW,
} YamlStyle;

YamlWriter *yaml_writer_new(GString *out);
void yaml_writer_free(YamlWriter *yaml);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(YamlWriter, yaml_writer_free)

void yaml_begin_mapping(YamlWriter *yaml, const char *key, YamlStyle style);
void yaml_end_mapping(YamlWriter *yaml);
void yaml_begin_list(YamlWriter *yaml, const char *key, YamlStyle style);
void yaml_end_list(YamlWriter *yaml);
/* value NULL writes null. */
void yaml_write_text(YamlWriter *yaml, const char *key, const char *value);
void yaml_write_int(YamlWriter *yaml, const char *key, int64_t value);
void yaml_write_bool(YamlWriter *yaml, const char *key, bool value);
/* Ends the document. False where a text was not valid UTF-8: then what was written is of no use. */
bool yaml_writer_finish(YamlWriter *yaml);
