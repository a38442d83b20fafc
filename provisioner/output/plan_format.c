/* One word for each format of a plan. */
#include "provisioner/output/plan_format.h"

#include <stddef.h>

const char *const plan_format_words[] = {
    [PLAN_FORMAT_TEXT] = "text",         [PLAN_FORMAT_JSON] = "json", [PLAN_FORMAT_SQL] = "sql",
    [PLAN_FORMAT_MARKDOWN] = "markdown", [PLAN_FORMAT_COUNT] = NULL,
};
