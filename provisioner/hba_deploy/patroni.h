/*
 * Patroni's REST API: the role of a member, and the HBA rules in the dynamic configuration, which
 * is one for all members. Every url is a member's, such as http://10.10.10.11:8008. User and
 * password come from ~/.netrc: a command line can be seen by everybody on the machine.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/list.h"
#include "inventory/model/inventory.h"
#include "provisioner/hba_deploy/patroni_json.h"

/*
 * urls (may be NULL) are the `[INSTANCE=]URL` of the command line. FALSE with PGCHARTER_ERROR_USAGE
 * for what is not an http or https URL, or holds a password.
 */
bool patroni_check_urls(char *const *urls, GError **error);
/* The instance's own of them, else the one without a name, else port 8008 of its address. */
const char *patroni_url(Arena *arena, const Instance *instance, char *const *urls);

/* GET /patroni: the member's role in Patroni's word. NULL with PGCHARTER_ERROR_WORLD. */
const char *patroni_read_role(Arena *arena, const char *url, GError **error);
/* GET /config */
bool patroni_read_config(Arena *arena, const char *url, PatroniConfig *ret_config, GError **error);
/* PATCH /config: replaces the whole list; NULL takes it out, and Patroni leaves the files alone. */
bool patroni_write_rules(const char *url, const List *lines, GError **error);
