/*
 * Recorder: the journal of a diff, and the only thing that makes changes of it. Privileges are
 * granted and revoked on the way; what still makes a difference at the end becomes a change, and
 * neighbours that one statement can do become one. It knows nothing of permission.
 *
 *     recorder_add(recorder, &change);                             a change that needs no second
 * look recorder_add_acl(recorder, &target, &entry, &change);        a grant or revoke that happened
 *     recorder_mark_objects(recorder, database);                   here come those of its objects
 *     while ((database = recorder_emit(recorder, &changes)) != NULL)
 *         ...                                                      the caller adds them
 */
#pragma once

#include "roles/diff/acl_target.h"

typedef struct Recorder Recorder;

typedef enum RecorderPreconditions {
    RECORDER_WITHOUT_PRECONDITIONS,
    RECORDER_WITH_PRECONDITIONS, /* privileges get the ACL that they start from */
} RecorderPreconditions;

Recorder *recorder_new(AccessState *state, RecorderPreconditions preconditions);
void recorder_free(Recorder *recorder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Recorder, recorder_free)

void recorder_add(Recorder *recorder, const Change *change);
/* `change` as acl_change() filled it from the target and the entry. */
void recorder_add_acl(Recorder *recorder, const AclTarget *target, const AclEntry *entry,
                      const Change *change);
void recorder_mark_objects(Recorder *recorder, StateDatabase *database);
/* Appends to `changes` up to the next mark and gives its database; NULL at the end. */
StateDatabase *recorder_emit(Recorder *recorder, List *changes);

/* The change that the entry comes to on that target; kind is one of the target's two. */
Change acl_change(Arena *arena, const AclTarget *target, const AclEntry *entry,
                  SourcePos declared_at, ChangeKind kind);
/* What the session role may do and what it may not are never one statement. */
bool same_refusal(const struct Refusal *a, const struct Refusal *b);
