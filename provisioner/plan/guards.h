/*
 * Guards: the safety rules that count people (docs/reference/plan.md). A plan shows what it would
 * do and says which rule apply will refuse it by; the rules never hide the plan.
 */
#pragma once

#include "provisioner/plan/target.h"
#include "roles/state/access_state.h"

typedef struct Guards {
    Arena *arena;
    const Cluster *cluster;
    const AccessState *state;
    TargetPlan *plan;    /* its notes, and what it is refused for */
    unsigned flags;      /* TargetFlags */
    NameIdVector logins; /* who could log in before the plan: guards_begin() */
} Guards;

/* Before the diff moves the state: takes who can log in, and asks whether this is the right
 * server. */
void guards_begin(Guards *guards);
/* Between diff_begin() and diff_finish(): whether too many lose CONNECT on a database or USAGE on a
 * schema. */
void guards_check_access(const Guards *guards);
/* Whether too many lose their LOGIN by these changes. */
void guards_check_logins(const Guards *guards, const List *changes);
/* Whether so many of the login roles are a mass: at least two, more than 20 % and, of ten or more,
 * more than five. */
bool guards_is_mass(size_t removed, size_t of);
/* Adds a refusal to the plan: a warning with the message, and the sentence that apply ends with,
 * which names the option that would allow it. */
void guards_refuse(Arena *arena, TargetPlan *plan, const FindingKind *kind, const char *option,
                   const char *message);
