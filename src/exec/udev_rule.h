/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* nvme-cli's udev rule connects what the log of a discovery controller names, whoever connected
 * that. While stafd runs, a file of the same name in /run takes its place (udev(7)). */

#define UDEV_RULE "70-nvmf-autoconnect.rules"
#define UDEV_RUN_RULES "/run/udev/rules.d"

/* Makes the link in the folder, which is made if need be, to the file; what stands there goes.
 * 1: made; 0: it is there already, or there is no udev; a negative errno. */
int udev_rule_override(const char *rules_dir, const char *target);
/* Removes the link, if it is ours. 0 or a negative errno. */
int udev_rule_restore(const char *rules_dir, const char *target);
