/* SPDX-License-Identifier: Apache-2.0 */

#include "source/nbft_table.h"

#include <string.h>

#include "codec/configuration.h"
#include "codec/nbft.h"

static void path_done(NbftPath *p)
{
        free(p->traddr);
        free(p->trsvcid);
        free(p->subsysnqn);
        free(p->host_traddr);
}

void nbft_table_done(NbftTable *t)
{
        for (size_t i = 0; i < t->n_paths; i++)
                path_done(&t->paths[i]);
        free(t->paths);
        free(t->host_nqn);
        *t = (NbftTable) { 0 };
}

#if HAVE_LIBNVME || HAVE_LIBNVME3

#include <dlfcn.h>
#include <stdio.h>
#include <sys/mman.h>

#include "base/array.h"
#include "base/text.h"
#include "io/fd.h"
#include "model/address.h"

#if HAVE_LIBNVME3
#include <nvme/fabrics.h>
#include <nvme/lib.h>
#include <nvme/nbft.h>
#include <nvme/nvme-types-nbft.h>

typedef struct libnbft_info Info;
typedef struct libnbft_hfi Hfi;
typedef struct libnbft_subsystem_ns Subsystem;
typedef typeof(libnvmf_free_nbft) FreeInfo;

static bool is_by_dhcp(const Hfi *h)
{
        return h->tcp_info.flags & NBFT_HFI_INFO_TCP_DHCP_OVERRIDE;
}
#else
#include <libnvme.h>

typedef struct nbft_info Info;
typedef struct nbft_info_hfi Hfi;
typedef struct nbft_info_subsystem_ns Subsystem;
typedef typeof(nvme_nbft_free) FreeInfo;

static bool is_by_dhcp(const Hfi *h)
{
        return h->tcp_info.dhcp_override;
}
#endif

/* The library is loaded only if there is a table, which few machines have: it depends on a
 * cryptography library. */
typedef struct Reading {
        void *library;
        Info *info;
        FreeInfo *free_info;
} Reading;

#if HAVE_LIBNVME3
static int parse(Reading *r, const char *path)
{
        typeof(libnvme_create_global_ctx) *create = dlsym(r->library, "libnvme_create_global_ctx");
        typeof(libnvme_free_global_ctx) *destroy = dlsym(r->library, "libnvme_free_global_ctx");
        typeof(libnvmf_read_nbft) *read_info = dlsym(r->library, "libnvmf_read_nbft");
        Info *info = NULL;

        r->free_info = dlsym(r->library, "libnvmf_free_nbft");
        if (!create || !destroy || !read_info || !r->free_info)
                return -ELIBACC;
        struct libnvme_global_ctx *context = create();
        if (!context)
                return -ENOMEM;
        int error = read_info(context, &info, path);
        destroy(context);
        if (error != 0) /* freed by libnvme, but still set */
                return -EPROTONOSUPPORT;
        r->info = info;
        return 0;
}

static void free_info(const Reading *r)
{
        r->free_info(NULL, r->info);
}
#else
static int parse(Reading *r, const char *path)
{
        typeof(nvme_nbft_read) *read_info = dlsym(r->library, "nvme_nbft_read");
        Info *info = NULL;

        r->free_info = dlsym(r->library, "nvme_nbft_free");
        if (!read_info || !r->free_info)
                return -ELIBACC;
        if (read_info(&info, path) != 0) /* freed by libnvme, but still set */
                return -EPROTONOSUPPORT;
        r->info = info;
        return 0;
}

static void free_info(const Reading *r)
{
        r->free_info(r->info);
}
#endif

static void reading_done(Reading *r)
{
        if (r->info)
                free_info(r);
        if (r->library)
                (void) dlclose(r->library);
}

/* If it reads past the end it reads zeroes, as many as the longest descriptor has. They do not
 * affect the checksum. */
#define PADDING_SIZE 256

/* libnvme takes a path: pass the checked data, not a file that may have changed since. */
static int nbft_table_load(const uint8_t *data, size_t n, Reading *ret)
{
        static const uint8_t padding[PADDING_SIZE];
        _cleanup_fd_ int fd = memfd_create("nbft", MFD_CLOEXEC);
        char path[64];

        if (fd < 0)
                return -errno;
        int r = fd_write_all(fd, data, n);
        if (r >= 0)
                r = fd_write_all(fd, padding, sizeof(padding));
        if (r < 0)
                return r;
        ret->library = dlopen(LIBNVME_SONAME, RTLD_NOW | RTLD_LOCAL);
        if (!ret->library)
                return -ELIBACC;
        (void) snprintf(path, sizeof(path), "/proc/self/fd/%i", fd);
        return parse(ret, path);
}

static void nbft_table_take_host(const Info *info, NbftTable *t)
{
        const uint8_t *id = info->host.id;

        if (info->host.nqn && host_nqn_check(info->host.nqn) >= 0)
                t->host_nqn = strdup(info->host.nqn); /* out of memory: treated as absent */
        if (!id)
                return;
        (void) snprintf(t->host_id, sizeof(t->host_id),
                        "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
                        id[0], id[1], id[2], id[3], id[4], id[5], id[6], id[7], id[8], id[9],
                        id[10], id[11], id[12], id[13], id[14], id[15]);
        if (!host_id_is_valid(t->host_id))
                t->host_id[0] = '\0';
}

/* Sets the source address if it has the family of the path's destination. */
static int take_host_traddr(const Hfi *h, NbftPath *p)
{
        Address from = address_parse(TRANSPORT_TCP, h->tcp_info.ipaddr);
        Address to = address_parse(TRANSPORT_TCP, p->traddr);

        if (is_by_dhcp(h) || address_is_unspecified(&from) || from.family != to.family)
                return 0;
        p->host_traddr = strdup(h->tcp_info.ipaddr);
        return p->host_traddr ? 0 : -ENOMEM;
}

static int nbft_table_add_path(NbftTable *t, ControllerKind kind, int index, const char *traddr,
                               const char *trsvcid, const char *nqn, const Hfi *h)
{
        int r = ARRAY_RESERVE(t->paths, t->n_allocated, t->n_paths + 1);
        if (r < 0)
                return r;
        NbftPath *p = &t->paths[t->n_paths++];
        *p = (NbftPath) {
                .kind = kind,
                .index = (unsigned) index,
                .traddr = strdup(traddr),
                .trsvcid = strdup(trsvcid),
                .subsysnqn = strdup(nqn),
        };
        if (!p->traddr || !p->trsvcid || !p->subsysnqn)
                return -ENOMEM;
        if (!h)
                return 0;
        p->has_interface = true;
        memcpy(p->mac, h->tcp_info.mac_addr, sizeof(p->mac));
        p->vlan = h->tcp_info.vlan;
        return take_host_traddr(h, p);
}

static const Hfi *hfi_of(const Info *info, unsigned index)
{
        for (size_t i = 0; info->hfi_list && info->hfi_list[i]; i++)
                if ((unsigned) info->hfi_list[i]->index == index)
                        return info->hfi_list[i];
        return NULL;
}

static int take_discovery(const Info *info, const NbftDiscoveryEntry *d, NbftTable *t)
{
        _cleanup_free_ char *uri = strdup(d->uri);
        const Hfi *hfi = hfi_of(info, d->hfi);
        const char *transport, *address, *port;

        if (!uri)
                return -ENOMEM;
        if (nbft_uri_split(uri, &transport, &address, &port) < 0) {
                t->n_left_out++;
                return 0;
        }
        int r = nbft_table_add_path(t, CONTROLLER_DISCOVERY, (int) d->index, address, port,
                                    *d->nqn ? d->nqn : NQN_DISCOVERY, hfi);
        if (r < 0)
                return r;
        NbftPath *p = &t->paths[t->n_paths - 1];
        p->has_security = d->security > 0;
        p->has_unknown_interface = d->hfi > 0 && !hfi;
        return 0;
}

/* One entry is enough, regardless of the interface: see nbft_read(). */
static int take_subsystem(const Subsystem *s, NbftTable *t)
{
        if (streq(text_or(s->subsys_nqn, ""), NQN_DISCOVERY))
                return 0; /* the firmware's discovery controller; has a descriptor of its own */
        return nbft_table_add_path(t, CONTROLLER_IO, s->index, s->traddr, text_or(s->trsvcid, ""),
                                   text_or(s->subsys_nqn, ""), NULL);
}

int nbft_table_read(const uint8_t *data, size_t n, NbftTable *ret, const char **ret_reason)
{
        _cleanup_nbft_table_ NbftTable t = { 0 };
        _cleanup_(reading_done) Reading reading = { 0 };
        NbftSummary s;
        NbftDiscoveryEntry discovery;
        unsigned position = 0;
        size_t n_subsystems = 0;

        int r = nbft_check(data, n, &s, ret_reason);
        if (r >= 0)
                r = nbft_table_load(data, s.size, &reading);
        if (r < 0)
                return r;
        const Info *info = reading.info;
        nbft_table_take_host(info, &t);
        while (r >= 0 && nbft_next_discovery(data, &position, &discovery))
                r = take_discovery(info, &discovery, &t);
        for (; r >= 0 && info->subsystem_ns_list && info->subsystem_ns_list[n_subsystems];
             n_subsystems++)
                r = take_subsystem(info->subsystem_ns_list[n_subsystems], &t);
        if (r < 0)
                return r;
        /* libnvme skips invalid descriptors silently. */
        t.n_left_out += s.n_subsystems - (unsigned) n_subsystems;
        *ret = t;
        t = (NbftTable) { 0 };
        return 0;
}

#else

int nbft_table_read(const uint8_t *data, size_t n, NbftTable *ret, const char **ret_reason)
{
        NbftSummary s;
        int r = nbft_check(data, n, &s, ret_reason);

        return r < 0 ? r : -EOPNOTSUPP;
}

#endif
