/* SPDX-License-Identifier: Apache-2.0 */

/* Describes a controller as keys and values: first the keys of Python's nvme-stas in its spelling,
 * then our own. */

#include <stdio.h>

#include "base/text.h"
#include "explain/describe.h"
#include "explain/meaning.h"

static const char *python_bool(bool b)
{
        return b ? "True" : "False";
}

int describe_identity(const Tid *t, int instance, Properties *p)
{
        int r = properties_add(p, "traddr", t->traddr);

        if (r >= 0)
                r = properties_add(p, "trsvcid", t->trsvcid);
        if (r >= 0)
                r = properties_add(p, "transport", transport_to_string(t->transport));
        if (r >= 0)
                r = properties_add(p, "subsysnqn", t->subsysnqn);
        if (r >= 0)
                r = properties_add(p, "host-iface", t->host_iface);
        if (r >= 0)
                r = properties_add(p, "host-traddr", t->host_traddr);
        if (r >= 0)
                r = properties_add(p, "host-nqn", t->host_nqn);
        if (r >= 0 && instance >= 0)
                r = properties_addf(p, "device", "nvme%i", instance);
        else if (r >= 0)
                r = properties_add(p, "device", "");
        return r;
}

/* Python's nvme-stas prints its timers as "TOTALs [REMAININGs]" or "TOTALs [off]". */
static int describe_retry(const Explainer *x, const Row *row, Properties *p)
{
        Facts facts = engine_facts(x->engine, row);
        int r = properties_addf(p, "connect attempts", "%u", attempts_count(&row->attempts));

        if (r < 0)
                return r;
        usec_t at = plan_next_connect(&facts);
        if (row->node || at <= x->now)
                return properties_add(p, "retry connect timer", "60.0s [off]");
        return properties_addf(p, "retry connect timer", "60.0s [%.1fs]",
                               (double) (at - x->now) / USEC_PER_SEC);
}

static int describe_log_operation(const Row *row, Properties *p)
{
        return properties_addf(p, "get log page operation",
                               "{'fail count': %u, 'completed': %s, 'alive': %s}",
                               row->log.n_failures, python_bool(row->log.state == SOURCE_COMPLETE),
                               python_bool(row->node != NULL));
}

static int describe_device(const Explainer *x, const Device *device, DeviceState state,
                           Properties *p)
{
        int r = properties_add(p, "hostid", device ? device->host_id : x->host->id);

        if (r >= 0)
                r = properties_add(p, "hostnqn", device ? device->tid->host_nqn : x->host->nqn);
        if (r >= 0)
                r = properties_add(p, "model", device ? device->model : "");
        if (r >= 0)
                r = properties_add(p, "serial", device ? device->serial : "");
        if (r >= 0)
                r = properties_add(p, "dctype", device ? device->dctype : "");
        if (r >= 0)
                r = properties_add(p, "cntrltype", device ? device->cntrltype : "");
        if (r >= 0)
                r = properties_add(p, "connected", python_bool(state == DEVICE_LIVE));
        return r;
}

static int describe_dlpe(const Row *row, Properties *p)
{
        const DlpEntry *dlpe = row_dlpe(row);
        if (!dlpe)
                return 0;

        _cleanup_free_ char *text = dlpe_to_python_string(dlpe);
        if (!text)
                return -ENOMEM;
        int r = properties_add(p, "dlpe", text);
        if (r >= 0)
                r = properties_add(p, "dlpe.eflags.ncc",
                                   python_bool(dlpe->eflags & DLPE_EFLAGS_NCC));
        return r;
}

const char *describe_state(const Row *row, DeviceState state)
{
        if (!row || row->node)
                return device_state_to_string(state);
        return row->op.operation != OPERATION_NONE ? "connecting" : "not connected";
}

static int describe_portal_error(int error, Properties *p)
{
        return properties_addf(p, "last error",
                               probe_is_ours(error) ? "its portal could not be probed: %s"
                                                    : "no answer from its portal: %s",
                               meaning_of_probe_error(error));
}

static int describe_last_connect(const Engine *e, const Row *row, Properties *p)
{
        _cleanup_free_ char *text = meaning_of_connect(e, row, row->attempts.last_error);

        return text ? properties_add(p, "last error", text) : -ENOMEM;
}

static int describe_last_error(const Engine *e, const Row *row, Properties *p)
{
        int portal_error = row_portal_error(row);

        if (portal_error != 0)
                return describe_portal_error(portal_error, p);
        if (row->attempts.last_error != 0 && row->node)
                return properties_add(p, "last error",
                                      meaning_of_disconnect_error(row->attempts.last_error));
        if (row->attempts.last_error != 0)
                return describe_last_connect(e, row, p);
        return row->log.last_error == 0
                       ? 0
                       : properties_add(p, "last error", meaning_of_log_error(row->log.last_error));
}

/* Our own keys: the state of the connection, the reason for it, and the last error. */
static int describe_more(const Explainer *x, const Row *row, DeviceState state, Properties *p)
{
        const Claim *origin = row_origin(row);
        int r = properties_add(p, "state", describe_state(row, state));

        if (r >= 0 && explain_is_empty(x, row_device(row), state))
                r = properties_add(p, "namespaces", "none");
        if (r >= 0)
                r = properties_add(p, "reason", reason_to_string(row->decision.reason));
        if (r >= 0 && origin)
                r = properties_add(p, "source", origin->entry->where);
        return r < 0 ? r : describe_last_error(x->engine, row, p);
}

static int describe_details(const Explainer *x, const Row *row, Properties *p)
{
        const Device *device = row_device(row);
        const Claim *origin = row_origin(row);
        DeviceState state = explain_read_state(x, device);

        int r = describe_retry(x, row, p);
        if (r >= 0 && origin && row->kind == CONTROLLER_DISCOVERY)
                r = properties_add(p, "origin", source_kind_to_string(origin->set->kind));
        if (r >= 0 && row->kind == CONTROLLER_DISCOVERY)
                r = describe_log_operation(row, p);
        if (r >= 0)
                r = describe_device(x, device, state, p);
        if (r >= 0)
                r = describe_dlpe(row, p);
        if (r >= 0)
                r = describe_more(x, row, state, p);
        return r;
}

int describe_controller(const Explainer *x, const Row *row, bool detailed, Properties *p)
{
        int r = describe_identity(row->tid, row->node ? row->node->instance : -1, p);

        return r >= 0 && detailed ? describe_details(x, row, p) : r;
}
