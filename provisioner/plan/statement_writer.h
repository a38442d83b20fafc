/*
 * Writer: what the files statement*.c share while they write the SQL of one change; none of this is
 * for other files.
 */
#pragma once

#include "provisioner/plan/statement.h"
#include "provisioner/server/sql_text.h"

typedef struct Writer {
    Arena *arena;
    const Names *names;
    const Change *change;
    int major_version;
    const char *set_role;
    const ActingRoles *acting_roles;
    NameId session_role;
    StatementLength length;
    List objects;    /* const char: those that the change names one by one, sorted */
    List statements; /* SqlStatement */
} Writer;

typedef void StatementWriter(Writer *writer);

const char *writer_name(const Writer *writer, NameId id);
/* Adds a finished statement. */
void writer_add(Writer *writer, const char *statement);
/* Adds one that changes nothing by itself. */
void writer_add_helper(Writer *writer, const char *statement);
/* Adds the statement of templates/ with its variables filled in. */
void writer_emit(Writer *writer, const char *path, const SqlValue *values);
/* "a", "b", PUBLIC */
const char *writer_role_list(Writer *writer, const NameIdVector *roles);

/* Writes it under the acting role, which gets USAGE on its schemas for it. */
void write_as_role(Writer *writer, const ActingRole *acting, StatementWriter *write);

/* statement_privileges.c */
StatementWriter write_default_grant, write_default_revoke, write_grant, write_revoke;
StatementWriter write_schema_owner, write_object_owner;
/* statement_removal.c */
StatementWriter write_marker_grant, write_marker_revoke, write_schema_drop, write_role_disable;
StatementWriter write_end_sessions, write_database_drop, write_owned, write_role_drop;
