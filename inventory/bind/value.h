/*
 * Values: single values of nodes as texts, names, numbers and booleans, each with its findings.
 * `key` is what the author calls the value; messages add what is being bound.
 */
#pragma once

#include "inventory/bind/binder.h"

/* What a name is for, which decides what it may be. */
typedef enum NameUse {
    NAME_OF_OBJECT,
    NAME_OF_ROLE,     /* a reference to a role */
    NAME_OF_NEW_ROLE, /* pg_* is refused */
    NAME_OF_GRANTEE,  /* a reference to a role, or PUBLIC */
} NameUse;

/* Tells why the value cannot be used (an unresolved template, an encrypted text), if so. */
bool value_usable(Binder *binder, const Node *value);
/* A list; what it may hold is the caller's. */
bool value_is_list(Binder *binder, const char *key, const Node *value);
/* All NULL or false after a finding. */
const char *value_text(Binder *binder, const char *key, const Node *value);
/* The same where a secret may stand. */
const char *value_secret_text(Binder *binder, const char *key, const Node *value);
/* False, with a finding, for a secret: plans, lists and the server show what it becomes. */
bool value_may_be_shown(Binder *binder, const char *key, const Node *value);
const char *value_name(Binder *binder, const char *key, const Node *value, NameUse use);
bool value_check_name(Binder *binder, SourcePos pos, const char *name, NameUse use);
bool value_bool(Binder *binder, const char *key, const Node *value, bool *ret_value);
bool value_switch(Binder *binder, const char *key, const Node *value, bool *ret_value);
bool value_int(Binder *binder, const char *key, const Node *value, IntRange range,
               int64_t *ret_value);
bool value_word(Binder *binder, const char *key, const Node *value, const WordDef words[],
                int *ret_value);
/* A text or a list of texts: const char, or HbaText where positions are kept. */
bool value_text_list(Binder *binder, const char *key, const Node *value, List *ret_texts);
/* The value for a message: in double quotes, or <secret> where it was encrypted. */
const char *value_quoted(const Binder *binder, const Node *value);
/* `key` of what is being bound, for messages: "connlimit" of role "app". Valid for the run. */
const char *value_label(const Binder *binder, const char *key);
