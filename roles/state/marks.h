/*
 * Marks: which roles pgcharter manages, or has disabled, by the memberships in its marker roles. A
 * mark counts where dbsu, the bootstrap superuser or the session role granted it: anybody with
 * CREATEROLE (ADMIN from 16 on) can grant a marker, and would have others disabled or dropped.
 *
 * Marker roles carry the name of the inventory, pgcharter_managed_NAME, so that inventories which
 * share a server know whose a role is; one without a name uses pgcharter_managed.
 */
#pragma once

#include "roles/state/access_state.h"

#define ORPHANS_ROLE "pgcharter_orphans"

typedef struct Marks {
    const AccessState *state;
    bool has_name; /* the inventory has one */
    NameId dbsu;
    NameId managed;         /* the marker of roles that this inventory manages */
    NameId disabled;        /* ... of those that it has disabled */
    NameId unnamed_managed; /* the same of an inventory without a name */
    NameId unnamed_disabled;
    NameIdVector others; /* managed markers of other inventories that have a name */
} Marks;

/* Looks at the state's roles; markers that are made later are this inventory's own. */
Marks marks_read(const AccessState *state, const Cluster *cluster);
/* Whether the row is there because the member made the marker itself. */
bool marks_is_of_creation(const Marks *marks, const StateMembership *row);
/* Whether the row's grantor makes it count. */
bool marks_count(const Marks *marks, const StateMembership *row);
/* Whether the role has the marker by a row that counts. */
bool marks_have(const Marks *marks, NameId marker, NameId role);
/* By this inventory's mark, or by one from the time when it had no name. */
bool marks_is_disabled(const Marks *marks, NameId role);
/*
 * The marker by which another inventory that has a name manages the role; NAME_NONE: none does. An
 * inventory without a name cannot speak up here: its marks may be this one's from before.
 */
NameId marks_of_another(const Marks *marks, NameId role);
/* Whether a role is a marker of any inventory, or pgcharter_orphans. */
bool marks_is_own_role(const AccessState *state, NameId role);
