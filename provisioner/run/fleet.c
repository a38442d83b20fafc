/* Threads that take work in order. */
#include "provisioner/run/fleet.h"

#include <glib.h>

/*
 * Never more threads than targets. A width of 1 means that everything runs in the caller's thread.
 */
unsigned
fleet_width(int jobs, size_t count)
{
    size_t wanted = jobs > 0 ? (size_t)jobs : FLEET_JOBS_DEFAULT;

    return (unsigned)MAX(MIN(wanted, count), 1);
}

typedef struct Fleet {
    FleetFunction *work;
    void *data;
    FleetWaitFunction *waits;
    void *waits_data;
    size_t count;
    size_t next; /* to be begun */
    GMutex lock;
    GCond one_is_done;
    bool *is_done;
    gint64 started;
    unsigned says_after; /* seconds */
} Fleet;

#define FIRST_WORD_SECONDS 5

/*
 * Takes the next piece of work until there is none. The index is taken under the lock, which is why
 * pieces of work begin in order.
 */
static gpointer
work_on(gpointer data)
{
    Fleet *fleet = data;

    g_mutex_lock(&fleet->lock);
    while (fleet->next < fleet->count) {
        size_t at = fleet->next++;

        g_mutex_unlock(&fleet->lock);
        fleet->work(at, fleet->data);
        g_mutex_lock(&fleet->lock);
        fleet->is_done[at] = true;
        g_cond_signal(&fleet->one_is_done);
    }
    g_mutex_unlock(&fleet->lock);
    return NULL;
}

/* With the lock, which nobody needs for long; each word takes twice as long to come as the last. */
static void
say_who_is_at_work(Fleet *fleet)
{
    g_autofree size_t *at_work = g_new0(size_t, fleet->count);
    FleetWait wait = { .at_work = at_work, .count = fleet->count, .seconds = fleet->says_after };

    for (size_t i = 0; i < fleet->next; i++) {
        if (fleet->is_done[i])
            wait.done_count++;
        else
            at_work[wait.at_work_count++] = i;
    }
    fleet->says_after *= 2;
    fleet->waits(&wait, fleet->waits_data);
}

/*
 * One condition serves all pieces: only the caller's thread waits, so g_cond_signal() cannot wake
 * another one.
 */
static void
wait_for(Fleet *fleet, size_t at)
{
    g_mutex_lock(&fleet->lock);
    while (!fleet->is_done[at]) {
        gint64 end = fleet->started + (gint64)fleet->says_after * G_USEC_PER_SEC;

        if (!g_cond_wait_until(&fleet->one_is_done, &fleet->lock, end))
            say_who_is_at_work(fleet);
    }
    g_mutex_unlock(&fleet->lock);
}

/*
 * Threads of our own and no GThreadPool: that one does not wait until its threads have ended.
 * done() runs here while later pieces are still at work, so that output appears as early as its
 * order permits.
 */
static void
run_side_by_side(unsigned width, size_t count, FleetFunction *work, FleetFunction *done, void *data,
                 FleetWaitFunction *waits, void *waits_data)
{
    g_autofree bool *is_done = g_new0(bool, count);
    g_autofree GThread **threads = g_new0(GThread *, width);
    Fleet fleet = { .work = work,
                    .data = data,
                    .waits = waits,
                    .waits_data = waits_data,
                    .count = count,
                    .is_done = is_done,
                    .started = g_get_monotonic_time(),
                    .says_after = FIRST_WORD_SECONDS };

    g_mutex_init(&fleet.lock);
    g_cond_init(&fleet.one_is_done);
    for (unsigned i = 0; i < width; i++)
        threads[i] = g_thread_new("target", work_on, &fleet);
    for (size_t i = 0; i < count; i++) {
        wait_for(&fleet, i);
        done(i, data);
    }
    for (unsigned i = 0; i < width; i++)
        g_thread_join(threads[i]);
    g_cond_clear(&fleet.one_is_done);
    g_mutex_clear(&fleet.lock);
}

/*
 * Without threads nothing else prints at the same time, so the buffers of the targets can be live
 * (OUTPUT_LIVE).
 */
void
fleet_run(unsigned width, size_t count, FleetFunction *work, FleetFunction *done, void *data,
          FleetWaitFunction *waits, void *waits_data)
{
    if (width > 1) {
        run_side_by_side(width, count, work, done, data, waits, waits_data);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        work(i, data);
        done(i, data);
    }
}
