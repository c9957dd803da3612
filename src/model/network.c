/* SPDX-License-Identifier: Apache-2.0 */

#include "model/network.h"

#include "base/array.h"
#include "base/text.h"

int network_add(Network *n, const char *interface, const Address *address)
{
        size_t length = strlen(interface);
        if (length >= ADDRESS_SCOPE_SIZE)
                return -EINVAL;
        if (ARRAY_RESERVE(n->addresses, n->n_allocated, n->n_addresses + 1) < 0)
                return -ENOMEM;

        NetworkAddress *a = &n->addresses[n->n_addresses++];
        *a = (NetworkAddress) { .address = *address };
        memcpy(a->interface, interface, length + 1);
        return 0;
}

bool network_interface_has_address(const Network *n, const char *interface, const Address *a)
{
        for (size_t i = 0; i < n->n_addresses; i++)
                if (streq(n->addresses[i].interface, interface) &&
                    address_compare(&n->addresses[i].address, a) == 0)
                        return true;
        return false;
}

const Address *network_primary_address(const Network *n, const char *interface, AddressFamily f)
{
        for (size_t i = 0; i < n->n_addresses; i++)
                if (n->addresses[i].address.family == f &&
                    streq(n->addresses[i].interface, interface))
                        return &n->addresses[i].address;
        return NULL;
}

void network_done(Network *n)
{
        free(n->addresses);
        *n = (Network) { 0 };
}
