/* SPDX-License-Identifier: Apache-2.0 */

/* Users of FUSE choose the source name freely. The output consists of paths, one per line. */

#include <assert.h>
#include <string.h>

#include "codec/mountinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        _cleanup_free_ char *text = strndup((const char *) data, size);
        _cleanup_free_ char *sources = mountinfo_sources(text, 28);

        for (const char *line = sources; *line; line = strchr(line, '\n') + 1)
                assert(*line == '/' && strchr(line, '\n'));
        return 0;
}
