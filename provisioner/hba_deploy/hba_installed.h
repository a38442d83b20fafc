/*
 * The rules that a server has in place: its HBA file with what it includes, read by the server, and
 * parsed as the version of that server reads it, whatever pg_version says.
 */
#pragma once

#include "base/arena.h"
#include "base/list.h"
#include "provisioner/catalog/hba_server.h"
#include "provisioner/server/session.h"

typedef struct HbaInstalled {
    List rules;         /* HbaRule: those that can be read, in order */
    const char *broken; /* the first that the server would refuse; NULL: there is none */
} HbaInstalled;

/* What is in the server's HBA file (server->bytes). */
HbaInstalled hba_installed_read(Arena *arena, Session *session, const HbaServer *server);
/* What would be in it if these bytes were in its place. */
HbaInstalled hba_installed_parse(Arena *arena, Session *session, const HbaServer *server,
                                 const char *bytes, size_t length);
/*
 * A text (const char) for each rule that is equal where the rules are (hba_rule_equal()): comments,
 * blanks and quotes that mean nothing do not count. It may hold secrets and is not for people.
 */
List hba_rule_keys(Arena *arena, const List *rules);
