/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Decodes and checks stafd's answers on D-Bus (data/dbus/org.nvmexpress.staf.xml), with limits. */

#include <systemd/sd-bus.h>

#include "source/stafd_log.h"

/* Answers of list_sources(), and of list_controllers() for a stafd that has only that: the list is
 * incomplete, its logs partial. Returns 0, -EBADMSG (unexpected type) or -ENOMEM. */
int stafd_list_decode(sd_bus_message *m, StafdList *ret);
int stafd_list_decode_controllers(sd_bus_message *m, StafdList *ret);
/* Same, for read_log_pages() and get_log_pages(). */
int stafd_log_decode(sd_bus_message *m, StafdLog *ret);
int stafd_log_decode_pages(sd_bus_message *m, StafdLog *ret);
/* Same, for list_changes(). */
int stafd_changes_decode(sd_bus_message *m, LogChanges *ret);
