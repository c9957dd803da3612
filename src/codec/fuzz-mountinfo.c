/* SPDX-License-Identifier: Apache-2.0 */

/* Who mounts by FUSE names the source as he likes. What comes out are paths, one a line. */

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
