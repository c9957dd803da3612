/* SPDX-License-Identifier: Apache-2.0 */

#include "daemon/registration.h"

#include <stdio.h>
#include <sys/utsname.h>

#include "base/text.h"
#include "codec/dim.h"
#include "model/host_id.h"

int registration_encode(const HostIdentity *own, const Row *row, Job *job)
{
        const Device *device = row_device(row);
        char id[HOST_ID_SIZE], version[sizeof(((struct utsname *) NULL)->release) * 2];
        struct utsname u = { 0 };
        uint8_t *data;

        if (!device)
                return -ENODEV;
        const char *nqn = *device->tid->host_nqn ? device->tid->host_nqn : own->nqn;
        host_id_for_nqn(nqn, own->nqn, own->id, id);
        (void) uname(&u); /* fails only for a bad address */
        (void) snprintf(version, sizeof(version), "%s %s", u.sysname, u.release);

        DimHost host = {
                .nqn = nqn,
                .id = *device->host_id ? device->host_id : id,
                .symname = own->symname,
                .name = u.nodename,
                .version = version,
                .ip_family = device->tid->address.family,
        };
        int r = dim_encode_host(&host, &data, &job->n_data);
        if (r >= 0)
                job->data = data;
        return r;
}

bool registration_differs(const HostIdentity *a, const HostIdentity *b)
{
        return !streq(text_or(a->symname, ""), text_or(b->symname, ""));
}
