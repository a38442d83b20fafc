/* The tables of words, each made from its .def file. */
#include "inventory/model/words.h"

#include <glib.h>

const char *const pg_role_words[] = {
#define PG_ROLE(name, word) [PG_ROLE_##name] = word,
#include "inventory/model/pg_role.def"
#undef PG_ROLE
    NULL,
};
const char *const access_mode_words[] = {
#define ACCESS_MODE(name, word) [ACCESS_MODE_##name] = word,
#include "inventory/model/access_mode.def"
#undef ACCESS_MODE
    NULL,
};
const char *const hba_install_words[] = {
#define HBA_INSTALL(name, word) [HBA_INSTALL_##name] = word,
#include "inventory/model/hba_install.def"
#undef HBA_INSTALL
    NULL,
};

_Static_assert(G_N_ELEMENTS(pg_role_words) == PG_ROLE_COUNT + 1, "a word for each role");
_Static_assert(G_N_ELEMENTS(access_mode_words) == ACCESS_MODE_COUNT + 1, "a word for each mode");
_Static_assert(G_N_ELEMENTS(hba_install_words) == HBA_INSTALL_PATRONI + 2, "a word for each way");

/* The same table reads and writes the words, so they cannot drift apart. */
const char *
pg_role_name(PgRole role)
{
    return pg_role_words[role];
}

const char *
access_mode_name(AccessMode mode)
{
    return access_mode_words[mode];
}
