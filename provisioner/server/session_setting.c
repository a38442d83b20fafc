/* The table of settings, and what servers and poolers refuse of it. */
#include "provisioner/server/session_setting.h"

#include <string.h>

#include "provisioner/server/sql_text.h"

typedef struct Setting {
    const char *name;
    const char *value;
    int since;
} Setting;

static const Setting settings[] = {
#define SESSION_SETTING(name, value, since) { name, value, since },
#include "provisioner/server/session_setting.def"
#undef SESSION_SETTING
};

/* PostgreSQL 17; only superusers may set it. Last of all, so that it is not refused as unknown. */
#define EVENT_TRIGGERS       "event_triggers"
#define EVENT_TRIGGERS_SINCE 17

/* The one value that a person may choose. */
static const char *
value_of(const StartupLimits *limits, const Setting *setting, GString *scratch)
{
    if (strcmp(setting->name, "statement_timeout") != 0)
        return setting->value;
    g_string_printf(scratch, "%dms", limits->statement_timeout_ms);
    return scratch->str;
}

/* pg_split_opts() (postinit.c) splits at blanks and takes a backslash as an escape. */
static void
append_option(GString *out, const char *name, const char *value)
{
    g_string_append_printf(out, "%s-c %s=", out->len > 0 ? " " : "", name);
    for (; *value != '\0'; value++) {
        if (*value == ' ' || *value == '\\')
            g_string_append_c(out, '\\');
        g_string_append_c(out, *value);
    }
}

char *
session_setting_options(const StartupLimits *limits, const char *own)
{
    g_autoptr(GString) out = g_string_new(own);
    g_autoptr(GString) scratch = g_string_new(NULL);

    for (size_t i = 0; i < G_N_ELEMENTS(settings) && !limits->without_options; i++) {
        if (settings[i].since <= limits->version)
            append_option(out, settings[i].name, value_of(limits, &settings[i], scratch));
    }
    if (limits->version >= EVENT_TRIGGERS_SINCE && !limits->without_event_triggers &&
        !limits->without_options)
        append_option(out, EVENT_TRIGGERS, "off");
    return g_string_free(g_steal_pointer(&out), FALSE);
}

/* PgBouncer: "unsupported startup parameter: options", from 1.20 on "... in options: lock_timeout"
 */
bool
session_setting_refused(StartupLimits *limits, const char *message)
{
    if (limits->without_options)
        return false;
    limits->without_options = strstr(message, "startup parameter") != NULL;
    if (limits->without_options)
        return true;
    for (size_t i = 0; i < G_N_ELEMENTS(settings); i++) {
        if (settings[i].since > 0 && settings[i].since <= limits->version &&
            strstr(message, settings[i].name) != NULL) {
            limits->version = settings[i].since - 1;
            return true;
        }
    }
    if (limits->version < EVENT_TRIGGERS_SINCE || limits->without_event_triggers ||
        strstr(message, EVENT_TRIGGERS) == NULL)
        return false;
    limits->without_event_triggers = true;
    return true;
}

char *
session_setting_values(const StartupLimits *limits)
{
    g_autoptr(GString) out = g_string_new("('default_transaction_read_only', 'on')");
    g_autoptr(GString) scratch = g_string_new(NULL);

    for (size_t i = 0; i < G_N_ELEMENTS(settings); i++) {
        if (settings[i].since > 0)
            continue;
        g_string_append(out, ", (");
        sql_append_literal(out, settings[i].name);
        g_string_append(out, ", ");
        sql_append_literal(out, value_of(limits, &settings[i], scratch));
        g_string_append_c(out, ')');
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}
