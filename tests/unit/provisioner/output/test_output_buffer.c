/* Texts wait for their turn, in order. */
#include "provisioner/output/output_buffer.h"

static void
write_down(void *data, OutputStream stream, const char *text)
{
    g_string_append_printf(data, "%s<%s>", stream == OUTPUT_RESULT ? "out" : "err", text);
}

static void
what_is_kept_is_written_at_the_flush_in_order(void)
{
    g_autoptr(GString) seen = g_string_new(NULL);
    const OutputSink sink = { .write = write_down, .data = seen };
    g_autoptr(OutputBuffer) buffer = output_buffer_new(&sink, OUTPUT_KEPT);

    output_buffer_append(buffer, OUTPUT_RESULT, "a");
    output_buffer_printf(buffer, OUTPUT_RESULT, "%d", 1);
    output_buffer_append(buffer, OUTPUT_DIAGNOSTIC, "b");
    output_buffer_append(buffer, OUTPUT_RESULT, "c");
    g_assert_cmpstr(seen->str, ==, "");
    output_buffer_flush(buffer);
    g_assert_cmpstr(seen->str, ==, "out<a1>err<b>out<c>");
    output_buffer_flush(buffer);
    g_assert_cmpstr(seen->str, ==, "out<a1>err<b>out<c>");
}

static void
live_texts_are_written_at_once(void)
{
    g_autoptr(GString) seen = g_string_new(NULL);
    const OutputSink sink = { .write = write_down, .data = seen };
    g_autoptr(OutputBuffer) buffer = output_buffer_new(&sink, OUTPUT_LIVE);

    output_buffer_append(buffer, OUTPUT_RESULT, "a");
    g_assert_cmpstr(seen->str, ==, "out<a>");
    output_buffer_append(buffer, OUTPUT_RESULT, "b");
    g_assert_cmpstr(seen->str, ==, "out<a>out<b>");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/output-buffer/kept", what_is_kept_is_written_at_the_flush_in_order);
    g_test_add_func("/output-buffer/live", live_texts_are_written_at_once);
    return g_test_run();
}
