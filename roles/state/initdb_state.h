/*
 * The access state that initdb leaves: what `plan --offline` compares with. The tables come from
 * PostgreSQL's pg_authid.dat, pg_auth_members (system_functions.sql) and initdb.c of each version.
 */
#pragma once

#include "roles/state/access_state.h"

/* dbsu is the bootstrap superuser's name and the session role's. */
void initdb_state(AccessState *state, int major_version, const char *dbsu);
