/* A flag that the handler sets and the loops of apply look at. */
#include "provisioner/server/interrupt.h"

#include <glib.h>
#include <signal.h>

/* A signal handler can reach nothing but static data (signal-safety(7)). */
static volatile sig_atomic_t requested;

static void
request(int signal_number)
{
    (void)signal_number;
    requested = 1;
}

/* SA_RESETHAND: whoever presses Ctrl-C again does not want to wait. */
void
interrupt_watch(void)
{
    static gsize once;
    struct sigaction action = { .sa_handler = request, .sa_flags = (int)SA_RESETHAND };

    if (!g_once_init_enter(&once))
        return;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    g_once_init_leave(&once, 1);
}

bool
interrupt_requested(void)
{
    return requested != 0;
}
