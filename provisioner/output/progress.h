/* Progress: one line on a terminal that is drawn over while work goes on; nothing where there is
 * none. */
#pragma once

#include <stdint.h>
#include <stdio.h>

typedef struct Progress {
    FILE *stream; /* NULL: show nothing */
    const char *label;
    unsigned total;
    int64_t drawn_at;
} Progress;

void progress_start(Progress *progress, FILE *stream, const char *label, unsigned total);
void progress_show(Progress *progress, unsigned done);
/* Takes the line away. */
void progress_end(Progress *progress);
