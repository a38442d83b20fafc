/*
 * HbaRenderings: the HBA rules of every instance of a run, expanded once, and rendered by one path:
 * for the findings of `validate`, for `render`, for what the `hba` commands look at, and for what
 * plan compares and apply installs. What instances share is expanded and rendered once for all.
 *
 *     g_autoptr(HbaRenderings) renderings = hba_renderings_new(findings);
 *
 *     hba_renderings_check(renderings, inventory);
 *     if (!findings_has_errors(findings))
 *         ... hba_renderings_make(renderings, instance, instance->role, &rendering, &error)
 *
 * It has an arena of its own, so it may be used by several threads; `findings` only by the one that
 * calls hba_renderings_check() or asks for a role that is not the inventory's.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/finding.h"
#include "base/list.h"
#include "hba/syntax/rule.h"
#include "inventory/model/inventory.h"

/* What the HBA file of one instance is to be, under the role that counts for it (hba_role.h). */
typedef struct HbaRendering {
    PgRole role;
    List rules;        /* HbaRule: those that are on, in order */
    List lines;        /* const char: the same as lines of the file, nothing else */
    const char *bytes; /* the whole file, comments included */
    size_t length;
} HbaRendering;

typedef struct HbaRenderings HbaRenderings;

/* What is wrong with rules goes to findings, when they are expanded first. */
HbaRenderings *hba_renderings_new(Findings *findings);
void hba_renderings_free(HbaRenderings *renderings);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HbaRenderings, hba_renderings_free)

/* Expands the rules of both programs for every instance. */
void hba_renderings_check(HbaRenderings *renderings, const Inventory *inventory);
/* The rules of the instance that are on, in order: HbaRule. */
List hba_renderings_rules(HbaRenderings *renderings, const Instance *instance, HbaProgram program);
/*
 * Appends the instance's file for the program. Rules with errors must not be rendered. False with
 * PGCHARTER_ERROR_SAFETY where the text does not read back as the rules it was made from.
 */
bool hba_renderings_append(HbaRenderings *renderings, const Instance *instance, HbaProgram program,
                           GString *out, GError **error);
/* PostgreSQL's file as if the instance had that role; the same rendering each time. Errors as
 * above. */
bool hba_renderings_make(HbaRenderings *renderings, const Instance *instance, PgRole role,
                         HbaRendering *ret_rendering, GError **error);

/* The lines of a file that are neither blank nor a comment, without blanks at both ends. */
List hba_file_rule_lines(Arena *arena, const char *bytes);
/* The first line in which two lists differ; the length of both when they do not. */
size_t hba_lines_differ_at(const List *a, const List *b);
bool hba_lines_equal(const List *a, const List *b);
