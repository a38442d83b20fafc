/* A bar on the terminal that is drawn over while work goes on. */
#pragma once

#include "provisioner/output/progress.h"

/* On stderr; NULL where that is not a terminal. */
const ProgressView *progress_bar(void);
