/*
 * Target: from one cluster of the inventory and its server (or, without one, from what initdb
 * leaves or a saved state holds) to a TargetPlan.
 */
#pragma once

#include "base/arena.h"
#include "inventory/model/inventory.h"
#include "provisioner/plan/password_checks.h"
#include "provisioner/plan/plan.h"
#include "provisioner/server/session_pool.h"

typedef enum TargetFlags {
    TARGET_INIT = 1 << 0,                 /* --init */
    TARGET_ALLOW_MASS_REMOVAL = 1 << 1,   /* --allow-mass-removal */
    TARGET_PRUNE = 1 << 2,                /* --prune */
    TARGET_KEEP_PRECONDITIONS = 1 << 3,   /* steps say what they rest on */
    TARGET_ALLOW_DATA_LOSS = 1 << 4,      /* --allow-data-loss */
    TARGET_SET_PASSWORDS = 1 << 5,        /* --set-passwords */
    TARGET_ALLOW_SUPERUSER_CODE = 1 << 6, /* --allow-superuser-code */
    TARGET_CHECK_OUTCOMES = 1 << 7,       /* steps get questions to ask before they commit */
} TargetFlags;

typedef struct TargetInput {
    Arena *arena;
    const Cluster *cluster;
    ConnectionParameters connection;    /* not used without a server */
    int offline_version;                /* of what initdb leaves; 0: not that */
    const char *state_path;             /* a saved state; NULL: not that */
    SessionPool *sessions;              /* in other databases; not used without a server */
    PasswordChecks *passwords;          /* kept between two plans of one run */
    const GHashTable *opened_passwords; /* of the inventory (declared_passwords.h) */
    const GDate *today;
    int jobs;
    AccessMode mode; /* --mode, or the cluster's */
    unsigned flags;  /* TargetFlags */
    /* const Fact: of a saved plan, whose present ones are looked up; NULL: there is none. */
    const List *saved_facts;
} TargetInput;

/*
 * Reads and plans. session is a connection to database postgres, NULL without a server. The plan
 * has notes with errors where the inventory asks for what the server cannot give, and where the
 * saved state cannot be read; then it must not be applied. NULL with an error:
 * PGCHARTER_ERROR_WORLD. Where a safety rule refuses, the plan says so (TargetPlan.refusals).
 */
TargetPlan *target_plan(const TargetInput *input, Session *session, GError **error);
