/* SkippedSteps: what the policy asks for and the session role may not do, in one note for each kind
 * of change and reason. */
#pragma once

#include "roles/permission/authority.h"

typedef struct SkippedSteps SkippedSteps;

/* Texts go into the arena. */
SkippedSteps *skipped_new(Arena *arena, const Names *names);
void skipped_free(SkippedSteps *skipped);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkippedSteps, skipped_free)

void skipped_add(SkippedSteps *skipped, const Change *change, const Refusal *refusal);
/* Whether CREATE ROLE of that role was skipped: what names it is skipped without another note. */
bool skipped_has_role(const SkippedSteps *skipped, NameId role);
/* The same of CREATE SCHEMA, in some database: those that are made of it lack the schema, too. */
bool skipped_has_schema(const SkippedSteps *skipped, NameId schema);
void skipped_report(const SkippedSteps *skipped, Findings *notes);
