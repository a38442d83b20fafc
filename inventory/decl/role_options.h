/*
 * The classic dialect's options of a role, `NOLOGIN BYPASSRLS CONNECTION LIMIT 10`: what CREATE
 * ROLE takes, read by PostgreSQL's grammar.
 */
#pragma once

#include "inventory/bind/binder.h"

/* Puts them into the role; contradictions to its other keys are reported. object: for messages. */
bool role_options_bind(Binder *binder, const char *object, const Node *options, RoleDecl *role);
