/* A bar of fixed width. */
#include "provisioner/cli/progress_bar.h"

#include <glib.h>
#include <stdio.h>
#include <unistd.h>

#define BAR_WIDTH 30

/*
 * To stderr, so that a redirected result stays clean. More steps than planned would overflow the
 * bar, hence MIN().
 */
static void
draw(void *data, const char *label, unsigned done, unsigned total, const char *unit)
{
    unsigned whole = MAX(total, 1);
    unsigned filled = MIN(done, whole) * BAR_WIDTH / whole;

    (void)data;
    fprintf(stderr, "\r%s [", label);
    for (unsigned i = 0; i < BAR_WIDTH; i++)
        fputc(i < filled ? '#' : '.', stderr);
    fprintf(stderr, "] %u/%u %s", MIN(done, whole), whole, unit);
    fflush(stderr);
}

static void
clear(void *data)
{
    (void)data;
    fputs("\r\033[K", stderr);
    fflush(stderr);
}

/* Not on a pipe or in a file, where carriage returns are only noise. */
const ProgressView *
progress_bar(void)
{
    static const ProgressView bar = { .draw = draw, .clear = clear };

    return isatty(STDERR_FILENO) == 1 ? &bar : NULL;
}
