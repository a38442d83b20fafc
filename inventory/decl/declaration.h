/*
 * Declarations: from the value of a variable to the lists of the model. Each function binds one
 * kind of list, once for a node, and tells everything that is wrong with it.
 */
#pragma once

#include "inventory/bind/binder.h"

/* pg_default_roles or pg_users: RoleDecl. */
const List *roles_bind(Binder *binder, BindingKind kind, const Node *list);
/* pg_databases: DatabaseDecl. */
const List *databases_bind(Binder *binder, const Node *list);
/* pg_default_schemas or a database's schemas: SchemaDecl. */
const List *schemas_bind(Binder *binder, const char *key, const Node *list);
/* pg_default_extensions or a database's extensions: ExtensionDecl. */
const List *extensions_bind(Binder *binder, const char *key, const Node *list);
/* pg_default_privileges: DefaultPrivilegeDecl. */
const List *default_privileges_bind(Binder *binder, const Node *list);
/* pg_hba_rules and its siblings: HbaRuleDecl. */
const List *hba_rules_bind(Binder *binder, const char *key, const Node *list);
/* node_firewall_intranet: HbaText. */
const List *intranet_bind(Binder *binder, const Node *list);

/* A member of a role's or database's parameters: List of ParameterDecl. extra: a NULL-terminated
   array of names of list parameters. */
FieldReader field_parameters;
/* PasswordDecl. */
FieldReader field_password;
bool password_bind(Binder *binder, const Node *value, PasswordDecl *ret_password);
/* A date, a timestamp or infinity: OptText. */
FieldReader field_expiry;
/* The same as when an entry ends: Until. */
FieldReader field_until;
/* Whether the entry may have that end; else a finding. object: the entry, for the message. */
bool until_agrees(Binder *binder, const char *object, const Until *until, bool is_absent);

/* A member of a role's parameters by database: List of DatabaseParameters. */
FieldReader field_parameters_in;
extern const char *const role_list_parameters[];
extern const char *const database_list_parameters[];
