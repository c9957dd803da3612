/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/make_uuid.h"

#include <fcntl.h>
#include <stdio.h>
#include <systemd/sd-id128.h>
#include <unistd.h>

static int uuid_source_read(const HostUuidSource *source, const char *root, UuidText ret)
{
        _cleanup_free_ char *path = NULL;
        char text[64];
        ssize_t n;
        int fd;

        if (asprintf(&path, "%s/%s", root, source->path) < 0)
                return -ENOMEM;
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        if (fd < 0)
                return -errno;
        n = read(fd, text, sizeof(text) - 1);
        if (n < 0)
                n = -errno;
        (void) close(fd); /* nothing was written */
        if (n < 0)
                return (int) n;
        text[n] = '\0';
        return source->convert(text, ret);
}

int make_host_uuid(const char *root, UuidText ret)
{
        for (size_t i = 0; i < N_HOST_UUID_SOURCES; i++) {
                int r = uuid_source_read(&host_uuid_sources[i], root, ret);

                /* A random UUID because of a lack of rights would be another one each time. */
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
