/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/make_uuid.h"

#include <stdio.h>
#include <systemd/sd-id128.h>

#include "io/file_text.h"

enum {
        SIZE_MAXIMUM = 4096,
};

static int uuid_source_read(const HostUuidSource *source, const char *root, UuidText ret)
{
        _cleanup_file_text_ FileText text = { 0 };
        _cleanup_free_ char *path = NULL;
        int r;

        if (asprintf(&path, "%s/%s", root, source->path) < 0) {
                path = NULL;
                return -ENOMEM;
        }
        r = file_text_read(path, SIZE_MAXIMUM, &text);
        return r < 0 ? r : source->convert(text.data, ret);
}

int make_host_uuid(const char *root, UuidText ret)
{
        for (size_t i = 0; i < N_HOST_UUID_SOURCES; i++) {
                int r = uuid_source_read(&host_uuid_sources[i], root, ret);

                /* Falling back to a random UUID for lack of permission would give a different one
                 * each time. */
                if (r >= 0 || r == -ENOMEM || r == -EACCES || r == -EPERM)
                        return r;
        }
        return make_random_uuid(ret);
}

int make_random_uuid(UuidText ret)
{
        sd_id128_t id;
        int r;

        r = sd_id128_randomize(&id);
        if (r < 0)
                return r;
        uuid_to_text(id.bytes, ret);
        return 0;
}
