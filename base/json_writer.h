/*
 * JsonWriter: writes JSON as a stream into a GString, two spaces per level. Keys are given inside
 * objects and NULL inside arrays and at the top. Text that is not valid UTF-8 is written with
 * replacement characters, so the output always parses.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define JSON_DEPTH_MAX 32

typedef struct JsonWriter {
    GString *out;
    unsigned depth;
    bool has_items[JSON_DEPTH_MAX];
    bool is_line; /* no indentation */
} JsonWriter;

void json_writer_init(JsonWriter *json, GString *out);
/* The document is one line. */
void json_writer_init_line(JsonWriter *json, GString *out);
void json_begin_object(JsonWriter *json, const char *key);
void json_end_object(JsonWriter *json);
void json_begin_array(JsonWriter *json, const char *key);
void json_end_array(JsonWriter *json);
/* value NULL writes null. */
void json_write_string(JsonWriter *json, const char *key, const char *value);
void json_write_int(JsonWriter *json, const char *key, int64_t value);
void json_write_bool(JsonWriter *json, const char *key, bool value);
void json_write_null(JsonWriter *json, const char *key);
