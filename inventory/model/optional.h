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

typedef enum UntilState {
    UNTIL_LATER,
    UNTIL_SOON, /* within UNTIL_SOON_DAYS */
    UNTIL_PASSED,
} UntilState;

#define UNTIL_SOON_DAYS 7

/* When an entry ends. text NULL: never. */
typedef struct Until {
    const char *text;
    SourcePos pos;
    UntilState state; /* at the clock of the run */
} Until;

/* value NULL: not given. "" is a value. */
typedef struct OptText {
    const char *value;
    SourcePos pos;
} OptText;
