/*
 * Facts: what a server has of everything that a plan may speak of, as texts that can be saved and
 * compared: attributes, settings, memberships, owners, privileges. A saved plan keeps the facts
 * that its steps start from, so that apply can say which of them have changed, and how.
 *
 *     facts = facts_new(arena, state);             before diff_begin() moves the state
 *     facts_add_objects(facts);                    when the names of objects were read
 *     facts_of_change(facts, change, &starts_from);
 *     facts_find(facts, fact->database, fact->subject);
 *
 * A comment, a setting and what may be kept of a password stand as digests (precondition.h).
 */
#pragma once

#include "base/arena.h"
#include "base/list.h"
#include "roles/change/change.h"
#include "roles/state/access_state.h"

/* What is known of one thing; both texts NULL: it is not there. */
typedef struct Fact {
    const char *database; /* in which it lies; NULL: cluster-wide */
    const char *subject;  /* table "sales"."t01" */
    const char *state;    /* OWNER "a", CONNECTION LIMIT 5; NULL: it has none, or is not there */
    const char *acl;      /* as the server prints it, entries in an order of ours; NULL: none */
} Fact;

typedef struct Facts Facts;

/* Both must outlive the facts, which are the arena's. */
Facts *facts_new(Arena *arena, const AccessState *state);
void facts_free(Facts *facts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Facts, facts_free)

/* Of the objects whose names are known by now. */
void facts_add_objects(Facts *facts);
/*
 * Appends the facts that the change is about (Fact), also those of what is not there, and sorts the
 * list by their subjects.
 */
void facts_of_change(const Facts *facts, const Change *change, List *into);
/* NULL: it is not there, or not known. */
const Fact *facts_find(const Facts *facts, const char *database, const char *subject);
/*
 * Whether some of `wanted` (Fact), of which nothing is known yet, may be objects of the group: then
 * its names have to be read to tell.
 */
bool facts_may_be_in(const Facts *facts, const List *wanted, const StateDatabase *database,
                     const ObjectGroup *group);

/* The name in a subject, as SQL has it: "sales"."t01" (the arena's); NULL: there is none. */
const char *fact_name(Arena *arena, const char *subject);
/*
 * How one became the other, as what may follow the subject (const char): `: "judy" now has SELECT
 * (granted by "postgres")`, ` is gone`.
 */
List fact_differences(Arena *arena, const Fact *before, const Fact *after);
