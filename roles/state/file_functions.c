/* src/backend/catalog/system_functions.sql revokes these from PUBLIC; others that it lists touch no
 * file. */
#include "roles/state/file_functions.h"

#include <stddef.h>
#include <string.h>

const char *const file_function_names[] = {
    "pg_read_file",
    "pg_read_binary_file",
    "pg_stat_file",
    "pg_ls_dir",
    "pg_ls_logdir",
    "pg_ls_waldir",
    "pg_ls_archive_statusdir",
    "pg_ls_tmpdir",
    "pg_ls_logicalsnapdir",
    "pg_ls_logicalmapdir",
    "pg_ls_replslotdir",
    "pg_ls_summariesdir",
    "lo_import",
    "lo_export",
    NULL,
};

bool
file_function_is(const char *signature)
{
    size_t length = strcspn(signature, "(");

    for (size_t i = 0; file_function_names[i] != NULL; i++) {
        if (strlen(file_function_names[i]) == length &&
            strncmp(file_function_names[i], signature, length) == 0)
            return true;
    }
    return false;
}
