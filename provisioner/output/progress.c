/* A bar of fixed width, at most twenty times a second. */
#include "provisioner/output/progress.h"

#include <glib.h>

#define BAR_WIDTH       30
#define REDRAW_INTERVAL 50000

static void
draw(const Progress *progress, unsigned done)
{
    unsigned total = MAX(progress->total, 1);
    unsigned filled = MIN(done, total) * BAR_WIDTH / total;

    fprintf(progress->stream, "\r%s [", progress->label);
    for (unsigned i = 0; i < BAR_WIDTH; i++)
        fputc(i < filled ? '#' : '.', progress->stream);
    fprintf(progress->stream, "] %u/%u steps", MIN(done, total), total);
    fflush(progress->stream);
}

void
progress_start(Progress *progress, FILE *stream, const char *label, unsigned total)
{
    *progress = (Progress){ .stream = stream, .label = label, .total = total };
    if (stream != NULL)
        draw(progress, 0);
}

void
progress_show(Progress *progress, unsigned done)
{
    int64_t now = g_get_monotonic_time();

    if (progress->stream == NULL || now - progress->drawn_at < REDRAW_INTERVAL)
        return;
    progress->drawn_at = now;
    draw(progress, done);
}

void
progress_end(Progress *progress)
{
    if (progress->stream == NULL)
        return;
    fputs("\r\033[K", progress->stream);
    fflush(progress->stream);
    progress->stream = NULL;
}
