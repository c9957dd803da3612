/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/macro.h"

/* Is a kernel of this release ("6.12.9-amd64", uname(2)) that version or a later one? One that is
 * no release is none. */
bool kernel_release_is_since(const char *release, unsigned major, unsigned minor);
