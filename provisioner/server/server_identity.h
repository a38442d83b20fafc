/* ServerIdentity: which server a session is on, so that two can be distinguished. */
#pragma once

typedef struct ServerIdentity {
    const char *version;           /* "15.18", or "15" for a plan without a server */
    const char *system_identifier; /* NULL without a server */
    const char *started;           /* the postmaster's start, NULL without a server */
    const char *host;              /* or the folder of its socket; NULL without a server */
    const char *port;
    int major_version;
} ServerIdentity;
