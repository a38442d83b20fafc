/*
 * The words of variables that take one of a fixed set: each stands once, in NAME.def. The inventory
 * reads them, the command line takes them and messages print them.
 */
#pragma once

#include "inventory/model/inventory.h"

/* NULL-terminated, in the order of their enum, so that a word's index is its value. */
extern const char *const pg_role_words[];
extern const char *const access_mode_words[];
extern const char *const hba_install_words[];

const char *pg_role_name(PgRole role);
const char *access_mode_name(AccessMode mode);
