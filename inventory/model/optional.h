/* Values that an author may leave out. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/finding.h"

/* A value that may be absent (not given, or null where Pigsty treats null as absent). */
typedef struct OptBool {
    bool given;
    bool value;
    SourcePos pos;
} OptBool;

typedef struct OptInt {
    bool given;
    int64_t value;
    SourcePos pos;
} OptInt;

/* value NULL: not given. "" is a value. */
typedef struct OptText {
    const char *value;
    SourcePos pos;
} OptText;
