/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/kernel_release.h"

#include <stdio.h>

bool kernel_release_is_since(const char *release, unsigned major, unsigned minor)
{
        unsigned of_release, minor_of_release;

        if (sscanf(release, "%3u.%3u", &of_release, &minor_of_release) != 2)
                return false;
        return of_release > major || (of_release == major && minor_of_release >= minor);
}
