/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How host names are resolved: nsswitch.conf(5). */

/* text is the contents of the file. Returns the services of its "hosts" line, one per line
 * ("files\nresolve\ndns\n"), without the actions that depend on their results, or the defaults of
 * the C library if there is no such line. The caller must free the result. Returns NULL if out of
 * memory. */
char *nsswitch_host_services(const char *text);
