/*
 * Quiet: what keeps statements with secrets out of a server's log and statistics, as far as the
 * session role may say so: most of it is for superusers, or from 15 on for whom SET was granted to.
 */
#pragma once

#include "base/list.h"
#include "provisioner/server/session.h"

/* Sets everything that may be set; what may not is left as it is. */
bool quiet_session(Session *session, GError **error);
/* The same as a statement of a script. */
void quiet_append_script(GString *out);
/* The parameters (const char) that decide whether a statement is logged. */
List quiet_log_parameters(Arena *arena);
