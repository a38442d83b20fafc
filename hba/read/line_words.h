/*
 * What other files bring into a line of an HBA file: the names in @files, and whole files of rules.
 */
#pragma once

#include "hba/syntax/check_context.h"
#include "hba/syntax/tokens.h"

/* The field with each @file replaced by the words in it, where the check can load them; NULL after
   an error. */
const List *hba_field_expand(const HbaCheck *check, SourcePos pos, const List *field);
/* All fields of a line, as PostgreSQL does it: @files may be in any field, and a field in which
   nothing is left is dropped. PgBouncer's lines are left alone. False after an error. */
bool hba_line_expand(const HbaCheck *check, SourcePos pos, HbaLine *line);
/* What a line would include: two fields, the first of them an include word, and whatever follows a
   comma does not count. NULL for any other line. */
const char *hba_line_include(const HbaCheck *check, const HbaLine *line);
