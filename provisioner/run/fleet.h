/*
 * Fleet: the same work on many clusters, several of them in parallel. What each of them has to
 * print is kept (output_buffer.h) until its turn comes.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Where no number is given: what waits for the network needs no core of its own. */
#define FLEET_JOBS_DEFAULT 64

/* How many targets are processed in parallel; jobs 0: the default. */
unsigned fleet_width(int jobs, size_t count);

typedef void FleetFunction(size_t at, void *data);

/* What a run waits for: the pieces that are at work, and how many are done since it began. */
typedef struct FleetWait {
    const size_t *at_work;
    size_t at_work_count;
    size_t done_count;
    size_t count;
    unsigned seconds;
} FleetWait;

typedef void FleetWaitFunction(const FleetWait *wait, void *data);

/*
 * Calls work(0 .. count - 1), up to `width` in parallel and each begun in order, and after each of
 * them done() in order and in this thread. With a width of 1 all of it happens in this thread.
 * Otherwise waits() is called in this thread after five seconds, ten, twenty and so on.
 */
void fleet_run(unsigned width, size_t count, FleetFunction *work, FleetFunction *done, void *data,
               FleetWaitFunction *waits, void *waits_data);
