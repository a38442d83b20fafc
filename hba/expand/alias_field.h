/*
 * The fields `user` and `db` of an alias rule: a text holds HBA tokens as in Pigsty, a YAML list
 * holds names, whatever their characters.
 */
#pragma once

#include "hba/syntax/check_context.h"
#include "hba/syntax/tokens.h"

/* Appends HbaToken to *ret_tokens: `all` when the field is absent or ''. False after an error. */
bool hba_alias_read_field(const HbaCheck *check, const Instance *instance, const HbaField *field,
                          HbaFieldKind kind, List *ret_tokens);
/* `addr` and `auth` are texts; false for a list, null or control characters. */
bool hba_alias_check_text(const HbaCheck *check, const HbaField *field, const char *key);
