/* Not every step is worth a drawing. */
#include "provisioner/output/progress.h"

#include <glib.h>

/* At most twenty drawings a second. */
#define REDRAW_INTERVAL_US 50000

/* The bar appears at once, so that a long first step does not look like a program that hangs. */
void
progress_start(Progress *progress, const ProgressView *view, const char *label, unsigned total,
               const char *unit)
{
    *progress = (Progress){ .view = view, .label = label, .total = total, .unit = unit };
    if (view != NULL)
        view->draw(view->data, label, 0, total, unit);
}

/* Steps may finish much faster than a terminal draws. */
void
progress_show(Progress *progress, unsigned done)
{
    int64_t now = g_get_monotonic_time();

    if (progress->view == NULL || now - progress->drawn_at < REDRAW_INTERVAL_US)
        return;
    progress->drawn_at = now;
    progress->view->draw(progress->view->data, progress->label, done, progress->total,
                         progress->unit);
}

void
progress_hide(Progress *progress)
{
    if (progress->view != NULL)
        progress->view->clear(progress->view->data);
    progress->drawn_at = 0;
}

/* Without a view nothing is drawn by a late progress_show(). */
void
progress_end(Progress *progress)
{
    if (progress->view != NULL)
        progress->view->clear(progress->view->data);
    progress->view = NULL;
}
