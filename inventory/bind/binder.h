/*
 * Binder: puts the values of nodes into the members of a struct, by a table of fields. A field has
 * a key, a reader for its value and the member's offset; what is wrong with a value is reported by
 * its reader, so every finding stands at the value that caused it.
 *
 *     static const FieldDef schema_fields[] = {
 *         { "name", field_name, offsetof(SchemaDecl, name), FIELD_REQUIRED, NULL },
 *         { "owner", field_opt_role, offsetof(SchemaDecl, owner), 0, NULL },
 *         { 0 },
 *     };
 *
 * Lists are bound once for each node that holds them (binder_recall, binder_remember): ten thousand
 * instances that share a list share its declarations.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "inventory/model/inventory.h"
#include "inventory/vault/vault_passwords.h"
#include "inventory/yaml/node.h"

/* What is remembered by node; each kind has a space of its own. */
typedef enum BindingKind {
    BINDING_DEFAULT_ROLES,
    BINDING_USERS,
    BINDING_DATABASES,
    BINDING_SCHEMAS,
    BINDING_EXTENSIONS,
    BINDING_DEFAULT_PRIVILEGES,
    BINDING_HBA_RULES,
    BINDING_INTRANET,
    BINDING_GRANTS,
    BINDING_PROFILES,
    BINDING_KIND_COUNT,
} BindingKind;

typedef struct Binder {
    Arena *arena;
    Findings *findings;
    int64_t now;               /* Unix seconds: what has passed is compared with it */
    VaultPasswords *passwords; /* for encrypted values */
    bool needs_connections;    /* false: nobody reads pg_conninfo, so it may stay encrypted */
    bool refuses_commands;     /* a password that a command prints is an error */
    /* What is being bound, for messages: role "app". "" at the top. */
    const char *object;
    GHashTable *bindings[BINDING_KIND_COUNT]; /* Node -> List */
    GHashTable *fragments;                    /* SQL text -> what it was read to */
    GHashTable *keys;                         /* a key of the program's -> Node */
} Binder;

Binder *binder_new(Arena *arena, Findings *findings);
void binder_free(Binder *binder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Binder, binder_free)

/* A key made by the program, the same node each time. */
const Node *binder_key(Binder *binder, const char *key);

/* NULL where the node was not bound yet. */
const List *binder_recall(const Binder *binder, BindingKind kind, const Node *node);
const List *binder_remember(Binder *binder, BindingKind kind, const Node *node,
                            const List *declarations);

typedef struct FieldDef FieldDef;

/* target is the struct; value is never NULL. False after a finding. */
typedef bool FieldReader(Binder *binder, const FieldDef *field, const Node *value, void *target);

typedef enum FieldFlags {
    FIELD_REQUIRED = 1 << 0,
    /* null is a value of its own here; elsewhere it counts as absent. */
    FIELD_NULL_COUNTS = 1 << 1,
    /* A word of other tools for a key of ours: an error whose hint is extra. Ignored, it would
       neither limit nor give what it does there. */
    FIELD_FOREIGN = 1 << 2,
} FieldFlags;

struct FieldDef {
    const char *key;
    FieldReader *read; /* NULL: the key is known, and nothing of ours */
    size_t offset;
    unsigned flags; /* FieldFlags */
    const void *extra;
};

/* What to do about a key that no field has. */
typedef enum UnknownKeys {
    /* An error when it looks like a known one, else a warning: real inventories hold others' keys.
     */
    UNKNOWN_KEYS_LEFT_ALONE,
    /* Always an error: the mapping is ours alone. */
    UNKNOWN_KEYS_REFUSED,
} UnknownKeys;

/* object: what is being bound, for messages. False after a finding that is an error. */
bool bind_mapping(Binder *binder, const Node *mapping, const FieldDef fields[],
                  UnknownKeys unknown_keys, const char *object, void *target);

/* Checks the entries of a list for names that stand there twice; for each entry in turn. Returns
   true when this entry is to be left out because an earlier one has its name. */
bool binder_is_repeated(Binder *binder, GHashTable *seen, const char *what, const char *name,
                        const Node *entry);

/* ---- readers of fields ---- */

/* const char *: the names of objects, of roles that are referred to, of new roles. */
FieldReader field_name, field_role, field_new_role;
/* OptText */
FieldReader field_opt_text, field_opt_name, field_opt_role;
/* OptBool: true and false only; or with the texts that Pigsty's `|bool` switches take. */
FieldReader field_bool, field_switch;
/* OptInt; extra: an IntRange */
FieldReader field_int;
/* int; extra: an array of WordDef that ends with a row without word */
FieldReader field_word;
/* OptText that is one of the words; extra: as above */
FieldReader field_opt_word;

typedef struct IntRange {
    int64_t min;
    int64_t max;
} IntRange;

typedef struct WordDef {
    const char *word;
    int value;
} WordDef;
