/*
 * SavedPlan: what `plan -o FILE` keeps for `apply FILE`: the documented JSON of the plan, what it
 * was made from (the inventory's sum, the options, what each step rests on) and a checksum over all
 * of it. Nothing of the file is ever run: apply makes the plan again and runs it only where it is
 * the same. A secret is never in the file, and neither is anything that it could be guessed from.
 */
#pragma once

#include "inventory/tree/file_digest.h"
#include "provisioner/plan/plan.h"

#define SAVED_PLAN_FORMAT   1
#define SAVED_PLAN_SIZE_MAX ((size_t)64 * 1024 * 1024)

typedef struct SavedOption {
    const char *name;
    bool value;
} SavedOption;

typedef struct SavedPlan {
    const char *path;
    const char *mode; /* --mode; NULL: not given */
    List options;     /* SavedOption */
    List files;       /* FileDigest */
    Plan plan;        /* as it was shown (saved_plan_targets.h); not used for writing */
} SavedPlan;

/* What a file is read for: a plan without a server can be looked at and not be applied. */
typedef enum SavedPlanUse {
    SAVED_PLAN_TO_SHOW,
    SAVED_PLAN_TO_APPLY,
} SavedPlanUse;

/* The bytes of the file; `origin` says mode, options and files. */
void saved_plan_render(Arena *arena, const Plan *plan, const SavedPlan *origin, GString *out);
/*
 * NULL with an error (PGCHARTER_ERROR_WORLD) where the file cannot be read, and after a finding
 * with its place where it is not a saved plan, damaged, changed by hand or of no use.
 */
const SavedPlan *saved_plan_read(Arena *arena, const char *path, SavedPlanUse use,
                                 Findings *findings, GError **error);
/* The same from the bytes of a file. */
const SavedPlan *saved_plan_parse(Arena *arena, const char *path, GString *bytes, SavedPlanUse use,
                                  Findings *findings);

const TargetPlan *saved_plan_target(const SavedPlan *saved, const char *cluster);

/* Why a saved plan may not be applied. */
typedef struct SavedDifference {
    const char *message; /* NULL: it may */
    List details;        /* const char: the first few things that differ */
} SavedDifference;

/* Whether the server still needs exactly the saved steps, from where they were to start. */
SavedDifference saved_plan_compare(Arena *arena, const SavedPlan *saved, const TargetPlan *now);
SavedDifference saved_plan_compare_inventory(Arena *arena, const SavedPlan *saved,
                                             const List *digests);
