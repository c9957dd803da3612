/* SPDX-License-Identifier: Apache-2.0 */

#include "daemon/firmware.h"

#include <string.h>

#include "base/diagnostics.h"
#include "base/text.h"
#include "daemon/log.h"

/* told: "" or what was logged the last time, one per line. */
static int read_tables(const DaemonType *type, const Nbft *before, const char *told,
                       const Inputs *i, Nbft *ret, char **ret_told)
{
        _cleanup_diagnostics_ Diagnostics d = { 0 };
        _cleanup_text_buffer_ TextBuffer all = { 0 };

        int r = nbft_read(type->paths->root, type->role, i->host,
                          i->configuration->policy.ignore_iface, before, ret, &d);
        if (r < 0)
                return r;
        for (size_t n = 0; n < d.n_items; n++) {
                _cleanup_free_ char *text = diagnostic_to_string(&d.items[n]);
                if (!text)
                        continue;
                text_buffer_printf(&all, "%s\n", text);
                if (!strstr(told, text))
                        log_warning(MESSAGE_FIRMWARE_TABLE_PROBLEM, "%s", text);
        }
        *ret_told = text_buffer_take(&all);
        return 0;
}

/* The administrator cannot fix a table here, so a bad table does not cause a reload to be
 * refused. */
int firmware_load(const DaemonType *type, const Nbft *before, Inputs *i)
{
        return read_tables(type, before, "", i, &i->nbft, &i->nbft_told);
}

void firmware_look_up(Daemon *d)
{
        Inputs *i = &d->inputs;
        char *told;
        Nbft fresh;

        if (!nbft_interfaces_changed(&i->nbft, d->type->paths->root))
                return;
        int r = read_tables(d->type, &i->nbft, text_or(i->nbft_told, ""), i, &fresh, &told);
        if (r >= 0) {
                nbft_done(&i->nbft);
                i->nbft = fresh;
                free(i->nbft_told);
                i->nbft_told = told;
                r = daemon_set_source(d, TAKE_PTR(i->nbft.set));
        }
        if (r < 0)
                log_error(MESSAGE_OUT_OF_MEMORY,
                          "Out of memory: the interfaces of the boot firmware's tables are looked "
                          "up with the next change of a link");
}
