/*
 * ObjectNeeds: what has to be read of the objects of one database before it can be planned. Groups
 * are read always; names only where a declaration names objects.
 */
#pragma once

#include "inventory/model/grant.h"
#include "inventory/model/inventory.h"
#include "roles/acl/object_group.h"
#include "roles/state/access_state.h"

typedef struct ObjectNeeds {
    List by_name;        /* GrantDecl: of grants and owners, those that mean some objects only */
    List table_owners;   /* GrantDecl: of owners, those whose tables take sequences along */
    List columns;        /* const char: the columns that grants name, each once */
    List system_schemas; /* const char: pg_catalog and information_schema where they are named */
    bool column_acls;    /* whether the ACLs of columns play a part */
    bool large_objects;
    bool everything; /* all names, and the columns of every table: for a snapshot */
} ObjectNeeds;

/*
 * What the declared database needs of the database by that name: itself, or the template that it
 * is still to be made from. Adds to needs; false where it needs nothing of it.
 */
bool object_needs_add(Arena *arena, const Cluster *cluster, const DatabaseDecl *decl,
                      ObjectNeeds *needs);
/* What pg_grants and the databases' grants and owners say of tablespaces, or of parameters:
   GrantDecl. */
List object_needs_shared(Arena *arena, const Cluster *cluster, GrantKind kind);
/*
 * A parameter of a module that is not loaded is in no catalog, and may be granted all the same:
 * adds to state->shared_groups those with a dot in their name that one of the grants (GrantDecl)
 * names in full.
 */
void object_needs_add_parameters(AccessState *state, const List *grants);
/* Whether a declaration means some objects of the group only. */
bool object_needs_names(const ObjectNeeds *needs, const Names *names, const ObjectGroup *group);
