/*
 * What the forms of a plan that people read have in common: its sections, the counts in words, the
 * place that asked for a step.
 */
#pragma once

#include "provisioner/plan/plan.h"

/* Steps of one place: cluster-wide, in databases, or files on disk. */
typedef struct PlanSection {
    List steps;     /* const Step */
    List databases; /* const char; empty: cluster-wide, or on disk */
    bool is_on_disk;
} PlanSection;

/*
 * In the order of the plan (PlanSection, the arena's). Databases one after the other for which the
 * very same is done are one section, with the steps of the first.
 */
List plan_sections(Arena *arena, const List *steps);
/* Whether both stand under the same heading. */
bool plan_same_phase(const Step *a, const Step *b);
/* "2 to create, 1 to revoke", or "no changes". */
void plan_append_counts(GString *out, PlanCounts counts);
/*
 * "file:line", made safe for a terminal; "nothing declares it" for what is taken because of that;
 * nothing where there is no file.
 */
void plan_append_place(GString *out, SourcePos place);
/* "10.0.0.1:5432", or the folder of a socket and the port; NULL without a server. */
char *plan_server_address(const ServerIdentity *server);
