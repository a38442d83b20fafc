/* The rule of mixed runs, and errors as exit codes. */
#include "provisioner/exit_code.h"

#include "base/error.h"

/* base/ sets these codes and must not include this header, so the two are held together here. */
_Static_assert((int)EXIT_CODE_ENVIRONMENT == (int)PGCHARTER_ERROR_WORLD, "one set of codes");
_Static_assert((int)EXIT_CODE_INVENTORY == (int)PGCHARTER_ERROR_INVENTORY, "one set of codes");
_Static_assert((int)EXIT_CODE_SAFETY == (int)PGCHARTER_ERROR_SAFETY, "one set of codes");
_Static_assert((int)EXIT_CODE_INTERRUPTED == (int)PGCHARTER_ERROR_INTERRUPTED, "one set of codes");
_Static_assert((int)EXIT_CODE_USAGE == (int)PGCHARTER_ERROR_USAGE, "one set of codes");

int
exit_code_worse(int a, int b)
{
    static const int worst_first[] = {
#define EXIT_CODE_ROW(name, code, text) code,
#include "provisioner/exit_code.def"
#undef EXIT_CODE_ROW
    };

    for (size_t i = 0; i < G_N_ELEMENTS(worst_first); i++) {
        if (a == worst_first[i] || b == worst_first[i])
            return worst_first[i];
    }
    return EXIT_CODE_DONE;
}

int
exit_code_of_error(const GError *error)
{
    return error->domain == PGCHARTER_ERROR ? error->code : EXIT_CODE_ENVIRONMENT;
}
