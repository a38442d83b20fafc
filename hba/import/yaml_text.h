/* Texts as YAML scalars that read as exactly these texts, on one line. */
#pragma once

#include <glib.h>

/* text is UTF-8. What Ansible would take for a template gets the tag !unsafe. */
void hba_yaml_text_append(GString *out, const char *text);
