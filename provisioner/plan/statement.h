/* The SQL of one change. */
#pragma once

#include "base/arena.h"
#include "base/list.h"
#include "base/names.h"
#include "provisioner/plan/acting_roles.h"
#include "provisioner/plan/old_values.h"
#include "provisioner/plan/sql_statement.h"
#include "roles/change/change.h"

typedef enum StatementLength {
    STATEMENT_WHOLE,
    STATEMENT_BRIEF, /* for people: of many objects the first few */
} StatementLength;

typedef struct StatementContext {
    Arena *arena;
    const Names *names;
    NameId session_role; /* NAME_NONE: not known */
    int major_version;
    const char *set_role;            /* the role that statements run as; NULL: whoever connected */
    const ActingRoles *acting_roles; /* NULL: SET ROLE needs nothing */
    const OldValues *old;            /* what is changed, as it was before; NULL: not known */
} StatementContext;

/* The objects that a change names one by one, as SQL (const char), in the order of their names. */
List statement_objects(const StatementContext *context, const Change *change);
/*
 * SqlStatement, to be run one after the other; without semicolons. `objects` is what
 * statement_objects() gives.
 */
List statement_render(const StatementContext *context, const Change *change, List objects,
                      StatementLength length);
/* Whether a brief statement would be another than the whole one. */
bool statement_is_long(const Change *change);
