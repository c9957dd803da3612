/* SPDX-License-Identifier: Apache-2.0 */

/* The services are words, and there is at least one. */

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/macro.h"
#include "codec/nsswitch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        _cleanup_free_ char *text = strndup((const char *) data, size);
        _cleanup_free_ char *services = nsswitch_host_services(text);

        assert(*services && !strpbrk(services, " \t\r[#"));
        for (const char *line = services; *line; line = strchr(line, '\n') + 1)
                assert(*line != '\n' && strchr(line, '\n'));
        return 0;
}
