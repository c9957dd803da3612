/* SPDX-License-Identifier: Apache-2.0 */

#include "plan/match.h"

#include "base/text.h"

static bool match_address(const Tid *wanted, const Tid *actual)
{
        /* tid_compare_portal() also compares host names and the address of the loop transport. */
        return tid_compare_portal(wanted, actual) == 0;
}

static bool match_nqn(const Tid *wanted, ControllerKind kind, const Device *device)
{
        if (kind == CONTROLLER_DISCOVERY && device->kind == CONTROLLER_DISCOVERY &&
            streq(wanted->subsysnqn, NQN_DISCOVERY))
                return true;

        return streq(wanted->subsysnqn, device->tid->subsysnqn);
}

static bool match_host_nqn(const Tid *wanted, const Tid *actual)
{
        return !*wanted->host_nqn || !*actual->host_nqn ||
               streq(wanted->host_nqn, actual->host_nqn);
}

/* Returns the local address of a connection: the requested one, or the interface's primary one. */
static const Address *local_address(const Tid *t, const Network *network)
{
        if (t->host_address.family != ADDRESS_NONE)
                return &t->host_address;

        const char *interface = tid_interface(t);
        return *interface ? network_primary_address(network, interface, t->address.family) : NULL;
}

/* Kernels before 6.1 report the requested options, not the source address in use. */
static bool match_local_options(const Tid *wanted, const Tid *actual, const Network *network)
{
        const char *interface = tid_interface(wanted), *actual_interface = tid_interface(actual);

        if (*interface && *actual_interface &&
            !network_is_same_interface(network, interface, actual_interface))
                return false;

        const Address *a = local_address(wanted, network), *b = local_address(actual, network);

        return !a || !b || address_compare(a, b) == 0;
}

static bool is_host_address(const Network *network, const Address *a)
{
        for (size_t i = 0; i < network->n_addresses; i++)
                if (address_compare(&network->addresses[i].address, a) == 0)
                        return true;
        return false;
}

/* The kernel reports the interface of a connection that is bound to one; otherwise the source
 * address determines it, unless that address was removed from the host meanwhile, as happens when a
 * link goes down. */
static bool match_interface(const char *interface, const Device *device, const Network *network)
{
        const char *actual = tid_interface(device->tid);
        const Address *source = &device->src_address;

        if (*actual)
                return network_is_same_interface(network, interface, actual);
        if (network_interface_has_address(network, interface, source))
                return true;
        return !is_host_address(network, source) &&
               !network_primary_address(network, interface, source->family);
}

static bool match_local_tcp(const Tid *wanted, const Device *device, const Network *network)
{
        const char *interface = tid_interface(wanted);

        if (device->src_address.family == ADDRESS_NONE)
                return match_local_options(wanted, device->tid, network);

        if (wanted->host_address.family != ADDRESS_NONE &&
            address_compare(&wanted->host_address, &device->src_address) != 0)
                return false;

        return !*interface || match_interface(interface, device, network);
}

/* For fc, only an entry that is not used names no host port: it keeps a connection of any. */
static bool match_host_traddr(const Tid *wanted, const Tid *actual)
{
        return wanted->host_address.family == ADDRESS_NONE ||
               address_compare(&wanted->host_address, &actual->host_address) == 0;
}

bool match_target(const Tid *wanted, ControllerKind kind, const Device *device)
{
        return match_address(wanted, device->tid) && match_nqn(wanted, kind, device) &&
               match_host_nqn(wanted, device->tid);
}

bool match_device(const Tid *wanted, ControllerKind kind, const Device *device,
                  const Network *network)
{
        const Tid *actual = device->tid;

        if (!match_target(wanted, kind, device))
                return false;

        switch (wanted->transport) {
        case TRANSPORT_TCP:
                return match_local_tcp(wanted, device, network);
        case TRANSPORT_RDMA:
        case TRANSPORT_FC:
                return match_host_traddr(wanted, actual);
        case TRANSPORT_LOOP:
        case _TRANSPORT_MAX:
        case _TRANSPORT_INVALID:
                break;
        }
        return true;
}

bool match_must_wait(const Tid *wanted, const Device *device)
{
        const Tid *actual = device->tid;
        bool wants_way = *tid_interface(wanted) || wanted->host_address.family != ADDRESS_NONE;

        return device->source_hidden && wants_way && !*tid_interface(actual) &&
               actual->host_address.family == ADDRESS_NONE;
}

bool match_goes_another_way(const Tid *wanted, const Device *device, const Network *network)
{
        const char *interface = tid_interface(wanted);
        const Address *source = &device->src_address;

        if (source->family == ADDRESS_NONE)
                return false;
        if (wanted->host_address.family != ADDRESS_NONE &&
            address_compare(&wanted->host_address, source) != 0)
                return true;
        return *interface && !*tid_interface(device->tid) && is_host_address(network, source) &&
               !network_interface_has_address(network, interface, source);
}
