/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Publication: what stafd publishes about its discovery controllers and their logs, in the order of
 * change. Each entry, discovery controller and removal has a unique number from one counter, the
 * generation of its last change; a client gets everything after the generation that it names. A
 * discovery controller has a greater generation than its entries, so it comes last and completes
 * its log. Holds no handles and uses no clock. */

#include "model/log_changes.h"

/* Removed entries and discovery controllers that are remembered. A client whose generation is older
 * gets the complete state. */
#define PUBLICATION_GONE_MAX 16384

typedef struct Publication Publication;

/* epoch: unique to this run. page_max: size of a page. 0 or -ENOMEM. */
int publication_new(uint64_t epoch, size_t page_max, Publication **ret);
Publication *publication_free(Publication *p);
DEFINE_CLEANUP(Publication, publication_free)

/* Between begin and end everything to be published is put once, in any order. An unchanged log
 * costs one lookup of its tid; a log whose generation differs is compared with what is published.
 * Once a page is full the rest is left for the next walk, so no call of put takes long. end removes
 * what was not put. log is NULL if it was never read. 0, or -ENOMEM: the published state is
 * unchanged. */
void publication_begin(Publication *p);
int publication_put(Publication *p, const Tid *dc, const char *device, SourceState state,
                    uint64_t generation, const DiscoveryLog *log);
int publication_end(Publication *p, bool complete);

/* The log's generations start again: the log is compared on the next put, whatever its
 * generation. */
void publication_renew(Publication *p, const Tid *dc);

/* The changes since at. 0 or -ENOMEM. */
int publication_page(Publication *p, LogCursor at, LogChanges *ret);
