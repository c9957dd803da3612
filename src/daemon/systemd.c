/* SPDX-License-Identifier: Apache-2.0 */

/* Asynchronous calls to org.freedesktop.systemd1(5). */

#include "daemon/systemd.h"

#include <string.h>
#include <sys/inotify.h>

#include "base/text.h"
#include "codec/connect_unit.h"
#include "daemon/log.h"

#define OVERRIDE_FILE PKGDATADIR "/" UDEV_RULE

static int call_manager(Daemon *d, const char *method, const char *unit, const char *mode,
                        sd_bus_message_handler_t handler)
{
        if (!d->bus)
                return -ENOTCONN;
        return sd_bus_call_method_async(
                d->bus, NULL, "org.freedesktop.systemd1", "/org/freedesktop/systemd1",
                "org.freedesktop.systemd1.Manager", method, handler, d, "ss", unit, mode);
}

static int on_udev_reloaded(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        const sd_bus_error *e = sd_bus_message_get_error(m);

        if (e)
                log_debug("udev was not notified of its new rules, it will detect them: %s",
                          e->message);
        return 0;
}

/* udev checks for new rules itself, but only if it has not done so in the last three seconds. */
static void reload_udev(Daemon *d)
{
        (void) call_manager(d, "ReloadUnit", "systemd-udevd.service", "fail", on_udev_reloaded);
}

static void override_udev_rule(Daemon *d)
{
        int r = udev_rule_override(UDEV_RUN_RULES, OVERRIDE_FILE);
        if (r < 0)
                log_warning(MESSAGE_UDEV_RULE_FAILED,
                            "Cannot create %s/%s: %s; nvme-cli's udev rule remains in effect",
                            UDEV_RUN_RULES, UDEV_RULE, strerror(-r));
        if (r > 0)
                reload_udev(d);
}

void systemd_restore_udev_rule(Daemon *d)
{
        if (d->udev_rule != UDEV_RULE_OVERRIDABLE)
                return;
        int r = udev_rule_restore(UDEV_RUN_RULES, OVERRIDE_FILE);
        if (r < 0)
                log_warning(MESSAGE_UDEV_RULE_FAILED, "Cannot remove %s/%s: %s", UDEV_RUN_RULES,
                            UDEV_RULE, strerror(-r));
}

/* It changes while stafd runs if nvme-cli is installed, updated or removed, or masked. */
static void find_udev_rule(Daemon *d)
{
        UdevRule rule = udev_rule_find("");

        if (rule == d->udev_rule)
                return;
        if (d->udev_rule == UDEV_RULE_OVERRIDABLE) {
                systemd_restore_udev_rule(d);
                reload_udev(d);
        }
        d->udev_rule = rule;
        if (rule == UDEV_RULE_OVERRIDABLE)
                override_udev_rule(d);
        else if (rule == UDEV_RULE_OF_THIS_HOST)
                log_warning(MESSAGE_UDEV_RULE_OF_THIS_HOST,
                            "/etc/udev/rules.d/%s is in effect beside stafd: it connects what the "
                            "logs of all discovery controllers list, whatever stafd and stacd are "
                            "configured to use",
                            UDEV_RULE);
}

static int on_udev_rules(sd_event_source *s, const struct inotify_event *e, void *userdata)
{
        find_udev_rule(userdata);
        return 0;
}

void systemd_follow_udev_rule(Daemon *d)
{
        static const char *const dirs[] = { UDEV_RULES_DIRS };
        _Static_assert(ELEMENTSOF(dirs) == ELEMENTSOF(d->udev_rule_watches), "one for each");

        if (d->type->role != CONTROLLER_DISCOVERY)
                return;
        for (size_t i = 0; i < ELEMENTSOF(dirs); i++) /* a missing directory has no rule */
                (void) sd_event_add_inotify(d->loop.event, &d->udev_rule_watches[i], dirs[i],
                                            IN_CREATE | IN_CLOSE_WRITE | IN_MOVE | IN_DELETE |
                                                    IN_ONLYDIR,
                                            on_udev_rules, d);
        find_udev_rule(d);
}

/* Logged once, until it works again. */
static void connect_unit_failed(Daemon *d, const char *why)
{
        if (!d->connect_unit_failed)
                log_warning(MESSAGE_CONNECT_UNIT_FAILED,
                            "The log of a discovery controller that another program connected is "
                            "not used: %s",
                            why);
        d->connect_unit_failed = true;
}

/* An administrator who masks the unit has switched it off. */
static void connect_unit_is_masked(Daemon *d)
{
        if (!d->connect_unit_masked)
                log_debug("The logs of discovery controllers that other programs connected are not "
                          "used: nvmf-connect@.service is masked");
        d->connect_unit_masked = true;
}

static int on_connect_unit(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        const sd_bus_error *e = sd_bus_message_get_error(m);
        Daemon *d = userdata;

        if (!e)
                d->connect_unit_failed = d->connect_unit_masked = false;
        else if (sd_bus_error_has_name(e, "org.freedesktop.systemd1.UnitMasked"))
                connect_unit_is_masked(d);
        else if (sd_bus_error_has_name(e, "org.freedesktop.systemd1.NoSuchUnit"))
                connect_unit_failed(d, "no unit nvmf-connect@.service, nvme-cli is not installed");
        else
                connect_unit_failed(d, text_or(e->message, e->name));
        return 0;
}

void systemd_connect_foreign(Daemon *d, const Device *device)
{
        _cleanup_free_ char *unit = NULL;

        if (d->udev_rule != UDEV_RULE_OVERRIDABLE)
                return;
        int r = connect_unit_name(device->instance, device->tid, &unit);
        if (r >= 0) {
                log_debug("Change notification from nvme%i, connected by another program: starting "
                          "%s",
                          device->instance, unit);
                r = call_manager(d, "RestartUnit", unit, "replace", on_connect_unit);
        }
        if (r < 0)
                connect_unit_failed(d, strerror(-r));
}
