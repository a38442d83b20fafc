/*
 * OutputBuffer: what one piece of work prints, kept until its turn comes, so that what a run prints
 * does not depend on how many targets are processed in parallel. It knows no files: a flush hands
 * the texts to a sink, in order.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef enum OutputStream {
    OUTPUT_RESULT,     /* what was asked for: stdout */
    OUTPUT_DIAGNOSTIC, /* everything else: stderr */
} OutputStream;

typedef struct OutputSink {
    void (*write)(void *data, OutputStream stream, const char *text);
    void *data;
} OutputSink;

typedef struct OutputBuffer OutputBuffer;

typedef enum OutputMode {
    OUTPUT_KEPT,
    OUTPUT_LIVE, /* nothing else is printing: every text is flushed at once */
} OutputMode;

/* The sink must outlive the buffer; with OUTPUT_LIVE it is called by whoever appends. */
OutputBuffer *output_buffer_new(const OutputSink *sink, OutputMode mode);
void output_buffer_free(OutputBuffer *buffer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OutputBuffer, output_buffer_free)

void output_buffer_append(OutputBuffer *buffer, OutputStream stream, const char *text);
void output_buffer_printf(OutputBuffer *buffer, OutputStream stream, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
/* Hands over what was kept; by one thread at a time. */
void output_buffer_flush(OutputBuffer *buffer);
