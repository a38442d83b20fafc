/*
 * SessionSetting: the settings that every session of ours runs with, as the table
 * session_setting.def has them.
 */
#pragma once

#include <stdbool.h>

/* What a server, or a pooler in front of it, takes of them in a startup packet. */
typedef struct StartupLimits {
    int version;                 /* settings of newer versions are left out */
    int statement_timeout_ms;    /* 0: none */
    bool without_event_triggers; /* the session role may not turn them off */
    bool without_options;        /* a pooler is in between that passes none */
} StartupLimits;

/*
 * For libpq's parameter `options`: `-c name=value -c ...`, after `own` (NULL: nothing), what the
 * person wrote there. Read-only is not part of it: target_session_attrs=read-write, which a person
 * may write, would not take such a session.
 */
char *session_setting_options(const StartupLimits *limits, const char *own);
/*
 * What to leave out where a server refused the options with that message. False: it is about
 * something else. Names of parameters are not translated, and so are what PgBouncer says.
 */
bool session_setting_refused(StartupLimits *limits, const char *message);
/* `('name','value'), ...` with read-only, for VALUES: what every version has. */
char *session_setting_values(const StartupLimits *limits);
