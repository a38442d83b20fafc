/* Findings on stdout, in the formats that validate and hba lint share. */
#pragma once

#include "provisioner/cli/command.h"

#define FINDINGS_OUTPUT_FORMATS "text, json, sarif or github"

/* format NULL is text. */
bool findings_output_knows(const char *format);
/* Sorted; the format must be known. */
void findings_output(const CommandContext *context, Findings *findings, const char *format);
