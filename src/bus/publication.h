/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Publication: what stafd tells of its discovery controllers and their logs, in the order in which
 * it has changed. Each entry, each discovery controller and what is gone has a number of its own
 * from one counter, the generation of its last change; who asks gets what comes after his. A
 * discovery controller has a greater one than its entries, so it comes last, and finishes what is
 * told of it. Holds no handle and knows no clock. */

#include "model/log_changes.h"

/* What is gone is remembered, up to so many entries and discovery controllers. Who asks from before
 * that is told the whole. */
#define PUBLICATION_GONE_MAX 16384

typedef struct Publication Publication;

/* epoch: of this run, no other has it. page_max: what a page holds. 0 or -ENOMEM. */
int publication_new(uint64_t epoch, size_t page_max, Publication **ret);
Publication *publication_free(Publication *p);
DEFINE_CLEANUP(Publication, publication_free)

/* Between these two all that is to be published is put once, in any order. What has not changed
 * costs a search for its tid; a log whose generation is another one is compared with what is
 * published. Once there is enough for a page the rest is left for the next time: no call of put
 * takes long then. end: what was not put is gone. log may be NULL: it was never read. 0 or -ENOMEM:
 * it stays as it was published before. */
void publication_begin(Publication *p);
int publication_put(Publication *p, const Tid *dc, const char *device, SourceState state,
                    uint64_t generation, const DiscoveryLog *log);
int publication_end(Publication *p, bool complete);

/* Its generations begin anew: its log is compared the next time, whatever that says. */
void publication_renew(Publication *p, const Tid *dc);

/* What has changed since. 0 or -ENOMEM. */
int publication_page(Publication *p, LogCursor at, LogChanges *ret);
