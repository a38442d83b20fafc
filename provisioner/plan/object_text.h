/* Objects as SQL names them, and as people do. */
#pragma once

#include "base/arena.h"
#include "base/names.h"
#include "roles/acl/object_group.h"

/* "app"."orders", "app"."refresh"("int4", "text"), 16401. */
void object_append_sql(GString *out, const Names *names, GrantKind kind,
                       const ObjectIdentity *identity);
/* app.orders, app.refresh(int4, text): for messages, not for SQL. */
char *object_label(Arena *arena, const Names *names, const ObjectIdentity *identity);
