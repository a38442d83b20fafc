/*
 * What Patroni answers, read from JSON. A file of its own because jansson and base/json_writer.h
 * both have a json_string and a json_null.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/list.h"

/* What the dynamic configuration says that matters here. */
typedef struct PatroniConfig {
    bool has_rules; /* there is a list postgresql.pg_hba */
    List lines;     /* const char: its lines */
    int loop_wait;  /* seconds: after so long a member has looked at the configuration again */
} PatroniConfig;

/* The role in the answer to GET /patroni; NULL when there is none. */
const char *patroni_json_role(Arena *arena, const GString *text);
/* The answer to GET /config; false when it is not a configuration, or the list is not one of texts.
 */
bool patroni_json_config(Arena *arena, const GString *text, PatroniConfig *ret_config);
