/* Texts in order, neighbours of one stream joined. */
#include "provisioner/output/output_buffer.h"

#include <stdarg.h>

typedef struct Piece {
    OutputStream stream;
    GString *text;
} Piece;

struct OutputBuffer {
    const OutputSink *sink;
    OutputMode mode;
    GPtrArray *pieces;
};

static void
free_piece(gpointer data)
{
    Piece *piece = data;

    g_string_free(piece->text, TRUE);
    g_free(piece);
}

/* The sink is shared by all targets of a run, so only the pointer is kept. */
OutputBuffer *
output_buffer_new(const OutputSink *sink, OutputMode mode)
{
    OutputBuffer *buffer = g_new0(OutputBuffer, 1);

    buffer->sink = sink;
    buffer->mode = mode;
    buffer->pieces = g_ptr_array_new_with_free_func(free_piece);
    return buffer;
}

void
output_buffer_free(OutputBuffer *buffer)
{
    if (buffer == NULL)
        return;
    g_ptr_array_free(buffer->pieces, TRUE);
    g_free(buffer);
}

/* One list for both streams keeps their order, which two buffers would lose. */
void
output_buffer_append(OutputBuffer *buffer, OutputStream stream, const char *text)
{
    GPtrArray *pieces = buffer->pieces;
    Piece *last = pieces->len == 0 ? NULL : g_ptr_array_index(pieces, pieces->len - 1);

    /* Neighbours of one stream are joined, so that a plan of many lines is one write. */
    if (last == NULL || last->stream != stream) {
        last = g_new0(Piece, 1);
        last->stream = stream;
        last->text = g_string_new(NULL);
        g_ptr_array_add(pieces, last);
    }
    g_string_append(last->text, text);
    if (buffer->mode == OUTPUT_LIVE)
        output_buffer_flush(buffer);
}

void
output_buffer_printf(OutputBuffer *buffer, OutputStream stream, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list arguments;

    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    output_buffer_append(buffer, stream, text);
}

/* The buffer stays usable: apply flushes it before a question and continues afterwards. */
void
output_buffer_flush(OutputBuffer *buffer)
{
    for (guint i = 0; i < buffer->pieces->len; i++) {
        const Piece *piece = g_ptr_array_index(buffer->pieces, i);

        buffer->sink->write(buffer->sink->data, piece->stream, piece->text->str);
    }
    g_ptr_array_set_size(buffer->pieces, 0);
}
