/*
 * The GError domain of the program: what stopped a run, by the exit code it gives. The message is
 * set once at the deepest place, lower case without a full stop, and prefixed on the way up with
 * the object.
 */
#pragma once

#include <glib.h>

#define PGCHARTER_ERROR (pgcharter_error_quark())

GQuark pgcharter_error_quark(void);

/* The codes are the exit codes. */
typedef enum PgcharterError {
    PGCHARTER_ERROR_WORLD = 1,         /* I/O, a server, a directory refused */
    PGCHARTER_ERROR_INVENTORY = 3,     /* the inventory has errors; they are in the findings */
    PGCHARTER_ERROR_SAFETY = 4,        /* a safety rule refused */
    PGCHARTER_ERROR_USAGE = 64,        /* the command line is wrong */
    PGCHARTER_ERROR_INTERRUPTED = 130, /* a signal asked for an end; what a shell makes of SIGINT */
} PgcharterError;
