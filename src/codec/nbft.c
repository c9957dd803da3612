/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/nbft.h"

#include "base/text.h"
#include "codec/little_endian.h"
#include "model/transport.h"

/* Offsets and lengths as in the figures of the specification. */
enum {
        HEADER_LENGTH = 4,
        HEADER_MAJOR = 8,
        HEADER_HEAP = 36, /* offset, length: 32 bits each */
        HEADER_SIZE = 64,

        CONTROL_HOST = 8,
        CONTROL_HFIS = 16, /* per list: offset (32 bits), item length (16), version, count */
        CONTROL_SUBSYSTEMS = 24,
        CONTROL_SECURITY = 32,
        CONTROL_DISCOVERIES = 40,
        CONTROL_FLAGS = 6,
        CONTROL_SIZE = 64,

        HOST_FLAGS = 1,
        HOST_NQN = 18,
        HOST_SIZE = 32,

        HFI_FLAGS = 2,
        HFI_TRTYPE = 3,
        HFI_TRANSPORT = 16,
        HFI_SIZE = 32,

        HFI_TCP_NAME = 104,
        HFI_TCP_SIZE = 128,

        SUBSYSTEM_FLAGS = 3,
        SUBSYSTEM_TRADDR = 10,
        SUBSYSTEM_TRSVCID = 16,
        SUBSYSTEM_SECONDARY = 48,
        SUBSYSTEM_NQN = 54,
        SUBSYSTEM_EXTENDED = 60,
        SUBSYSTEM_SIZE = 128,
        SUBSYSTEM_HAS_EXTENDED = 1 << 4,

        EXTENDED_ROOT_PATH = 12,
        EXTENDED_SIZE = 18, /* the part that is used */

        SECURITY_FLAGS = 2,
        SECURITY_SIZE = 64,

        DISCOVERY_FLAGS = 1,
        DISCOVERY_INDEX = 2,
        DISCOVERY_HFI = 3,
        DISCOVERY_SECURITY = 4,
        DISCOVERY_URI = 6,
        DISCOVERY_NQN = 12,
        DISCOVERY_SIZE = 32,

        ADDRESS_SIZE = 16,
        FLAG_VALID = 1,
        TRTYPE_TCP = 3,
};

typedef enum StructureId {
        STRUCTURE_CONTROL = 1,
        STRUCTURE_HOST = 2,
        STRUCTURE_HFI = 3,
        STRUCTURE_SUBSYSTEM = 4,
        STRUCTURE_SECURITY = 5,
        STRUCTURE_DISCOVERY = 6,
        STRUCTURE_HFI_TCP = 7,
        STRUCTURE_EXTENDED = 9,
} StructureId;

typedef struct Table {
        const uint8_t *data;
        uint64_t n, heap, heap_end;
        const char *reason; /* the first one found */
} Table;

/* Checks a descriptor of a list. Returns false with the reason set. */
typedef bool (*DescriptorCheck)(Table *t, const uint8_t *descriptor);

typedef struct List {
        size_t control; /* offset of its description in the control descriptor */
        size_t size, flags;
        StructureId id;
        DescriptorCheck check;
        const char *bounds, *wrong_id;
} List;

static bool nbft_fail(Table *t, const char *reason)
{
        t->reason = reason;
        return false;
}

/* Heap. */

static bool object_in_heap(Table *t, const uint8_t *object)
{
        uint64_t offset = get_le32(object), length = get_le16(object + 4);

        if (length == 0 || (offset >= t->heap && offset + length <= t->heap_end))
                return true;
        return nbft_fail(t, "an object is not on the heap");
}

/* The length does not include the NUL at the end, which must be present nevertheless. */
static bool check_string(Table *t, const uint8_t *object, bool may_be_empty)
{
        uint64_t offset = get_le32(object), length = get_le16(object + 4);

        if (!object_in_heap(t, object))
                return false;
        if (length == 0)
                return may_be_empty || nbft_fail(t, "a string is missing");
        if (!memchr(t->data + offset, '\0', (size_t) MIN(length + 1, t->n - offset)))
                return nbft_fail(t, "a string is not terminated");
        return may_be_empty || t->data[offset] != '\0' || nbft_fail(t, "a string is missing");
}

/* Gets a descriptor on the heap. Returns NULL with the reason set. */
static const uint8_t *get_descriptor(Table *t, const uint8_t *object, StructureId id, size_t size)
{
        if (!object_in_heap(t, object))
                return NULL;
        if (get_le16(object + 4) < size) {
                (void) nbft_fail(t, "a descriptor on the heap is too short");
                return NULL;
        }
        const uint8_t *descriptor = t->data + get_le32(object);
        if (descriptor[0] != id) {
                (void) nbft_fail(t, "a descriptor on the heap has the wrong type");
                return NULL;
        }
        return descriptor;
}

/* Descriptors. */

static bool check_hfi(Table *t, const uint8_t *hfi)
{
        if (hfi[HFI_TRTYPE] != TRTYPE_TCP)
                return true;
        const uint8_t *tcp =
                get_descriptor(t, hfi + HFI_TRANSPORT, STRUCTURE_HFI_TCP, HFI_TCP_SIZE);
        return tcp && check_string(t, tcp + HFI_TCP_NAME, true);
}

static bool check_extended(Table *t, const uint8_t *subsystem)
{
        const uint8_t *object = subsystem + SUBSYSTEM_EXTENDED;

        if (!(get_le16(subsystem + SUBSYSTEM_FLAGS) & SUBSYSTEM_HAS_EXTENDED) ||
            get_le16(object + 4) == 0)
                return true;
        const uint8_t *extended = get_descriptor(t, object, STRUCTURE_EXTENDED, EXTENDED_SIZE);
        return extended && check_string(t, extended + EXTENDED_ROOT_PATH, true);
}

static bool check_subsystem(Table *t, const uint8_t *subsystem)
{
        const uint8_t *traddr = subsystem + SUBSYSTEM_TRADDR;

        if (!object_in_heap(t, traddr))
                return false;
        if (get_le16(traddr + 4) != ADDRESS_SIZE)
                return nbft_fail(t, "a subsystem's address has the wrong length");
        return check_string(t, subsystem + SUBSYSTEM_TRSVCID, false) &&
               check_string(t, subsystem + SUBSYSTEM_NQN, false) &&
               object_in_heap(t, subsystem + SUBSYSTEM_SECONDARY) && check_extended(t, subsystem);
}

/* The contents are not used, hence not checked. */
static bool check_security(Table *t, const uint8_t *security)
{
        return true;
}

static bool check_discovery(Table *t, const uint8_t *discovery)
{
        return check_string(t, discovery + DISCOVERY_URI, false) &&
               check_string(t, discovery + DISCOVERY_NQN, true);
}

static bool check_list(Table *t, const List *l, unsigned *ret_n)
{
        const uint8_t *control = t->data + HEADER_SIZE + l->control;
        uint64_t offset = get_le32(control), size = get_le16(control + 4), n = control[7];
        unsigned n_valid = 0;

        /* Readers that treat the list as an array rely on the length. */
        if (n > 0 &&
            (size != l->size || offset < HEADER_SIZE + CONTROL_SIZE || offset + n * size > t->n))
                return nbft_fail(t, l->bounds);
        for (uint64_t i = 0; i < n; i++) {
                const uint8_t *descriptor = t->data + offset + i * size;
                if (!(descriptor[l->flags] & FLAG_VALID))
                        continue;
                if (descriptor[0] != l->id)
                        return nbft_fail(t, l->wrong_id);
                if (!l->check(t, descriptor))
                        return false;
                n_valid++;
        }
        *ret_n = n_valid;
        return true;
}

static bool nbft_check_host(Table *t)
{
        const uint8_t *object = t->data + HEADER_SIZE + CONTROL_HOST;
        uint64_t offset = get_le32(object), length = get_le16(object + 4);

        if (length < HOST_SIZE || offset < HEADER_SIZE + CONTROL_SIZE || offset + HOST_SIZE > t->n)
                return nbft_fail(t, "the host descriptor is outside the table");
        const uint8_t *host = t->data + offset;
        if (host[0] != STRUCTURE_HOST || !(host[HOST_FLAGS] & FLAG_VALID))
                return nbft_fail(t, "the host descriptor is not valid");
        return check_string(t, host + HOST_NQN, false);
}

static bool check_lists(Table *t, NbftSummary *s)
{
        static const List hfis = {
                CONTROL_HFIS,
                HFI_SIZE,
                HFI_FLAGS,
                STRUCTURE_HFI,
                check_hfi,
                "the list of host interfaces is outside the table",
                "a host interface descriptor is not valid",
        };
        static const List subsystems = {
                CONTROL_SUBSYSTEMS,
                SUBSYSTEM_SIZE,
                SUBSYSTEM_FLAGS,
                STRUCTURE_SUBSYSTEM,
                check_subsystem,
                "the list of subsystems is outside the table",
                "a subsystem descriptor is not valid",
        };
        static const List security = {
                CONTROL_SECURITY,
                SECURITY_SIZE,
                SECURITY_FLAGS,
                STRUCTURE_SECURITY,
                check_security,
                "the list of security profiles is outside the table",
                "a security profile descriptor is not valid",
        };
        static const List discoveries = {
                CONTROL_DISCOVERIES,
                DISCOVERY_SIZE,
                DISCOVERY_FLAGS,
                STRUCTURE_DISCOVERY,
                check_discovery,
                "the list of discovery controllers is outside the table",
                "a discovery controller descriptor is not valid",
        };
        unsigned n_security;

        return check_list(t, &hfis, &s->n_hfis) && check_list(t, &security, &n_security) &&
               check_list(t, &discoveries, &s->n_discoveries) &&
               check_list(t, &subsystems, &s->n_subsystems);
}

/* Table. */

static bool check_sum(const uint8_t *data, size_t n)
{
        uint8_t sum = 0;

        for (size_t i = 0; i < n; i++)
                sum = (uint8_t) (sum + data[i]);
        return sum == 0;
}

static bool check_header(Table *t, size_t n)
{
        if (n == 0)
                return nbft_fail(t, "it is empty");
        if (n < HEADER_SIZE + CONTROL_SIZE)
                return nbft_fail(t, "it is too short");
        if (memcmp(t->data, "NBFT", 4) != 0)
                return nbft_fail(t, "it does not begin with NBFT");
        t->n = get_le32(t->data + HEADER_LENGTH);
        if (t->n < HEADER_SIZE + CONTROL_SIZE || t->n > n)
                return nbft_fail(t, "it is cut off, or its length is wrong");
        if (t->n > NBFT_SIZE_MAX)
                return nbft_fail(t, "it is too long");
        if (!check_sum(t->data, (size_t) t->n))
                return nbft_fail(t, "its checksum is wrong");
        if (t->data[HEADER_MAJOR] != 1)
                return nbft_fail(t, "its major revision is not 1");
        t->heap = get_le32(t->data + HEADER_HEAP);
        t->heap_end = t->heap + get_le32(t->data + HEADER_HEAP + 4);
        if (t->heap < HEADER_SIZE + CONTROL_SIZE || t->heap_end > t->n)
                return nbft_fail(t, "its heap is outside the table");
        return true;
}

static bool check_contents(Table *t, NbftSummary *s)
{
        const uint8_t *control = t->data + HEADER_SIZE;

        if (!(control[CONTROL_FLAGS] & FLAG_VALID))
                return nbft_fail(t, "its control descriptor is not marked as valid");
        if (control[0] != STRUCTURE_CONTROL)
                return nbft_fail(t, "its control descriptor is not valid");
        return nbft_check_host(t) && check_lists(t, s);
}

int nbft_check(const uint8_t *data, size_t n, NbftSummary *ret, const char **ret_reason)
{
        Table t = { .data = data };
        NbftSummary s = { 0 };

        if (!check_header(&t, n) || !check_contents(&t, &s)) {
                *ret_reason = t.reason;
                return -EBADMSG;
        }
        s.size = (size_t) t.n;
        *ret = s;
        return 0;
}

/* Discovery controllers. */

static const char *string_at(const uint8_t *data, const uint8_t *object)
{
        return get_le16(object + 4) > 0 ? (const char *) data + get_le32(object) : "";
}

bool nbft_next_discovery(const uint8_t *data, unsigned *position, NbftDiscoveryEntry *ret)
{
        const uint8_t *control = data + HEADER_SIZE + CONTROL_DISCOVERIES;
        const uint8_t *list = data + get_le32(control);

        while (*position < control[7]) {
                const uint8_t *d = list + (size_t) (*position)++ * DISCOVERY_SIZE;
                if (!(d[DISCOVERY_FLAGS] & FLAG_VALID))
                        continue;
                *ret = (NbftDiscoveryEntry) {
                        .index = d[DISCOVERY_INDEX],
                        .hfi = d[DISCOVERY_HFI],
                        .security = d[DISCOVERY_SECURITY],
                        .uri = string_at(data, d + DISCOVERY_URI),
                        .nqn = string_at(data, d + DISCOVERY_NQN),
                };
                return true;
        }
        return false;
}

static int split_port(char *s, const char **ret_port)
{
        if (*s == '\0') {
                *ret_port = "";
                return 0;
        }
        uint64_t port;
        if (*s != ':' || text_to_u64(s + 1, 1, UINT16_MAX, &port) < 0)
                return -EINVAL;
        *s = '\0';
        *ret_port = s + 1;
        return 0;
}

int nbft_uri_split(char *uri, const char **ret_transport, const char **ret_address,
                   const char **ret_port)
{
        const char *scheme = "nvme+tcp://";
        char *address, *end;

        if (strncasecmp(uri, scheme, strlen(scheme)) != 0)
                return -EPROTONOSUPPORT;
        address = uri + strlen(scheme);
        char *path = strchr(address, '/');
        if (path && path[1] != '\0')
                return -EINVAL;
        if (path)
                *path = '\0';

        if (*address == '[') {
                address++;
                end = strchr(address, ']');
                if (!end)
                        return -EINVAL;
                *end++ = '\0';
        } else
                end = address + strcspn(address, ":");
        int r = split_port(end, ret_port);
        if (r < 0)
                return r;
        if (*address == '\0')
                return -EINVAL;
        *ret_transport = transport_to_string(TRANSPORT_TCP);
        *ret_address = address;
        return 0;
}
