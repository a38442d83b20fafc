/* The size of a terminal, and of what is none. */
#include "provisioner/cli/terminal.h"

#include <glib.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

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

/* stderr where it is a terminal, because that is where everything but results goes. */
static FILE *
open_terminal(void)
{
    return isatty(STDERR_FILENO) == 1 ? stderr : fopen("/dev/tty", "we");
}

bool
terminal_ask(const char *question)
{
    FILE *terminal = open_terminal();
    char answer[8] = "";
    bool answered = false;

    fputs(question, terminal == NULL ? stderr : terminal);
    fflush(terminal == NULL ? stderr : terminal);
    answered = fgets(answer, sizeof answer, stdin) != NULL;
    if (terminal != NULL && terminal != stderr)
        fclose(terminal);
    g_strstrip(answer);
    return answered &&
           (g_ascii_strcasecmp(answer, "y") == 0 || g_ascii_strcasecmp(answer, "yes") == 0);
}
