/*
 * Text between quotes in which a quote is doubled: the way of SQL's identifiers and literals, of
 * aclitem, of pg_hba.conf and of PgBouncer's userlist.
 */
#pragma once

#include <glib.h>

/* Appends text between two of quote, ' or "; nothing but that quote is escaped. */
void doubled_quotes_append(GString *out, const char *text, char quote);
