/* Checks of schemas against whatever else an inventory says of them. */
#pragma once

#include "inventory/bind/binder.h"

/* Tells of schemas that are declared absent and that something else of the inventory needs. */
void schemas_check_absent(Binder *binder, const Cluster *cluster, const Policy *policy);
