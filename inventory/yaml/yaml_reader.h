/*
 * Reads one YAML document into nodes. The whole file is followed as far as it can be; a file that
 * cannot be followed gives one finding and no tree. Nesting, size and aliases have limits, so that
 * hostile files end soon: 64 levels, 64 MiB, aliases that stand for a million values.
 */
#pragma once

#include "inventory/yaml/node.h"

#define YAML_DEPTH_MAX ((unsigned)64)
#define YAML_FILE_MAX  ((size_t)64 * 1024 * 1024)
#define YAML_ALIAS_MAX ((uint32_t)1000000)

/* NULL after a finding; null for a file without a value. `source`: the file's name as positions say
 * it, and whose words they are; its line and column play no part. */
const Node *yaml_read_bytes(Arena *arena, SourcePos source, const char *bytes, size_t length,
                            Findings *findings);
/* The same for bytes that were encrypted: every scalar is NODE_SECRET. */
const Node *yaml_read_secret_bytes(Arena *arena, SourcePos source, const char *bytes, size_t length,
                                   Findings *findings);
/* The bytes of the file at path (free with g_free()); false after a finding. */
bool yaml_read_file_bytes(const char *path, Findings *findings, char **ret_bytes,
                          size_t *ret_length);
/* Reads the file at path. */
const Node *yaml_read_file(Arena *arena, const char *path, Findings *findings);
