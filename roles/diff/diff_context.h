/*
 * Diff: what every phase of a diff works with. DiffContext is what does not change while it runs;
 * beside it stands what moves: the state, the recorder that takes the changes, and the gate that
 * says which of them the session role may make.
 *
 * A phase (the tables in diff.c and databases.c have their order) reads the declarations, asks the
 * scope whom they concern, and moves the state by the primitives of acl_edit.h, membership_edit.h,
 * marker_edit.h, schema_edit.h, parameter_edit.h and default_privileges.h, or by diff_request() for
 * a change that has none. None of this is for other folders.
 */
#pragma once

#include "roles/diff/diff.h"
#include "roles/diff/permission_gate.h"
#include "roles/diff/recorder.h"
#include "roles/diff/scope.h"
#include "roles/diff/skipped.h"
#include "roles/findings.h"

typedef struct DiffContext {
    const DiffInput *input;
    AccessMode mode;
    const Cluster *cluster;
    const SystemUsers *users;
    const Policy *policy;
    SourcePos policy_pos; /* of what the policy says as a whole */
    SourcePos mode_pos;   /* who asked for adopt or strict */
    NameId orphans;       /* pgcharter_orphans, who gets what dropped roles owned */
} DiffContext;

typedef struct Diff {
    const DiffContext *context;
    Arena *arena;
    Names *names;
    AccessState *state;
    Scope *scope;
    Recorder *recorder;
    PermissionGate *gate;
    SkippedSteps *skipped;
    Findings *notes;
    GHashTable *reported; /* texts of notes that are given once */
} Diff;

/* One declared database on its way through the phases. */
typedef struct DatabaseWork {
    const DatabaseDecl *decl;
    StateDatabase *database;
    NameId owner; /* the declared one; NAME_NONE: none is */
} DatabaseWork;

/*
 * The position as one of the policy's where `origin` says so, whoever wrote the words. So are
 * pg_default_privileges and pg_default_schemas in template1: nobody asked for them one by one, and
 * what of them the session role may not do is skipped instead of refused.
 */
SourcePos declared_for(SourcePos pos, Origin origin);

/*
 * Asks the gate before the state is moved. False: it is the policy's and was skipped. A person's
 * change that is refused stays, with change->refusal; a membership that the session role may grant
 * itself is granted first. `object` is for privileges and owners of objects, else NULL.
 */
bool diff_allows(Diff *diff, Change *change, const AuthorityObject *object);
/*
 * Whether the session role may take what no entry asks to take: false after a warning. `what`
 * begins its sentence, such as `membership of "a" in "b"`.
 */
bool diff_may_take(Diff *diff, const Change *change, const char *what);
/* Asks, unless the change has a refusal already, and records. */
void diff_request(Diff *diff, const Change *change);
/* pg_catalog and information_schema; false for NAME_NONE. */
bool diff_schema_is_system(const Diff *diff, NameId schema);
/* The name of the role, or PUBLIC. */
const char *diff_grantee_text(const Diff *diff, NameId grantee);
/* "2 tables in schema "s" of database "app"", for notes; database NULL: of the cluster. */
const char *diff_describe_group(const Diff *diff, const StateDatabase *database,
                                const ObjectGroup *group);
/* "column "note" of table "s"."t" of database "app"", for notes. */
const char *diff_describe_column(const Diff *diff, const StateDatabase *database,
                                 const StateColumn *column);
/* GRANT role TO the session role, recorded with a note. */
void diff_join_role(Diff *diff, NameId role, SourcePos declared_at);
