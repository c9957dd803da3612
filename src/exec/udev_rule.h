/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The udev rule of nvme-cli 2 connects to everything listed in the log of a discovery controller,
 * whichever program connected to that. While stafd runs, a file of the same name in /run overrides
 * it (udev(7)). That of nvme-cli 3.0 and 3.1 leaves alone what the registry of owners assigns to
 * others; later versions have none. */

#define UDEV_RULE "70-nvmf-autoconnect.rules"
#define UDEV_REGISTRY_RULE "70-nvmf-registry.rules"
#define UDEV_RUN_RULES "/run/udev/rules.d"

/* Directories of rules, strongest first (udev(7)), except for that in /run. */
#define UDEV_RULES_DIRS                                                                            \
        "/etc/udev/rules.d", "/usr/local/lib/udev/rules.d", "/usr/lib/udev/rules.d",               \
                "/lib/udev/rules.d"

typedef enum UdevRule {
        UDEV_RULE_NONE,         /* not installed, or masked in /etc: nothing connects by itself */
        UDEV_RULE_OVERRIDABLE,  /* it connects what any log lists */
        UDEV_RULE_COOPERATIVE,  /* it honours the registry of owners */
        UDEV_RULE_OF_THIS_HOST, /* in /etc, where nothing overrides it */
} UdevRule;

/* Returns which rule is installed below root; "" is the host's own. A rule that cannot be read is
 * assumed to be overridable. */
UdevRule udev_rule_find(const char *root);

/* Creates the link to the file in the directory, which is created if necessary; an existing file of
 * that name is replaced. Returns 1 if created, 0 if it exists already or udev is not installed, or
 * a negative errno. */
int udev_rule_override(const char *rules_dir, const char *target);
/* Removes the link if it is ours. Returns 0 or a negative errno. */
int udev_rule_restore(const char *rules_dir, const char *target);
