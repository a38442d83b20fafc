/*
 * The text of pg_hba.conf and of PgBouncer's HBA file. It depends on nothing but the instance's
 * inventory, its policy and the versions: no time, no host of the machine that renders.
 *
 * Law: read back by the program's own tokenizer the text gives exactly the rules it was made from,
 * whatever the names in them. Every run of groups is read back when it is rendered first.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "base/arena.h"
#include "hba/expand/expand.h"
#include "hba/syntax/rule.h"

typedef struct HbaRenderer HbaRenderer;

/* Remembers the text of runs of groups, which instances of a fleet share. */
HbaRenderer *hba_renderer_new(Arena *arena);
void hba_renderer_free(HbaRenderer *renderer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HbaRenderer, hba_renderer_free)

/*
 * Appends the whole file. rules are what hba_expand() gave, without errors. FALSE with
 * PGCHARTER_ERROR_SAFETY when the law does not hold: then nothing may be written.
 */
bool hba_render(HbaRenderer *renderer, const Instance *instance, HbaProgram program,
                const HbaRules *rules, GString *out, GError **error);

/*
 * Reads text back and compares it with the groups: the rules that are on, in order and nothing
 * else, and no line of those that are off. version is PostgreSQL's major.
 */
bool hba_render_verify(HbaProgram program, int version, const List *groups, const char *text,
                       GError **error);
