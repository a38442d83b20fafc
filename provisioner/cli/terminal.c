/* The size of a terminal, and of what is none. */
#include "provisioner/cli/terminal.h"

#include <glib.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#define WIDTH_MIN     20
#define WIDTH_DEFAULT 80
#define WIDTH_MAX     100000

/* A pipe has no width; 80 suits mail, logs and the pager that comes next. */
size_t
terminal_width(FILE *stream)
{
    const char *columns = getenv("COLUMNS");
    struct winsize size = { 0 };
    guint64 width = 0;

    if (columns != NULL && g_ascii_string_to_unsigned(columns, 10, 1, WIDTH_MAX, &width, NULL))
        return MAX(width, WIDTH_MIN);
    if (ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return MAX(size.ws_col, WIDTH_MIN);
    return WIDTH_DEFAULT;
}
