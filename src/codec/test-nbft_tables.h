/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Builds boot firmware tables for tests, according to the figures of the NVMe Boot Specification
 * 1.0 instead of the code that reads them. */

#include "base/macro.h"

typedef struct NbftHfi { /* the index is the position, starting at 1 */
        uint8_t mac[6];
        uint16_t vlan;
        const char *address; /* numeric, NULL if none */
        bool dhcp;
} NbftHfi;

typedef struct NbftDiscovery {
        uint8_t hfi; /* 0 if none */
        const char *uri, *nqn;
        uint8_t security; /* number of the security profile, 0 if none */
} NbftDiscovery;

typedef struct NbftSubsystem {
        uint8_t hfi, secondary_hfi; /* 0 if none */
        uint8_t discovery;
        uint16_t transport_flags;
        const char *traddr, *trsvcid, *nqn;
} NbftSubsystem;

enum {
        NBFT_LIST_MAX = 4,
        NBFT_BUILD_MAX = 4096,
};

typedef struct NbftPlan { /* lists end with an entry without address, uri or mac */
        const char *host_nqn;
        uint8_t host_id[16];
        NbftHfi hfis[NBFT_LIST_MAX];
        NbftDiscovery discoveries[NBFT_LIST_MAX];
        NbftSubsystem subsystems[NBFT_LIST_MAX];
} NbftPlan;

/* Two interfaces, the second one in VLAN 20 and with a DHCP address; one discovery controller
 * behind each; one subsystem on both and another one on the second. */
extern const NbftPlan nbft_plan_typical;

/* Returns the length of the table. Aborts if it does not fit. */
size_t nbft_build(const NbftPlan *plan, uint8_t table[static NBFT_BUILD_MAX]);
/* Updates the checksum after a change. */
void nbft_seal(uint8_t *table, size_t n);

/* Offsets to damage. */
enum {
        NBFT_AT_LENGTH = 4,
        NBFT_AT_CHECKSUM = 9,
        NBFT_AT_HEAP = 36,
        NBFT_AT_CONTROL = 64,
        NBFT_AT_HOST = 128,
        NBFT_AT_HFIS = 160,
        NBFT_AT_DISCOVERIES = NBFT_AT_HFIS + NBFT_LIST_MAX * 32,
        NBFT_AT_SUBSYSTEMS = NBFT_AT_DISCOVERIES + NBFT_LIST_MAX * 32,
        NBFT_AT_OBJECTS = NBFT_AT_SUBSYSTEMS + NBFT_LIST_MAX * 128,
};
