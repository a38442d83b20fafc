/* The formats of a plan, as `plan --format` names them. */
#pragma once

typedef enum PlanFormat {
    PLAN_FORMAT_TEXT,
    PLAN_FORMAT_JSON,
    PLAN_FORMAT_SQL,
    PLAN_FORMAT_MARKDOWN,
    PLAN_FORMAT_COUNT,
} PlanFormat;

/* NULL-terminated, in the order of PlanFormat. */
extern const char *const plan_format_words[];
