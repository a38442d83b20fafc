/* All at once where that is allowed, else one after the other. */
#include "provisioner/server/quiet.h"

#include <string.h>

#include "base/doubled_quotes.h"
#include "base/error.h"

typedef struct QuietSetting {
    const char *name;
    const char *value;
    bool logs_statements; /* on any server, whatever is loaded */
} QuietSetting;

/* The last two belong to modules and stay without effect where those are not loaded. */
static const QuietSetting quiet_settings[] = {
    { "log_statement", "'none'", true },
    { "log_min_duration_statement", "-1", true },
    { "log_min_duration_sample", "-1", false },
    { "log_transaction_sample_rate", "0", false },
    { "log_min_error_statement", "'panic'", true },
    { "debug_print_parse", "off", false },
    { "debug_print_rewritten", "off", false },
    { "debug_print_plan", "off", false },
    { "pg_stat_statements.track_utility", "off", false },
    { "pgaudit.log", "'none'", false },
};

static void
append_set(GString *out, const QuietSetting *setting)
{
    g_string_append_printf(out, "SET %s = %s", setting->name, setting->value);
}

/* Most of these settings are for superusers, or from 15 on for roles with SET on the parameter. */
static bool
is_not_allowed(const Session *session)
{
    return strcmp(session->last_error.sqlstate, SQLSTATE_INSUFFICIENT_PRIVILEGE) == 0;
}

/*
 * As much as is allowed is better than nothing; what stays on is reported by the plan
 * (password-may-be-logged).
 */
static bool
set_one_by_one(Session *session, GError **error)
{
    for (size_t i = 0; i < G_N_ELEMENTS(quiet_settings); i++) {
        g_autoptr(GString) statement = g_string_new(NULL);
        g_autoptr(GError) failure = NULL;

        append_set(statement, &quiet_settings[i]);
        if (session_execute(session, statement->str, &failure) || is_not_allowed(session))
            continue;
        g_propagate_error(error, g_steal_pointer(&failure));
        return false;
    }
    return true;
}

/*
 * One round trip in the usual case. The statement fails as a whole if one setting is refused,
 * because several statements in one query are one transaction.
 */
bool
quiet_session(Session *session, GError **error)
{
    g_autoptr(GString) all = g_string_new(NULL);
    g_autoptr(GError) failure = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(quiet_settings); i++) {
        append_set(all, &quiet_settings[i]);
        g_string_append_c(all, ';');
    }
    if (session_execute(session, all->str, &failure))
        return true;
    if (is_not_allowed(session))
        return set_one_by_one(session, error);
    g_propagate_error(error, g_steal_pointer(&failure));
    return false;
}

/* What is set in a DO without SET LOCAL holds for the session. */
void
quiet_append_script(GString *out)
{
    g_string_append(out, "DO $$\nDECLARE\n    setting text;\nBEGIN\n"
                         "    FOREACH setting IN ARRAY ARRAY[\n");
    for (size_t i = 0; i < G_N_ELEMENTS(quiet_settings); i++) {
        g_autoptr(GString) statement = g_string_new(NULL);

        append_set(statement, &quiet_settings[i]);
        g_string_append(out, "        ");
        doubled_quotes_append(out, statement->str, '\'');
        g_string_append(out, i + 1 < G_N_ELEMENTS(quiet_settings) ? ",\n" : "]\n");
    }
    g_string_append(out, "    LOOP\n        BEGIN\n            EXECUTE setting;\n"
                         "        EXCEPTION WHEN insufficient_privilege THEN\n"
                         "            NULL; -- it stays as it is\n        END;\n"
                         "    END LOOP;\nEND $$;\n");
}

List
quiet_log_parameters(Arena *arena)
{
    List names = { 0 };

    for (size_t i = 0; i < G_N_ELEMENTS(quiet_settings); i++) {
        if (quiet_settings[i].logs_statements)
            list_add(arena, &names, quiet_settings[i].name);
    }
    return names;
}
