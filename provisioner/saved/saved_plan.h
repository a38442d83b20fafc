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

/* What tells a step from another, and what it rests on. */
typedef struct SavedStep {
    const char *action;
    const char *name;
    const char *database; /* NULL: cluster-wide */
    const char *sql;      /* NULL for files */
    const char *file;     /* NULL for statements */
    int64_t transaction;
    const char *rests_on; /* NULL: nothing */
} SavedStep;

typedef struct SavedTarget {
    const char *cluster;
    const char *system_identifier; /* NULL: the cluster was skipped */
    const char *set_role;          /* NULL: as who connects */
    List instances;                /* const char: whose HBA files it is for */
    List steps;                    /* SavedStep */
} SavedTarget;

typedef struct SavedPlan {
    const char *path;
    const char *mode; /* --mode; NULL: not given */
    List options;     /* SavedOption */
    List files;       /* FileDigest */
    List targets;     /* SavedTarget; not used for writing */
} SavedPlan;

/* The bytes of the file; `origin` says mode, options and files. */
void saved_plan_render(Arena *arena, const Plan *plan, const SavedPlan *origin, GString *out);
/*
 * NULL with PGCHARTER_ERROR_WORLD where the file cannot be read, and with PGCHARTER_ERROR_SAFETY
 * where it is not a saved plan, damaged, changed by hand or made without a server.
 */
const SavedPlan *saved_plan_read(Arena *arena, const char *path, GError **error);
/* The same from the bytes of a file. */
const SavedPlan *saved_plan_parse(Arena *arena, const char *path, const char *bytes, size_t length,
                                  GError **error);

const SavedTarget *saved_plan_target(const SavedPlan *saved, const char *cluster);

/* Why a saved plan may not be applied. */
typedef struct SavedDifference {
    const char *message; /* NULL: it may */
    List details;        /* const char: the first few things that differ */
} SavedDifference;

/* Whether the server still needs exactly the saved steps, from where they were to start. */
SavedDifference saved_plan_compare(Arena *arena, const SavedPlan *saved, const TargetPlan *now);
SavedDifference saved_plan_compare_inventory(Arena *arena, const SavedPlan *saved,
                                             const List *digests);
