/* The quark of the program's GError domain. */
#include "base/error.h"

G_DEFINE_QUARK(pgcharter - error - quark, pgcharter_error)
