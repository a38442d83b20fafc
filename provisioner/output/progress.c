/* Not every step is worth a drawing. */
#include "provisioner/output/progress.h"

#include <glib.h>

#define REDRAW_INTERVAL_US 50000

void
progress_start(Progress *progress, const ProgressView *view, const char *label, unsigned total)
{
    *progress = (Progress){ .view = view, .label = label, .total = total };
    if (view != NULL)
        view->draw(view->data, label, 0, total);
}

void
progress_show(Progress *progress, unsigned done)
{
    int64_t now = g_get_monotonic_time();

    if (progress->view == NULL || now - progress->drawn_at < REDRAW_INTERVAL_US)
        return;
    progress->drawn_at = now;
    progress->view->draw(progress->view->data, progress->label, done, progress->total);
}

void
progress_end(Progress *progress)
{
    if (progress->view != NULL)
        progress->view->clear(progress->view->data);
    progress->view = NULL;
}
