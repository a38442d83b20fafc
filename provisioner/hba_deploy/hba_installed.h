/*
 * The rules that a server has in place: its HBA file with what it includes, read by the server, and
 * parsed as the version of that server reads it, whatever pg_version says.
 */
#pragma once

#include "base/arena.h"
#include "base/finding.h"
#include "base/list.h"
#include "provisioner/catalog/hba_server.h"
#include "provisioner/hba_deploy/hba_rendering.h"
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
 * A rendering as that server will read it: its own rules, with their places in the inventory; where
 * the server has another version than the inventory says, or files are included, those that are
 * read from its text. In the first case `broken` is NULL.
 */
HbaInstalled hba_installed_from(Arena *arena, Session *session, const HbaServer *server,
                                const Instance *instance, const HbaRendering *rendering);
/* Warns when the server's version is not the inventory's. */
void hba_version_compare(const Instance *instance, const HbaServer *server, Findings *findings);
/*
 * A text (const char) for each rule that is equal where the rules are (hba_rule_equal()): comments,
 * blanks and quotes that mean nothing do not count. It may hold secrets and is not for people.
 */
List hba_rule_keys(Arena *arena, const List *rules);
