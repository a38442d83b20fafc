/*
 * Passwords that the policy's documentation publishes (`published_passwords`): whoever has read it
 * may log in, so an inventory that uses one gets the warning default-password.
 */
#pragma once

#include "inventory/bind/binder.h"

/* roles: RoleDecl. A finding for each plaintext password of theirs, or of the instance's system
 * users, that its policy publishes. */
void roles_check_published(Binder *binder, const List *roles, const Instance *instance);
