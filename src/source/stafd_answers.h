/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What stafd answers on D-Bus (data/dbus/org.nvmexpress.staf.xml), decoded, checked and bounded. */

#include <systemd/sd-bus.h>

#include "source/stafd_log.h"

/* list_sources(), and list_controllers() of a stafd that has only that: not complete, its logs
 * partial. 0, -EBADMSG (another type of answer) or -ENOMEM. */
int stafd_list_decode(sd_bus_message *m, StafdList *ret);
int stafd_list_decode_controllers(sd_bus_message *m, StafdList *ret);
/* read_log_pages() and get_log_pages(), in the same way. */
int stafd_log_decode(sd_bus_message *m, StafdLog *ret);
int stafd_log_decode_pages(sd_bus_message *m, StafdLog *ret);
/* list_changes(). */
int stafd_changes_decode(sd_bus_message *m, LogChanges *ret);
