/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Parser for the connections of nvme-stas 3 and nvme-cli 3, /etc/nvme/nvme-stas.conf and its
 * drop-ins (docs/SPECIFICATION.md §3.10). */

#include "base/diagnostics.h"
#include "model/configuration.h"

/* The host NQNs and IDs of the files read so far: each belongs to one file. */
typedef struct ConnectionHosts {
        struct ConnectionHost *items;
        size_t n_items, n_allocated;
} ConnectionHosts;

void connection_hosts_done(ConnectionHosts *h);

/* Applies the text of one file to c, whose role selects the sections: those of the other daemon are
 * skipped in silence. Each controller= of a section becomes a ControllerLine with the settings of
 * line, section and [Host]. The defaults of the main file become those of the policy, where one
 * that contradicts /etc/stas is an error and is not used; those of a drop-in apply to its own
 * controllers only. c->is_partial is set if controllers of the file are not used. Returns 0 or
 * -ENOMEM. */
int connection_file_parse(const char *file, const char *data, size_t n, bool is_drop_in,
                          Configuration *c, ConnectionHosts *hosts, Diagnostics *d);
