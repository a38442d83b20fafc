/* Schemas of one database of the state: created, given to an owner, dropped. */
#pragma once

#include "roles/diff/diff_context.h"

/* NULL where it is skipped. */
StateSchema *schema_edit_create(Diff *diff, StateDatabase *database, NameId name, NameId owner,
                                SourcePos declared_at);
void schema_edit_owner(Diff *diff, StateDatabase *database, StateSchema *schema, NameId owner,
                       SourcePos declared_at);
/* What the entries (SchemaDecl) ask for; ORIGIN_POLICY: it is the policy's, whoever wrote it. */
void schema_edit_declared(Diff *diff, StateDatabase *database, const List *schemas, Origin origin);
