/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How host names are resolved: nsswitch.conf(5). */

/* text: of the file. The services of its line "hosts", one a line ("files\nresolve\ndns\n"),
 * without what is to be done by their answers; those that the C library takes where there is no
 * such line. The caller frees it; NULL: out of memory. */
char *nsswitch_host_services(const char *text);
