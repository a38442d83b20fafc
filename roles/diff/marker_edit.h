/* The two marker roles: whose members pgcharter manages, and whose members it has disabled. */
#pragma once

#include "roles/diff/diff_context.h"

/* Grants the marker to those of the members that do not have it by a mark that counts; makes it
 * where needed. */
void grant_marker(Diff *diff, ChangeKind kind, NameId marker, const NameIdVector *members);
/* Revokes it from those that have it. */
void revoke_marker(Diff *diff, ChangeKind kind, NameId marker, const NameIdVector *members);
