/*
 * Fleet: the same work on many clusters, so many of them at once. What one of them has to say is
 * kept in its Transcript and told when its turn comes, so that what a run prints does not depend on
 * how many work side by side.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

/* What one piece of work says, to whom, in order. */
typedef struct Transcript {
    GPtrArray *pieces;
    bool is_live; /* nobody else talks: said at once */
} Transcript;

Transcript *transcript_new(void);
void transcript_free(Transcript *transcript);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Transcript, transcript_free)

void transcript_say(Transcript *transcript, FILE *stream, const char *text);
void transcript_printf(Transcript *transcript, FILE *stream, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
/* Says what was kept. */
void transcript_tell(Transcript *transcript);

/* Where --jobs is not given: what waits for the network needs no core of its own. */
#define FLEET_JOBS_DEFAULT 64

/* How many work at once: `jobs` of the command line, 0 where it was not given. */
unsigned fleet_width(int jobs, size_t count);

typedef void FleetFunction(size_t at, void *data);

/*
 * Calls work(0 .. count - 1), `width` at once and each begun in order, and after each of them
 * tell() in order and in this thread. With a width of 1 all happens in this thread.
 */
void fleet_run(unsigned width, size_t count, FleetFunction *work, FleetFunction *tell, void *data);
