/* pgcharter version: of the program and of the libraries it runs with. */
#include <libpq-fe.h>
#include <openssl/crypto.h>

#include "provisioner/cli/command.h"

int
command_version(CommandContext *context)
{
    int libpq = PQlibVersion();

    (void)context;
    printf("pgcharter %s\n", PGCHARTER_VERSION);
    printf("libpq %d.%d\n", libpq / 10000, libpq % 10000);
    printf("GLib %u.%u.%u\n", glib_major_version, glib_minor_version, glib_micro_version);
    printf("%s\n", OpenSSL_version(OPENSSL_VERSION));
    return EXIT_CODE_DONE;
}
