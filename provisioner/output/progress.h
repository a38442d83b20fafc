/*
 * Progress: how far a piece of work is, for whoever shows it. The view is called at most twenty
 * times a second, and always at the start.
 */
#pragma once

#include <stdint.h>

typedef struct ProgressView {
    void (*draw)(void *data, const char *label, unsigned done, unsigned total, const char *unit);
    void (*clear)(void *data); /* the work is over */
    void *data;
} ProgressView;

typedef struct Progress {
    const ProgressView *view; /* NULL: show nothing */
    const char *label;
    unsigned total;
    const char *unit; /* what is counted: "steps" */
    int64_t drawn_at;
} Progress;

void progress_start(Progress *progress, const ProgressView *view, const char *label, unsigned total,
                    const char *unit);
void progress_show(Progress *progress, unsigned done);
/* Takes the drawing away for a line of text; the next progress_show() draws it again. */
void progress_hide(Progress *progress);
void progress_end(Progress *progress);
