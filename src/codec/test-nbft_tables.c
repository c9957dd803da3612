/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/test-nbft_tables.h"

#include <arpa/inet.h>
#include <string.h>

const NbftPlan nbft_plan_typical = {
        .host_nqn = "nqn.2014-08.org.nvmexpress:uuid:0a1b2c3d-0000-4000-8000-00000000b007",
        .host_id = { 0x0a, 0x1b, 0x2c, 0x3d, 0, 0, 0x40, 0, 0x80, 0, 0, 0, 0, 0, 0xb0, 0x07 },
        .hfis = {
                { .mac = { 2, 0, 0, 0, 0, 1 }, .address = "192.0.2.1" },
                { .mac = { 2, 0, 0, 0, 0, 2 }, .vlan = 20, .address = "2001:db8::1", .dhcp = true },
        },
        .discoveries = {
                { .hfi = 1, .uri = "nvme+tcp://192.0.2.10:8009/",
                  .nqn = "nqn.2014-08.org.nvmexpress.discovery" },
                { .hfi = 2, .uri = "nvme+tcp://[2001:db8::10]", .nqn = "nqn.2024-01.lab:dc" },
        },
        .subsystems = {
                { .hfi = 1, .secondary_hfi = 2, .discovery = 1, .traddr = "192.0.2.20",
                  .trsvcid = "4420", .nqn = "nqn.2024-01.lab:boot" },
                { .hfi = 2, .secondary_hfi = 2, .discovery = 2, .transport_flags = 7,
                  .traddr = "2001:db8::20", .trsvcid = "4421", .nqn = "nqn.2024-01.lab:data" },
        },
};

typedef struct Build {
        uint8_t *table;
        size_t n; /* end of the heap */
} Build;

static void put16(uint8_t *p, size_t v)
{
        p[0] = (uint8_t) v;
        p[1] = (uint8_t) (v >> 8);
}

static void put32(uint8_t *p, size_t v)
{
        put16(p, v);
        put16(p + 2, v >> 16);
}

static void put_object(Build *b, size_t at, const void *data, size_t n, size_t n_told)
{
        if (b->n + n > NBFT_BUILD_MAX)
                abort();
        memcpy(b->table + b->n, data, n);
        put32(b->table + at, b->n);
        put16(b->table + at + 4, n_told);
        b->n += n;
}

static void put_text(Build *b, size_t at, const char *text)
{
        if (text)
                put_object(b, at, text, strlen(text) + 1, strlen(text));
}

static void put_address(uint8_t *p, const char *text)
{
        static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

        if (inet_pton(AF_INET6, text, p) == 1)
                return;
        memcpy(p, mapped, sizeof(mapped));
        if (inet_pton(AF_INET, text, p + sizeof(mapped)) != 1)
                abort();
}

static void put_list(Build *b, size_t control, size_t at, size_t size, size_t n)
{
        uint8_t *p = b->table + NBFT_AT_CONTROL + control;

        put32(p, at);
        put16(p + 4, size);
        p[6] = 1;
        p[7] = (uint8_t) n;
}

static void put_hfi(Build *b, const NbftHfi *h, size_t i)
{
        uint8_t *p = b->table + NBFT_AT_HFIS + 32 * i, tcp[128] = { 7, 1, 3, 1 };

        p[0] = 3;
        p[1] = (uint8_t) (i + 1);
        p[2] = 1;
        p[3] = 3;
        put16(tcp + 4, i + 1);
        tcp[6] = h->dhcp ? 5 : 1;
        memcpy(tcp + 11, h->mac, sizeof(h->mac));
        put16(tcp + 17, h->vlan);
        tcp[19] = h->dhcp ? 3 : 1; /* IP origin: DHCP, manual */
        if (h->address)
                put_address(tcp + 20, h->address);
        tcp[36] = 24;
        put_object(b, (size_t) (p - b->table) + 16, tcp, sizeof(tcp), sizeof(tcp));
}

static void put_discovery(Build *b, const NbftDiscovery *d, size_t i)
{
        size_t at = NBFT_AT_DISCOVERIES + 32 * i;
        uint8_t *p = b->table + at;

        p[0] = 6;
        p[1] = 1;
        p[2] = (uint8_t) (i + 1);
        p[3] = d->hfi;
        p[4] = d->security;
        put_text(b, at + 6, d->uri);
        put_text(b, at + 12, d->nqn);
}

static void put_subsystem(Build *b, const NbftSubsystem *s, size_t i)
{
        size_t at = NBFT_AT_SUBSYSTEMS + 128 * i;
        uint8_t *p = b->table + at, address[16];

        p[0] = 4;
        put16(p + 1, i + 1);
        p[3] = 1;
        p[5] = 3;
        put16(p + 6, s->transport_flags);
        p[8] = s->discovery;
        put_address(address, s->traddr);
        put_object(b, at + 10, address, sizeof(address), sizeof(address));
        put_text(b, at + 16, s->trsvcid);
        put16(p + 22, 1);
        put32(p + 24, 1);
        p[46] = s->hfi;
        if (s->secondary_hfi > 0)
                put_object(b, at + 48, &s->secondary_hfi, 1, 1);
        put_text(b, at + 54, s->nqn);
}

static void put_host(Build *b, const NbftPlan *plan)
{
        uint8_t *control = b->table + NBFT_AT_CONTROL, *host = b->table + NBFT_AT_HOST;

        control[0] = 1;
        control[1] = 1;
        put16(control + 4, 64);
        control[6] = 1;
        put32(control + 8, NBFT_AT_HOST);
        put16(control + 12, 32);
        control[14] = 1;

        host[0] = 2;
        host[1] = 7;
        memcpy(host + 2, plan->host_id, sizeof(plan->host_id));
        put_text(b, NBFT_AT_HOST + 18, plan->host_nqn);
}

static bool is_set(const uint8_t mac[6])
{
        static const uint8_t none[6];

        return memcmp(mac, none, sizeof(none)) != 0;
}

static void put_lists(Build *b, const NbftPlan *plan)
{
        size_t n;

        for (n = 0; n < NBFT_LIST_MAX && is_set(plan->hfis[n].mac); n++)
                put_hfi(b, &plan->hfis[n], n);
        put_list(b, 16, NBFT_AT_HFIS, 32, n);
        for (n = 0; n < NBFT_LIST_MAX && plan->discoveries[n].uri; n++)
                put_discovery(b, &plan->discoveries[n], n);
        put_list(b, 40, NBFT_AT_DISCOVERIES, 32, n);
        for (n = 0; n < NBFT_LIST_MAX && plan->subsystems[n].traddr; n++)
                put_subsystem(b, &plan->subsystems[n], n);
        put_list(b, 24, NBFT_AT_SUBSYSTEMS, 128, n);
}

void nbft_seal(uint8_t *table, size_t n)
{
        uint8_t sum = 0;

        table[NBFT_AT_CHECKSUM] = 0;
        for (size_t i = 0; i < n; i++)
                sum = (uint8_t) (sum + table[i]);
        table[NBFT_AT_CHECKSUM] = (uint8_t) -sum;
}

size_t nbft_build(const NbftPlan *plan, uint8_t table[static NBFT_BUILD_MAX])
{
        Build b = { .table = table, .n = NBFT_AT_OBJECTS };

        memset(table, 0, NBFT_BUILD_MAX);
        memcpy(table, "NBFT", 4);
        table[8] = 1;
        memcpy(table + 10, "STAS  TEST    ", 14);
        put_host(&b, plan);
        put_lists(&b, plan);
        put32(table + NBFT_AT_LENGTH, b.n);
        put32(table + NBFT_AT_HEAP, NBFT_AT_OBJECTS);
        put32(table + NBFT_AT_HEAP + 4, b.n - NBFT_AT_OBJECTS);
        nbft_seal(table, b.n);
        return b.n;
}
