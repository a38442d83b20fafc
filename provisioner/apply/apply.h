/*
 * Apply: runs the steps of one target's plan, transaction by transaction. A transaction that fails
 * is rolled back whole; those before it stay, and the next run plans only what is left.
 */
#pragma once

#include "provisioner/apply/apply_log.h"
#include "provisioner/output/progress.h"
#include "provisioner/plan/plan.h"
#include "provisioner/server/session_pool.h"

#define LOCK_TIMEOUT_MS_DEFAULT 5000

typedef struct ApplyInput {
    Arena *arena;
    const TargetPlan *target;
    ConnectionParameters connection;
    SessionPool *sessions; /* that the plan was made with */
    int wait_seconds;
    int lock_timeout_ms; /* 0: no limit */
    unsigned try_number; /* from 1 */
    unsigned tries_max;
    /* Told once for each wait, in a sentence: whom a step waits for. */
    void (*waits)(void *data, const char *sentence);
    void *waits_data;
    const ProgressView *progress; /* NULL: nobody looks */
    const ApplyLog *log;          /* NULL: none is kept */
} ApplyInput;

/* Whether what failed may succeed when it is planned again. */
typedef enum ApplyRetry {
    APPLY_RETRY_NOT,
    APPLY_RETRY,            /* another session was in the way */
    APPLY_RETRY_OTHER_PLAN, /* what a step names is not there: where a new plan names it again, no */
} ApplyRetry;

/* How far an apply came. */
typedef struct ApplyResult {
    unsigned steps_done;
    ApplyRetry retry;
} ApplyResult;

/*
 * `session` is connected to database postgres and holds the lock; it may be replaced while it is in
 * the way of a CREATE DATABASE. On failure the error names the step and the place that declared it.
 */
bool apply_target(const ApplyInput *input, Session **session, ApplyResult *ret_result,
                  GError **error);
