/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* nvme-cli's udev rule connects to everything listed in the log of a discovery controller,
 * whichever program connected to that. While stafd runs, a file of the same name in /run overrides
 * it (udev(7)). */

#define UDEV_RULE "70-nvmf-autoconnect.rules"
#define UDEV_RUN_RULES "/run/udev/rules.d"

/* Creates the link to the file in the directory, which is created if necessary; an existing file of
 * that name is replaced. Returns 1 if created, 0 if it exists already or udev is not installed, or
 * a negative errno. */
int udev_rule_override(const char *rules_dir, const char *target);
/* Removes the link if it is ours. Returns 0 or a negative errno. */
int udev_rule_restore(const char *rules_dir, const char *target);
