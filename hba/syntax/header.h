/*
 * The comments at the top of a rendered file: which instance it is for, and what the words for
 * addresses and users mean there. The text around them is templates/hba/.
 */
#pragma once

#include <glib.h>

#include "hba/syntax/rule.h"

/* Remembers the list of aliases, which instances of a cluster share. */
typedef struct HbaHeaders HbaHeaders;

HbaHeaders *hba_headers_new(void);
void hba_headers_free(HbaHeaders *headers);

/* Every line appended is a comment and ends neither in a backslash nor in anything that the
 * inventory says unquoted. */
void hba_headers_append(HbaHeaders *headers, const Instance *instance, HbaProgram program,
                        GString *out);
/* template with @instance@ and @role@ replaced. */
void hba_header_fill(const char *template_path, const Instance *instance, const char *aliases,
                     GString *out);
/*
 * Whether the bytes of a file begin with a header of pgcharter's, of any instance and version: the
 * file was rendered, and what people have to say about the rules is in the inventory.
 */
bool hba_header_is_in(const char *bytes);
