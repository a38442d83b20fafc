/*
 * StateText: an AccessState as a YAML document that a person reads, edits and compares by lines:
 * what `snapshot` writes, what `plan --state` reads instead of asking a server, and what golden
 * plan cases start from. docs/reference/state.md describes the format.
 *
 *     StateText text = { .state = access_state_new(arena), .timestamps = g_hash_table_new(...) };
 *
 *     if (!state_text_read(arena, "app.state.yml", findings, &text))
 *         ... findings has an error, with its place in the file
 *
 * What the server prints stays as it prints it (an ACL is the text of its aclitem[]), so that
 * reading what was written gives the same state, entry by entry and in the same order. No secret
 * is ever written: a verifier is its kind and a digest.
 */
#pragma once

#include "base/finding.h"
#include "roles/state/access_state.h"

#define STATE_TEXT_FORMAT 1
/* In a folder of states each is called CLUSTER.state.yml. */
#define STATE_FILE_SUFFIX ".state.yml"

typedef struct StateText {
    const char *cluster; /* NULL: the file does not say */
    SourcePos cluster_pos;
    const char *server_version;    /* as the server prints it: "16.4" */
    const char *system_identifier; /* NULL: the session may not read it, or the file has none */
    const char *time_zone;         /* the server's; NULL: UTC */
    AccessState *state;
    /* Text of a timestamp, as an inventory has it -> double *, seconds since 1970. */
    GHashTable *timestamps;
    /* const char, lower case: parameters that the session was found to be allowed to set. */
    List open_parameters;
    bool has_system_identifier; /* the file has the key, be it null */
} StateText;

/* Appends the document; false where a name or text of the server is not valid UTF-8. */
bool state_text_write(const StateText *text, GString *out);
/*
 * Reads the file into ret_text->state, which must be new, and ->timestamps. Messages on ACLs with
 * letters of a newer server are warnings, everything else that is wrong is an error: false after
 * one.
 */
bool state_text_read(Arena *arena, const char *path, Findings *findings, StateText *ret_text);
/* The same from bytes; `file` is what positions say. */
bool state_text_parse(Arena *arena, const char *file, const char *bytes, size_t length,
                      Findings *findings, StateText *ret_text);
/*
 * The seconds since 1970 that a timestamp of an inventory means: as the file says; else, in the ISO
 * forms, by its time zone. False where neither tells.
 */
bool state_text_timestamp(const StateText *text, const char *timestamp, double *ret_seconds);
