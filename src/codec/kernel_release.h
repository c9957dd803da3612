/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/macro.h"

/* Returns true if a kernel release ("6.12.9-amd64", uname(2)) is the given version or a later one.
 * Returns false if it cannot be parsed. */
bool kernel_release_is_since(const char *release, unsigned major, unsigned minor);
