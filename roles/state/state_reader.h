/*
 * What the parts of the reader of state files share. state_text_read.c reads the document, the
 * server and the session, state_text_read_roles.c what is cluster-wide, _databases.c the databases'
 * own entries and _objects.c what lies inside them. Whatever is wrong is reported where it is
 * found; functions give false then.
 */
#pragma once

#include "inventory/bind/binder.h"
#include "roles/state/state_text.h"

typedef struct StateReader {
    Binder *binder;
    StateText *text;
    AccessState *state;
    GHashTable *entries; /* text that identifies an entry of the file -> its Node */
} StateReader;

/* Saves the node: const Node *. */
FieldReader state_field_node;
/* const char *: a name as a server may have it, control characters included. */
FieldReader state_field_name;

/* "role "app"" and the like, for messages: the entry's own name where it has one. */
const char *state_entry_label(const StateReader *reader, const char *what, const Node *entry,
                              const char *key);
/* False after a finding where the file has an entry of that identity already. */
bool state_entry_is_new(StateReader *reader, const char *identity, const char *label,
                        const Node *entry);
/* The items of a list; an empty list where node is NULL or, after a finding, no list. */
const Node *state_list(StateReader *reader, const char *key, const Node *node);

typedef bool StateEntryReader(StateReader *reader, const Node *node);

/* Reads all entries of a list (NULL: none), so that one reading tells of everything wrong. */
bool state_read_list(StateReader *reader, const char *key, const Node *node,
                     StateEntryReader *read);

/* Tells that a value is not written as it should be; always false, as the next two are. */
bool state_malformed(StateReader *reader, SourcePos pos, const char *hint, const char *message);
bool state_word_is_unknown(StateReader *reader, const char *key, const Node *node,
                           const char *hint);
/* where: what names the role, for the message. */
bool state_role_is_unknown(StateReader *reader, const Node *node, const char *name,
                           const char *where);

bool state_read_moment(StateReader *reader, const char *key, const Node *node, double *ret_seconds);
/* NAME_NONE where the state has no such role. */
NameId state_role_named(StateReader *reader, const char *key, const Node *node);
/* The ACL of a node; NULL stands for the built-in default of kind and owner. */
bool state_read_acl(StateReader *reader, const Node *node, ObjectKind kind, NameId owner,
                    const char **ret_text, Acl *ret_acl);
bool state_read_flags(StateReader *reader, const Node *node, unsigned *ret_flags);

/* One list of objects into groups; database NULL: those that belong to no database. */
bool state_read_objects(StateReader *reader, StateDatabase *database, const Node *list,
                        List *groups);

/* What state_read_content() reads of an entry of `databases`; the rest of the table is the other
   half's. */
typedef struct StateContentNodes {
    const Node *like;
    const Node *schemas;
    const Node *default_privileges;
    const Node *functions;
    const Node *objects;
    const Node *columns;
    const Node *column_acls;
} StateContentNodes;

/* The schemas, default privileges, functions, objects and columns of the database. */
bool state_read_content(StateReader *reader, StateDatabase *database,
                        const StateContentNodes *nodes);

StateEntryReader state_read_role, state_read_membership, state_read_setting;
/* All of these lists, of which each may be NULL. */
bool state_read_databases(StateReader *reader, const Node *databases, const Node *settings,
                          const Node *shared_objects);
